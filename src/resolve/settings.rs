//! The kernel parameters of a host: every parameter of every role, with its value and its reason.
//!
//! Takes the cluster, the roles of a host, its NIC and its VIPs; gives the list of its parameters. The template prints this
//! list, the probes use it for their questions, and the checks use it in their model of the kernel. Only
//! `readback` defines the expected values a second time.

use serde::Serialize;

use crate::ipvs::Family;
use crate::kernel::{Parameter, conf_key};
use crate::model::{Cluster, InterfaceName, Role, Vip};

use super::{Roles, ServiceView};

/// One kernel parameter with its value and its reason.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize)]
pub struct KernelSetting {
    /// The key, in the form of sysctl.d(5).
    pub key: String,
    /// The value.
    pub value: i64,
    /// The kernel's initial value. The undo restores this value.
    pub initial: i64,
    /// The reason, as the lines of a comment.
    pub reason: Vec<&'static str>,
    /// The parameter of a NIC whose effective value this setting changes; `None` for a parameter of the whole host.
    #[serde(skip)]
    pub parameter: Option<Parameter>,
}

/// Gives the settings of a host. A real server without IPv4 VIPs needs no settings: IPv6 has no ARP, and the
/// host never answers on the NIC for an IPv6 VIP on `lo`.
pub(super) fn settings(
    cluster: &Cluster,
    checks: Checks,
    roles: &Roles,
    interface: &InterfaceName,
    vips: &[Vip],
) -> Vec<KernelSetting> {
    let mut settings = Vec::new();
    if roles.contains(&Role::Director) {
        settings.extend(no_redirects(interface));
        let answers = checks.through_vip && vips.iter().any(|vip| vip.family() == Family::Ipv4);
        settings.extend(answers.then(|| accept_local(interface)));
        settings.extend(ipvs(cluster, checks.any));
    }
    // The drop-in prints the settings in this order: the director's redirects, then the real server's ARP.
    if roles.contains(&Role::RealServer) && vips.iter().any(|vip| vip.family() == Family::Ipv4) {
        settings.extend(no_arp());
    }
    settings
}

/// The health checks of a cluster.
#[derive(Clone, Copy)]
pub(super) struct Checks {
    /// Whether a real server has a check.
    pub(super) any: bool,
    /// Whether IPVS forwards the packets of a check.
    pub(super) through_vip: bool,
}

impl Checks {
    pub(super) fn of(services: &[ServiceView<'_>]) -> Self {
        let each = services.iter().flat_map(|view| {
            view.real_servers.iter().filter_map(|(_, entry)| view.health_check(*entry))
        });
        let mut this = Self { any: false, through_vip: false };
        for check in each {
            this.any = true;
            this.through_vip |= check.goes_through_vip();
        }
        this
    }
}

fn setting(
    member: &str,
    parameter: Parameter,
    value: i64,
    reason: &[&'static str],
) -> KernelSetting {
    let (key, initial) = (conf_key(member, parameter), parameter.initial());
    KernelSetting { key, value, initial, reason: reason.to_vec(), parameter: Some(parameter) }
}

/// The parameters of IPVS. The kernel sets all of them to 0 (`ip_vs_ctl.c`).
fn ipvs(cluster: &Cluster, checks: bool) -> Vec<KernelSetting> {
    let kept = checks || cluster.failover.is_some();
    let persistent = cluster.virtual_services.iter().any(|service| service.persistence.is_some());
    let syncs = cluster.failover.as_ref().is_some_and(|failover| failover.value.syncs());
    let on = |name: &str, reason: &[&'static str]| KernelSetting {
        key: format!("net.ipv4.vs.{name}"),
        value: 1,
        initial: 0,
        reason: reason.to_vec(),
        parameter: None,
    };
    let mut settings = Vec::new();
    if checks {
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
    settings
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

/// The setting that lets a director take the answers to its own health checks. They come from the VIP, which is an address
/// of the director itself. IPv6 needs no setting.
fn accept_local(interface: &InterfaceName) -> KernelSetting {
    setting(
        interface.as_str(),
        Parameter::AcceptLocal,
        1,
        &[
            "Accept the answers to the health checks through the VIP: they come from the VIP, which this",
            "host has too. Otherwise, the kernel drops them, and every real server looks dead.",
        ],
    )
}

/// The settings that prevent a director from sending ICMP redirects.
fn no_redirects(interface: &InterfaceName) -> [KernelSetting; 3] {
    let parameter = Parameter::SendRedirects;
    [
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
        setting(
            // A 0 in `all` does not override a 1 of the NIC: the kernel combines both values with OR
            // (IN_DEV_TX_REDIRECTS).
            interface.as_str(),
            parameter,
            0,
            &["The NIC that receives the clients' requests and sends them to the real servers."],
        ),
    ]
}
