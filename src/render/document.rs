//! The documents: files that lvsgen writes from data, without a template.
//!
//! Takes the needs of a mechanism on a host, and the files of the monitoring; gives the text of a document without its banner.

use crate::formats::keepalived::write as keepalived;
use crate::formats::{ipvsadm, netplan};
use crate::ipvs::Family;
use crate::model::{NicKind, OnFailure, Start};
use crate::monitoring::files::{Files, pretty, text};
use crate::plan::needs::{
    CheckService, DRAIN_DIRECTORY, DirectorVips, Failover, IpvsRules, RealServerEntry, ServiceEntry,
};
use crate::plan::{HostPlan, NeedPlan, Values, Vips};
use crate::profile::Document;

/// Writes a document; `None` if no need of the mechanism uses the document.
pub(super) fn document(
    document: Document,
    host: &HostPlan<'_>,
    needs: &[&NeedPlan<'_>],
    monitoring: Option<&Files>,
) -> Option<String> {
    let mut values = needs.iter().map(|plan| &plan.values);
    match document {
        Document::Netplan => values.find_map(|values| match values {
            Values::DirectorVip(DirectorVips { vips, .. }) | Values::RealServerVip(vips) => {
                Some(netplan_of(vips))
            }
            _ => None,
        }),
        Document::Ipvsadm => values.find_map(|values| match values {
            Values::IpvsRules(rules) => Some(table(rules)),
            _ => None,
        }),
        Document::Keepalived => keepalived_of(host, needs),
        Document::Prometheus => monitoring.map(|files| text(&files.configuration)),
        Document::PrometheusRules => monitoring.map(|files| text(&files.rules)),
        Document::NodeTargets => monitoring.map(|files| pretty(&files.nodes)),
        Document::VipTargets => monitoring.map(|files| pretty(&files.vips)),
        Document::DirectTargets => monitoring.map(|files| pretty(&files.direct)),
        Document::Blackbox => monitoring.map(|files| text(&files.modules)),
    }
}

/// The table as commands of ipvsadm.
fn table(rules: &IpvsRules<'_>) -> String {
    let mut lines: Vec<String> = rules.timeouts.into_iter().map(ipvsadm::timeouts).collect();
    for entry in &rules.services {
        lines.push(ipvsadm::service(&entry.service));
        let endpoint = entry.service.endpoint;
        let servers = entry.real_servers.iter();
        lines.extend(servers.map(|server| ipvsadm::destination(endpoint, &server.destination)));
    }
    lines.join("\n") + "\n"
}

/// The VIPs in the format of netplan. Each IPv6 VIP is marked as deprecated, so that the host never uses the VIP as
/// the source address of its own connections.
fn netplan_of(vips: &Vips) -> String {
    let nics = vips.nics.iter().map(|nic| {
        // netplan itself sets up `lo` as an Ethernet device.
        let (section, id) = nic.profile.as_ref().map_or(("ethernets", "lo"), |profile| {
            let section = section(profile.kind);
            let section = section.expect("the profile lists the kinds that netplan has");
            (section, profile.netplan_id.as_str())
        });
        let addresses = nic.vips.iter().map(|vip| netplan::Address {
            net: vip.net(),
            label: vip.label.as_deref(),
            deprecated: !vip.ipv4,
        });
        netplan::Interface { section, id, addresses: addresses.collect() }
    });
    netplan::write(&nics.collect::<Vec<_>>())
}

/// The section of a NIC in a file of netplan.
fn section(kind: NicKind) -> Option<netplan::Section> {
    match kind {
        NicKind::Ethernet => Some("ethernets"),
        NicKind::Bond => Some("bonds"),
        NicKind::Bridge => Some("bridges"),
        NicKind::Vlan => Some("vlans"),
        NicKind::Team => None,
    }
}

/// The configuration of keepalived: the failover, if keepalived also has the VIPs, and the table.
fn keepalived_of(host: &HostPlan<'_>, needs: &[&NeedPlan<'_>]) -> Option<String> {
    let (mut failover, mut rules) = (None, None);
    for plan in needs {
        match &plan.values {
            Values::DirectorVip(vips) => failover = vips.failover.as_ref().map(|one| (one, vips)),
            Values::IpvsRules(values) => rules = Some(values),
            _ => {}
        }
    }
    let version = host.keepalived?;
    let check_services = rules.into_iter().flat_map(|rules| &rules.check_services);
    Some(keepalived::write(&keepalived::Configuration {
        router_id: host.name.as_str(),
        version,
        timeouts: rules.and_then(|rules| rules.timeouts),
        failover: failover.map(|(failover, vips)| failover_of(failover, &vips.vips)),
        drain: rules.filter(|rules| !rules.drain_files.is_empty()).map(|_| DRAIN_DIRECTORY),
        check_services: check_services.map(check_service).collect(),
        services: rules.into_iter().flat_map(|rules| &rules.services).map(virtual_server).collect(),
    }))
}

fn failover_of<'p>(failover: &'p Failover, vips: &'p Vips) -> keepalived::Failover<'p> {
    let instances = failover.instances.iter().map(|instance| {
        let family = instance.family() == Family::Ipv4;
        let own = vips.addresses.iter().filter(|vip| vip.ipv4 == family);
        let own = own.map(|vip| keepalived::Vip {
            address: vip.address,
            interface: &vip.interface,
            label: vip.label.as_deref(),
        });
        let inside = failover.inside.iter().filter(|one| one.address.is_ipv4() == family);
        let inside = inside.map(|one| keepalived::Vip {
            address: one.address,
            interface: &one.interface,
            label: None,
        });
        (instance, own.chain(inside).collect())
    });
    keepalived::Failover {
        group: &failover.group,
        maintenance: failover.maintenance,
        sync: failover.sync.as_deref(),
        interfaces: failover.track_interfaces.iter().map(String::as_str).collect(),
        script: failover.track_script.as_deref(),
        notify: failover.notify.as_deref(),
        instances: instances.collect(),
    }
}

fn check_service<'p>(entry: &'p CheckService<'_>) -> keepalived::CheckServer<'p> {
    keepalived::CheckServer {
        host: entry.host.as_str(),
        service: &entry.service,
        destination: &entry.destination,
    }
}

fn virtual_server<'p>(entry: &'p ServiceEntry<'_>) -> keepalived::VirtualServer<'p> {
    let health = entry.health.as_ref();
    let real_server = |server: &'p RealServerEntry<'_>| keepalived::RealServer {
        host: server.host.as_str(),
        destination: &server.destination,
        check: server.check.as_ref(),
        check_path: server.check_path.as_ref(),
    };
    keepalived::VirtualServer {
        name: entry.name.as_str(),
        service: &entry.service,
        forwarding: entry.forwarding,
        times: health.and_then(|health| health.check.as_ref()).map(|check| check.times),
        starts_up: health.is_none_or(|health| health.start == Start::Up),
        quiesces: health.is_some_and(|health| health.on_failure == OnFailure::Quiesce),
        quorum: health.and_then(|health| health.quorum),
        hysteresis: health.and_then(|health| health.hysteresis),
        sorry_server: health.and_then(|health| health.sorry_server),
        real_servers: entry.real_servers.iter().map(real_server).collect(),
    }
}
