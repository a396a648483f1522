//! The English text of statements: effects, details, services.

use std::net::SocketAddr;

use crate::ipvs::{Affinity, Endpoint, Protocol, Service, Timeouts};
use crate::plan::Detail;
use crate::profile::Effect;

/// A service as people name it: `192.168.10.100:80 (TCP)`.
pub(super) fn endpoint(endpoint: Endpoint) -> String {
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

/// The persistence of a service: its timeout, and its prefix where it joins several addresses.
pub(super) fn persistence(persistence: Option<Affinity>) -> String {
    persistence.map_or_else(|| "none".to_owned(), |affinity| affinity.timeout.to_string())
}

/// The prefix length of the addresses that count as one client.
pub(super) fn netmask(service: &Service) -> String {
    let whole = service.endpoint.family().host_prefix();
    match service.persistence {
        Some(Affinity { prefix, .. }) if prefix < whole => format!("/{prefix}"),
        _ => "none".to_owned(),
    }
}

/// The flags of a service's scheduler.
pub(super) fn flags(service: &Service) -> String {
    match service.scheduler_flags.as_slice() {
        [] => "none".to_owned(),
        flags => flags.iter().map(|flag| flag.as_str()).collect::<Vec<_>>().join(","),
    }
}

/// Yes or none.
pub(super) fn yes(asked: bool) -> String {
    if asked { "yes" } else { "none" }.to_owned()
}

/// A detail in two parts: its name, and its value.
pub(super) fn detail(detail: &Detail) -> (String, String) {
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
            return (format!("packets to {vip} with mark {mark}"), value(detail));
        }
        Detail::Timeouts(_) => "timeouts (tcp, tcp_fin, udp)",
        Detail::NicAddresses(_) => "addresses of the NIC",
        Detail::NicGateways(_) => "gateways of the NIC",
        Detail::NicNameServers(_) => "name servers of the NIC",
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
        | Detail::MountOptions(text) => text.clone(),
        Detail::ExportClients(list)
        | Detail::NicAddresses(list)
        | Detail::NicGateways(list)
        | Detail::NicNameServers(list) => list.join(", "),
        Detail::Mount { share, directory } => format!("{share} on {directory}"),
        Detail::Mark { protocol, ports, .. } if ports.is_empty() => format!("{protocol} all ports"),
        Detail::Mark { protocol, ports, .. } => {
            let ports: Vec<String> = ports.iter().map(ToString::to_string).collect();
            format!("{protocol} {}", ports.join(", "))
        }
        Detail::Timeouts(Timeouts { tcp, tcp_fin, udp }) => format!("{tcp} {tcp_fin} {udp}"),
    }
}

/// The effect of another value on traffic, apart from the effect of applying it.
pub(super) fn detail_traffic(old: Option<&Detail>, new: Option<&Detail>) -> Option<&'static str> {
    match (old, new) {
        (_, Some(Detail::Export(_))) => Some("mounts of the old directory stop answering"),
        (_, Some(Detail::ExportClients(_))) => Some("hosts that are no longer listed lose it"),
        // ipvsadm(8), `--set`: no command takes it back.
        (Some(Detail::Timeouts(_)), None) => {
            Some("the kernel keeps the old values until IPVS is loaded again")
        }
        _ => None,
    }
}

/// The effect of a command on traffic.
pub(super) fn effect(effect: Effect) -> &'static str {
    match effect {
        // ipvsadm-restore(8) begins with `-C`. The kernel keeps destinations that are still in use in its
        // trash, and takes them out again when they come back (ip_vs_trash_get_dest).
        Effect::RefillsTable => {
            "the table is emptied and filled again: open connections stay with their real servers, \
             a connection that begins in that moment may be refused"
        }
        Effect::RemountsShare => "the host has no shared pages until they are mounted again",
        Effect::BreaksRequests => "requests that are under way break off",
        Effect::FinishesRequests => "requests that are under way are finished",
        Effect::ReaddsVips => {
            "the VIPs leave the interface and come back: packets to them are lost in that moment"
        }
        Effect::SetsUpNic => "the NIC is set up again: packets wait for it",
    }
}
