//! The kernel parameters of a host: every parameter of every role, with its value and its reason.
//!
//! Takes the cluster, the roles of a host, its NIC and its VIPs; gives the list of its parameters. The template prints this
//! list, the probes use it for their questions, and the checks use it in their model of the kernel. Only
//! `readback` defines the expected values a second time.

use std::collections::BTreeSet;
use std::fmt;

use serde::Serialize;

use crate::ipvs::Family;
use crate::kernel::{Parameter, conf_key, ipv6_conf_key};
use crate::model::{Cluster, InterfaceName, Role, Vip};
use crate::source::Span;

use super::nics::{NicView, beside};
use super::{Roles, ServiceView};

/// One kernel parameter with its value and its reason.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize)]
pub struct KernelSetting {
    /// The key, in the form of sysctl.d(5).
    pub key: String,
    /// The value.
    pub value: SettingValue,
    /// The kernel's initial value. The undo restores this value, unless the record of the host has an earlier one.
    pub initial: SettingValue,
    /// The reason, as the lines of a comment.
    pub reason: Vec<&'static str>,
    /// The parameter of a NIC whose effective value this setting changes; `None` for a parameter of the whole host.
    #[serde(skip)]
    pub parameter: Option<Parameter>,
    /// The NIC, if the setting is that of one NIC.
    #[serde(skip)]
    pub nic: Option<InterfaceName>,
    /// Whether the setting belongs to the tuning: the cluster works without it.
    #[serde(skip)]
    pub tunes: bool,
    /// The place in the model, if the model contains the setting.
    #[serde(skip)]
    pub written: Option<Span>,
}

impl KernelSetting {
    /// A parameter of the whole host, whose initial value is unknown.
    pub(super) fn of_host(key: &str, value: SettingValue, reason: &[&'static str]) -> Self {
        Self {
            key: key.to_owned(),
            initial: value.clone(),
            value,
            reason: reason.to_vec(),
            parameter: None,
            nic: None,
            tunes: false,
            written: None,
        }
    }
}

/// The value of a kernel parameter.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize)]
#[serde(untagged)]
pub enum SettingValue {
    /// A number.
    Number(i64),
    /// Several numbers, or a name.
    Text(String),
}

impl SettingValue {
    /// The value of a text, with one blank between its parts.
    pub(super) fn of_text(text: &str) -> Self {
        let parts: Vec<&str> = text.split_whitespace().collect();
        match text.trim().parse() {
            Ok(number) => Self::Number(number),
            Err(_) => Self::Text(parts.join(" ")),
        }
    }
}

impl fmt::Display for SettingValue {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Number(number) => number.fmt(f),
            Self::Text(text) => f.write_str(text),
        }
    }
}

