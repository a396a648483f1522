//! The values of a need, for people. The JSON form of `lvsgen plan` has the values that templates read.
//!
//! Takes the values; gives lines.

use crate::diff::meaning;
use crate::ipvs::{Affinity, Destination};
use crate::plan::needs::{KernelSettings, PacketRules, ServiceEntry, TunnelDevices};
use crate::plan::{Values, Vips};

/// The lines of a need.
pub(super) fn lines(values: &Values<'_>) -> Vec<String> {
    let own = match values {
        // The details of these needs are a part of their lines.
        Values::KernelSettings(settings) => return kernel_settings(settings),
        Values::Firewall(firewall) => {
            return firewall.openings.iter().map(|one| format!("open {}", one.opening)).collect();
        }
        Values::DirectorVip(director) => vips(&director.vips),
        Values::RealServerVip(all) => vips(all),
        Values::IpvsModules(modules) => vec![format!("modules: {}", modules.modules.join(", "))],
        Values::IpvsRules(rules) => rules.services.iter().flat_map(service).collect(),
        Values::PacketRules(rules) => packet_rules(rules),
        Values::TunnelDevice(tunnels) => devices(tunnels),
        _ => Vec::new(),
    };
    let details = values.details();
    let details = details.iter().map(|detail| {
        let (name, value) = meaning::detail(detail);
        format!("{name}: {value}")
    });
    own.into_iter().chain(details).collect()
}

fn kernel_settings(settings: &KernelSettings) -> Vec<String> {
    let each = settings.settings.iter().flat_map(|setting| {
        let value = format!("{} = {}", setting.key, setting.value);
        std::iter::once(value).chain(setting.reason.iter().map(|line| format!("  {line}")))
    });
    each.collect()
}

fn vips(vips: &Vips) -> Vec<String> {
    let each = vips.addresses.iter().map(|vip| {
        let label = vip.label.as_ref().map(|label| format!(", label {label}"));
        format!("VIP {} on {}{}", vip.cidr, vip.interface, label.unwrap_or_default())
    });
    each.collect()
}

fn service(entry: &ServiceEntry<'_>) -> Vec<String> {
    let endpoint = meaning::endpoint(entry.service.endpoint);
    let service = &entry.service;
    let flags: Vec<String> = service.scheduler_flags.iter().map(ToString::to_string).collect();
    let flags = (!flags.is_empty()).then(|| format!(" ({})", flags.join(", ")));
    let persistence = service.persistence.map(|Affinity { timeout, .. }| {
        let clients = service.client_prefix().map(|prefix| format!(" for each /{prefix}"));
        format!(", persistence {timeout} s{}", clients.unwrap_or_default())
    });
    let one_packet = if service.one_packet { ", each datagram by itself" } else { "" };
    let (flags, persistence) = (flags.unwrap_or_default(), persistence.unwrap_or_default());
    let mut lines = vec![format!(
        "{}: {endpoint}, {}{flags}{persistence}{one_packet}",
        entry.name, service.scheduler
    )];
    lines.extend(entry.real_servers.iter().map(|server| {
        let Destination { forwarding, weight, upper_threshold, lower_threshold, .. } =
            server.destination;
        let limit = upper_threshold.map(|most| format!(", at most {most} connections"));
        let again = lower_threshold.map(|least| format!(", new ones again below {least}"));
        let limits = limit.unwrap_or_default() + &again.unwrap_or_default();
        let socket = server.destination.socket();
        // The port of a packet with a mark stays as it is.
        let socket = match socket.port() {
            0 => socket.ip().to_string(),
            _ => socket.to_string(),
        };
        format!("  {} {socket}, {forwarding}, weight {weight}{limits}", server.host)
    }));
    lines
}

fn packet_rules(rules: &PacketRules) -> Vec<String> {
    let untracked = rules.untracked.iter().map(|packets| format!("not tracked: {packets}"));
    let limits = rules.limits.iter().map(|limit| {
        format!("largest TCP segment of packets to {}: {} bytes", limit.vip, limit.segment)
    });
    untracked.chain(limits).collect()
}

fn devices(tunnels: &TunnelDevices) -> Vec<String> {
    let each = tunnels.devices.iter().map(|one| {
        let address = one.address.map(|address| format!(", address {address}"));
        format!("{} of the module {}{}", one.device, one.module, address.unwrap_or_default())
    });
    each.collect()
}
