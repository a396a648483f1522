//! The English text of statements: effects, details, services.

use std::net::SocketAddr;

use super::health;
use crate::ipvs::{Affinity, Endpoint, Family, Protocol, Service, Timeouts};
use crate::plan::Detail;
use crate::profile::Effect;
use crate::vrrp::Password;

/// The name of a service for people: `192.168.10.100:80 (TCP)`.
pub fn endpoint(endpoint: Endpoint) -> String {
    match endpoint {
        Endpoint::Socket { protocol, address, port } => {
            let protocol = match protocol {
                Protocol::Tcp => "TCP",
                Protocol::Udp => "UDP",
                Protocol::Sctp => "SCTP",
            };
            format!("{} ({protocol})", SocketAddr::new(address, port))
        }
        Endpoint::Mark { mark, family } => format!("mark {mark} ({family})"),
    }
}

/// The persistence of a service: its timeout, or `none`.
pub(super) fn persistence(persistence: Option<Affinity>) -> String {
    persistence.map_or_else(|| "none".to_owned(), |affinity| affinity.timeout.to_string())
}

/// The prefix length of the addresses that count as one client, or `none` if each address is a client.
pub(super) fn netmask(service: &Service) -> String {
    service.client_prefix().map_or_else(|| "none".to_owned(), |prefix| format!("/{prefix}"))
}

/// The flags of a service's scheduler.
pub(super) fn flags(service: &Service) -> String {
    match service.scheduler_flags.as_slice() {
        [] => "none".to_owned(),
        flags => flags.iter().map(|flag| flag.as_str()).collect::<Vec<_>>().join(","),
    }
}

/// The text of an option without a value: `yes` if the option is set, or else `none`.
pub(super) fn yes(asked: bool) -> String {
    if asked { "yes" } else { "none" }.to_owned()
}

/// A detail in two parts: its name, and its value.
pub fn detail(detail: &Detail) -> (String, String) {
    let name = match detail {
        Detail::PageTitle(_) => "title of the page",
        Detail::PagesDirectory(_) => "directory of the shared pages",
        Detail::Export(_) => "export",
        Detail::ExportClients(_) => "clients of the export",
        Detail::ExportOptions(_) => "options of the export",
        Detail::SharedPageTitle(_) => "title of the shared page",
        Detail::Mount { .. } => "mount",
        Detail::MountOptions(_) => "options of the mount",
        Detail::Mark { vip, mark, .. } => {
            return (format!("protocol and ports of mark {mark} for {vip}"), value(detail));
        }
        Detail::Timeouts(_) => "timeouts (tcp, tcp_fin, udp)",
        Detail::VirtualRouter { .. } => "VRRP",
        Detail::Password(_) => "VRRP password",
        Detail::Priority(_) => "VRRP priority",
        Detail::Sync => "shared connections",
        Detail::Alertmanagers(_) => "Alertmanagers",
        Detail::Inside(_) => "addresses for the answers of real servers",
        Detail::Tracked(_) => "tracked interfaces and scripts",
        Detail::Notify(_) => "notify script",
        Detail::Health { service, .. } => {
            return (format!("health check of {service}"), value(detail));
        }
        Detail::OwnCheck { service, host, .. } => {
            return (format!("health check of {host} for {service}"), value(detail));
        }
        Detail::Opening(opening) => return (format!("firewall, {opening}"), value(detail)),
        Detail::ReturnRoute(gateway) => {
            let family = Family::of(*gateway);
            return (format!("{family} route of the answers"), value(detail));
        }
        Detail::WebPorts { .. } => "ports of the web server",
        Detail::NicAddresses { nic, .. } => {
            return (format!("addresses of {nic}"), value(detail));
        }
        Detail::NicGateways { nic, .. } => return (format!("gateways of {nic}"), value(detail)),
        Detail::NicNameServers { nic, .. } => {
            return (format!("name servers of {nic}"), value(detail));
        }
        Detail::Setting { key, .. } => return (key.clone(), value(detail)),
        Detail::ModuleOption { option, .. } => {
            return (format!("{option} of ip_vs"), value(detail));
        }
        Detail::Queues { .. } => "queues of the network cards",
    };
    (name.to_owned(), value(detail))
}