/// Gives the settings of a host. A real server without IPv4 VIPs needs no settings: IPv6 has no ARP, and the
/// host never answers on the NIC for an IPv6 VIP on `lo`.
pub(super) fn settings(
    cluster: &Cluster,
    duties: &Duties,
    nics: &[NicView<'_>],
    roles: &Roles,
    vips: &[Vip],
    masqueraded: bool,
) -> Vec<KernelSetting> {
    let mut settings = Vec::new();
    if roles.contains(&Role::Director) {
        // Forwarding comes first: it sets other parameters of the NICs.
        settings.extend(duties.masquerades.iter().map(|family| forwarding(*family)));
        settings.extend(no_redirects(nics));
        let answers = duties.through_vip && vips.iter().any(|vip| vip.family() == Family::Ipv4);
        let answered = beside(cluster, nics, &cluster.real_servers).filter(|_| answers);
        settings.extend(answered.map(|nic| accept_local(nic.name())));
        settings.extend(ipvs(cluster, duties, roles));
    }
    // The drop-in prints the settings in this order: the director's redirects, then the real server's ARP.
    if roles.contains(&Role::RealServer) && vips.iter().any(|vip| vip.family() == Family::Ipv4) {
        settings.extend(no_arp());
    }
    if masqueraded && duties.masquerades.contains(&Family::Ipv6) {
        let near = beside(cluster, nics, &cluster.directors);
        settings.extend(near.map(|nic| no_redirects_taken(nic.name())));
    }
    settings
}

/// The work of the directors that the services ask for.
pub(super) struct Duties {
    /// Whether a real server has a health check.
    pub(super) checks: bool,
    /// Whether IPVS forwards the packets of a check.
    through_vip: bool,
    /// The families in which a real server gets masqueraded packets.
    masquerades: BTreeSet<Family>,
}

impl Duties {
    pub(super) fn of(services: &[ServiceView<'_>]) -> Self {
        let mut duties =
            Self { checks: false, through_vip: false, masquerades: BTreeSet::default() };
        for view in services {
            for check in view.health_checks() {
                duties.checks = true;
                duties.through_vip |= check.goes_through_vip();
            }
            let families = Family::ALL.into_iter().filter(|family| view.masquerades(*family));
            duties.masquerades.extend(families);
        }
        duties
    }
}

fn setting(
    member: &str,
    parameter: Parameter,
    value: i64,
    reason: &[&'static str],
) -> KernelSetting {
    KernelSetting {
        initial: SettingValue::Number(parameter.initial()),
        parameter: Some(parameter),
        ..KernelSetting::of_host(&conf_key(member, parameter), SettingValue::Number(value), reason)
    }
}

fn of_nic(
    nic: &InterfaceName,
    parameter: Parameter,
    value: i64,
    reason: &[&'static str],
) -> KernelSetting {
    KernelSetting { nic: Some(nic.clone()), ..setting(nic.as_str(), parameter, value, reason) }
}

/// The parameters of IPVS. The kernel sets all of them to 0 (`ip_vs_ctl.c`).
fn ipvs(cluster: &Cluster, duties: &Duties, roles: &Roles) -> Vec<KernelSetting> {
    let kept = duties.checks || cluster.failover.is_some();
    let persistent = cluster.virtual_services.iter().any(|service| service.persistence.is_some());
    let syncs = cluster.failover.as_ref().is_some_and(|failover| failover.value.syncs());
    let on = |name: &str, reason: &[&'static str]| KernelSetting {
        initial: SettingValue::Number(0),
        ..KernelSetting::of_host(&format!("net.ipv4.vs.{name}"), SettingValue::Number(1), reason)
    };
    let mut settings = Vec::new();
    if duties.checks {
        settings.push(on(
            "expire_nodest_conn",
            &["End the connections of a real server that left the table. Otherwise, they hang."],
        ));
    }
    if kept && persistent {
        settings.push(on(
            "expire_quiescent_template",
            &["A client leaves a real server with the weight 0, although it is bound to it."],
        ));
    }
    if syncs {
        settings.push(on(
            "sloppy_tcp",
            &["Take over open connections, whose first packets another director has seen."],
        ));
    }
    if syncs && roles.contains(&Role::RealServer) {
        settings.push(on(
            "backup_only",
            &[
                "While another director has the VIPs, deliver its packets to this host's own web server. Otherwise,",
                "this host would balance them again, and send some of them back: a loop.",
            ],
        ));
    }
    if !duties.masquerades.is_empty() {
        settings.push(on(
            "conntrack",
            &[
                "Show masqueraded connections to conntrack. Otherwise, a firewall that forwards only packets of",
                "known connections drops the answers of the real servers.",
            ],
        ));
    }
    settings
}

/// The setting that lets a director forward the answers of masqueraded real servers.
fn forwarding(family: Family) -> KernelSetting {
    let key = match family {
        Family::Ipv4 => "net.ipv4.ip_forward",
        Family::Ipv6 => "net.ipv6.conf.all.forwarding",
    };
    let reason = ["Forward the answers of the masqueraded real servers to the clients."];
    KernelSetting {
        initial: SettingValue::Number(0),
        ..KernelSetting::of_host(key, SettingValue::Number(1), &reason)
    }
}

/// The settings that prevent a real server from answering ARP for the VIPs on its `lo`.
fn no_arp() -> [KernelSetting; 2] {
    [
        setting(
            "all",
            Parameter::ArpIgnore,
            1,
            &[
                "Answer ARP requests only for addresses of the receiving NIC: the VIP is on lo.",
                "The kernel uses the larger of `all` and the NIC's own value, so `all` is enough.",
            ],
        ),
        setting(
            "all",
            Parameter::ArpAnnounce,
            2,
            &[
                "Never use the VIP as the sender of an ARP request. With a value below 2, this host would",
                "name the VIP when it asks for the MAC address of a client that it replies to. The client",
                "would then learn this host's MAC address for the VIP.",
            ],
        ),
    ]
}

/// The setting by which a masqueraded real server keeps sending its IPv6 answers to the director. The kernel of the director
/// has no setting for the redirects that it sends in IPv6 (`net/ipv6/ip6_output.c`, `ip6_forward`), and of the receiver
/// only the NIC's own value counts (`net/ipv6/route.c`, `rt6_do_redirect`).
fn no_redirects_taken(interface: &InterfaceName) -> KernelSetting {
    let reason = [
        "Ignore the director's hint that a client of the same network has a shorter way: an answer that",
        "does not pass the director has the wrong source.",
    ];
    let key = ipv6_conf_key(interface.as_str(), "accept_redirects");
    KernelSetting {
        initial: SettingValue::Number(1),
        ..KernelSetting::of_host(&key, SettingValue::Number(0), &reason)
    }
}

/// The setting that lets a director take the answers to its own health checks. They come from the VIP, which is an address
/// of the director itself. IPv6 needs no setting.
fn accept_local(interface: &InterfaceName) -> KernelSetting {
    of_nic(
        interface,
        Parameter::AcceptLocal,
        1,
        &[
            "Accept the answers to the health checks through the VIP: they come from the VIP, which this",
            "host has too. Otherwise, the kernel drops them, and every real server looks dead.",
        ],
    )
}

/// The settings that prevent a director from sending ICMP redirects.
fn no_redirects(nics: &[NicView<'_>]) -> Vec<KernelSetting> {
    let parameter = Parameter::SendRedirects;
    let mut settings = vec![
        setting(
            "all",
            parameter,
            0,
            &["The kernel sends redirects if `all` OR the NIC's own value is 1: both must be 0."],
        ),
        setting(
            "default",
            parameter,
            0,
            &["The value of NICs that are added later. Existing NICs keep their values."],
        ),
    ];
    // A 0 in `all` does not override a 1 of the NIC: the kernel combines both values with OR (IN_DEV_TX_REDIRECTS).
    let reason = match nics.len() {
        1 => "The NIC that receives the clients' requests and sends them to the real servers.",
        _ => "A NIC that receives requests of clients, or sends them to real servers.",
    };
    settings.extend(nics.iter().map(|nic| of_nic(nic.name(), parameter, 0, &[reason])));
    settings
}
