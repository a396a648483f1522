//! The IPVS table, in the very words of `ipvsadm-save -n`, and the marks that lead to it.
//!
//! The grammar is ipvsadm 1.31's, tried against kernels 6.1 to 6.18: one command a line, IPv6 in
//! brackets, `-6` right after a firewall mark, `-M` only beside `-p` and only where it says
//! something, options in the order in which `-S` prints them.

use std::net::{IpAddr, Ipv4Addr};

use serde::Serialize;

use crate::check::Checked;
use crate::model::{
    Cluster, Endpoint, Family, HostName, Persistence, Protocol, ServiceName, Timeouts, Vip,
    VirtualService, Weight,
};
use crate::source::Located;
use crate::survey::ServiceView;

/// The whole table.
#[derive(Debug, PartialEq, Eq, PartialOrd, Ord, Serialize)]
pub struct IpvsRules<'a> {
    /// `TCP TCP-FIN UDP` in seconds for `ipvsadm --set`, where the model says any.
    pub timeouts: Option<String>,
    /// The services with their real servers, in the order written.
    pub services: Vec<Rule<'a>>,
}

/// One entry of the table: a virtual service on one VIP, or one mark in one address family.
#[derive(Debug, PartialEq, Eq, PartialOrd, Ord, Serialize)]
pub struct Rule<'a> {
    /// The virtual service that it comes from.
    pub service: &'a ServiceName,
    /// How ipvsadm names it: `-t 192.168.10.100:80`.
    pub selector: String,
    /// Scheduler and all that follows it: `-s rr -p 300`.
    pub options: String,
    /// Who answers.
    pub real_servers: Vec<RuleServer<'a>>,
}

/// One real server of an entry.
#[derive(Debug, PartialEq, Eq, PartialOrd, Ord, Serialize)]
pub struct RuleServer<'a> {
    /// The host.
    pub host: &'a HostName,
    /// Its address and port: direct routing keeps the service's port.
    pub destination: String,
    /// Its weight, and its connection thresholds where it has any.
    pub options: String,
}

impl<'a> IpvsRules<'a> {
    pub(super) fn new(checked: &Checked<'a>) -> Self {
        let timeouts = checked.cluster().timeouts;
        let timeouts = timeouts.map(|Located { value: Timeouts { tcp, tcp_fin, udp }, .. }| {
            format!("{tcp} {tcp_fin} {udp}")
        });
        Self { timeouts, services: checked.survey().services.iter().flat_map(rules).collect() }
    }
}

fn rules<'a>(view: &ServiceView<'a>) -> Vec<Rule<'a>> {
    let service = view.service;
    let each = service.vip.iter().map(|vip| {
        let family = vip.family();
        Rule {
            service: &service.name,
            selector: selector(service, vip.value),
            options: options(service, family),
            real_servers: real_servers(view, family),
        }
    });
    each.collect()
}

fn selector(service: &VirtualService, vip: Vip) -> String {
    match &service.endpoint {
        Endpoint::Port(port) => {
            let flag = match service.protocol() {
                Protocol::Tcp => "-t",
                Protocol::Udp => "-u",
                Protocol::Sctp => "--sctp-service",
            };
            format!("{flag} {}", socket(vip.0, port.value))
        }
        Endpoint::Fwmark { mark, .. } => match vip.family() {
            Family::Ipv4 => format!("-f {}", mark.value),
            Family::Ipv6 => format!("-f {} -6", mark.value),
        },
    }
}

fn options(service: &VirtualService, family: Family) -> String {
    let mut words = vec![format!("-s {}", service.scheduler())];
    let persistence = service.persistence.as_ref().map(|persistence| &persistence.value);
    if let Some(Persistence { timeout, netmask, netmask6 }) = persistence {
        words.push(format!("-p {timeout}"));
        match family {
            Family::Ipv4 if *netmask < 32 => {
                let mask = Ipv4Addr::from_bits(u32::MAX << (32 - u32::from(*netmask)));
                words.push(format!("-M {mask}"));
            }
            Family::Ipv6 if *netmask6 < 128 => words.push(format!("-M {netmask6}")),
            Family::Ipv4 | Family::Ipv6 => {}
        }
    }
    if service.one_packet.is_some_and(|asked| asked.value) {
        words.push("-o".to_owned());
    }
    let mut flags: Vec<_> = service.scheduler_flags.iter().map(|flag| flag.value).collect();
    flags.sort_unstable();
    flags.dedup();
    if !flags.is_empty() {
        let flags: Vec<_> = flags.into_iter().map(|flag| flag.as_str()).collect();
        words.push(format!("-b {}", flags.join(",")));
    }
    words.join(" ")
}

fn real_servers<'a>(view: &ServiceView<'a>, family: Family) -> Vec<RuleServer<'a>> {
    let port = match &view.service.endpoint {
        Endpoint::Port(port) => port.value,
        // A mark may stand for many ports: `ipvsadm-save` prints port 0.
        Endpoint::Fwmark { .. } => 0,
    };
    let servers = view.real_servers.iter().filter_map(|(host, told)| {
        let address = host.address(family)?;
        let weight = told.and_then(|told| told.weight).map_or(Weight(1), |weight| weight.value);
        let mut options = format!("-w {}", weight.0);
        if let Some(upper) = told.and_then(|told| told.upper_threshold) {
            options += &format!(" -x {}", upper.value);
        }
        if let Some(lower) = told.and_then(|told| told.lower_threshold) {
            options += &format!(" -y {}", lower.value);
        }
        Some(RuleServer { host: &host.name, destination: socket(address.0, port), options })
    });
    servers.collect()
}

fn socket(address: IpAddr, port: u16) -> String {
    match address {
        IpAddr::V4(address) => format!("{address}:{port}"),
        IpAddr::V6(address) => format!("[{address}]:{port}"),
    }
}

/// The marks of all firewall-mark services.
#[derive(Debug, PartialEq, Eq, PartialOrd, Ord, Serialize)]
pub struct FirewallMarks {
    /// One entry for each VIP of such a service.
    pub marks: Vec<FirewallMark>,
}

/// One mark on one VIP's packets.
#[derive(Debug, PartialEq, Eq, PartialOrd, Ord, Serialize)]
pub struct FirewallMark {
    /// `ip` or `ip6`, as nft calls the family.
    pub family: &'static str,
    /// The VIP.
    pub vip: Vip,
    /// `tcp`, `udp` or `sctp`.
    pub protocol: Protocol,
    /// The ports, joined by `, `; none stands for all.
    pub ports: Option<String>,
    /// The mark.
    pub mark: u32,
}

impl FirewallMarks {
    pub(super) fn new(cluster: &Cluster) -> Self {
        let mut marks = Vec::new();
        for service in &cluster.virtual_services {
            let Endpoint::Fwmark { mark, ports } = &service.endpoint else {
                continue;
            };
            let ports: Vec<String> = ports.iter().map(|port| port.value.to_string()).collect();
            let ports = (!ports.is_empty()).then(|| ports.join(", "));
            marks.extend(service.vip.iter().map(|vip| FirewallMark {
                family: if vip.0.is_ipv4() { "ip" } else { "ip6" },
                vip: vip.value,
                protocol: service.protocol(),
                ports: ports.clone(),
                mark: mark.value,
            }));
        }
        Self { marks }
    }
}