fn value(detail: &Detail) -> String {
    match detail {
        Detail::PageTitle(text)
        | Detail::PagesDirectory(text)
        | Detail::Export(text)
        | Detail::ExportOptions(text)
        | Detail::SharedPageTitle(text)
        | Detail::Notify(text)
        | Detail::MountOptions(text) => text.clone(),
        Detail::ExportClients(list)
        | Detail::Alertmanagers(list)
        | Detail::NicAddresses { addresses: list, .. }
        | Detail::NicGateways { gateways: list, .. }
        | Detail::NicNameServers { servers: list, .. }
        | Detail::Inside(list)
        | Detail::Tracked(list) => listed(list),
        Detail::WebPorts { ports, certificate } => {
            let ports: Vec<String> = ports.iter().map(ToString::to_string).collect();
            let tls = certificate.as_ref().map(|path| format!(", and 443 with {path}"));
            format!("{}{}", ports.join(", "), tls.unwrap_or_default())
        }
        Detail::Mount { share, directory } => format!("{share} on {directory}"),
        Detail::Mark { protocol, ports, .. } if ports.is_empty() => format!("{protocol} all ports"),
        Detail::Mark { protocol, ports, .. } => {
            let ports: Vec<String> = ports.iter().map(ToString::to_string).collect();
            format!("{protocol} {}", ports.join(", "))
        }
        Detail::Timeouts(Timeouts { tcp, tcp_fin, udp }) => format!("{tcp} {tcp_fin} {udp}"),
        Detail::VirtualRouter { id, interval, preempts, unicast } => {
            let way = if *unicast { "unicast" } else { "multicast" };
            let preempts = if *preempts { ", preempts" } else { "" };
            format!("ID {id}, {way} every {interval} s{preempts}")
        }
        Detail::Sync => "yes".to_owned(),
        Detail::Opening(_) => "open".to_owned(),
        Detail::Password(Password::Secret(name)) => format!("the secret {name}"),
        Detail::Password(Password::InClearText) => "in clear text".to_owned(),
        Detail::Priority(priority) => priority.to_string(),
        Detail::ReturnRoute(gateway) => gateway.to_string(),
        Detail::Setting { value, .. } => value.clone(),
        Detail::ModuleOption { value, .. } => value.to_string(),
        Detail::Queues { nics, count, steered } => {
            let count = if *count == 0 { "auto".to_owned() } else { count.to_string() };
            let steered = if *steered { ", with RPS" } else { "" };
            format!("{count} on {nics}{steered}")
        }
        Detail::Health { health, .. } => health::service(health),
        Detail::OwnCheck { check, .. } => check.as_ref().map_or("none".to_owned(), health::check),
    }
}

fn listed(list: &[String]) -> String {
    if list.is_empty() { "none".to_owned() } else { list.join(", ") }
}

/// The effect of a change that makes a director drop the advertisements of the others.
const SEVERAL: &str = "until every director has the change, several directors hold the VIPs";

/// The effect of a new value on traffic. The commands that apply the value may have more effects.
pub(super) fn detail_traffic(old: Option<&Detail>, new: Option<&Detail>) -> Option<&'static str> {
    match (old, new) {
        (
            Some(Detail::VirtualRouter { id: old, unicast: before, .. }),
            Some(Detail::VirtualRouter { id: new, unicast: after, .. }),
        ) if (old, before) != (new, after) => Some(SEVERAL),
        // A director that asks for another password drops the advertisements of the others.
        (Some(Detail::Password(_)), _) | (_, Some(Detail::Password(_))) => Some(SEVERAL),
        (_, Some(Detail::ModuleOption { .. })) => {
            Some("the kernel reads the option when it loads the module: at the next boot")
        }
        (_, Some(Detail::Export(_))) => {
            Some("the server no longer answers mounts of the old directory")
        }
        (_, Some(Detail::ExportClients(_))) => {
            Some("hosts that are no longer in the list lose the export")
        }
        _ => None,
    }
}

/// The effect of a command on traffic.
pub(super) fn effect(effect: Effect) -> &'static str {
    match effect {
        Effect::RemountsShare => "the host has no shared pages until they are mounted again",
        Effect::BreaksRequests => "requests in progress are aborted",
        Effect::FinishesRequests => "requests in progress are finished",
        Effect::SetsUpNic => "the NIC is set up again: packets are delayed until then",
    }
}
