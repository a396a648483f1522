//! `ipvs_rules`: the IPVS table.

use serde::Serialize;

use crate::check::Checked;
use crate::ipvs::{Affinity, Destination, Family, Forwarding, Service, Timeouts};
use crate::model::{Host, HostName, ServiceName, ServiceServer, Vip, VirtualService};
use crate::plan::{Detail, Probe};
use crate::resolve::ServiceView;

/// The whole table.
#[derive(Debug, PartialEq, Eq, PartialOrd, Ord, Serialize)]
pub struct IpvsRules<'a> {
    /// The timeouts of the connection table, if the model sets them.
    pub timeouts: Option<Timeouts>,
    /// The services with their real servers, in the order of the model.
    pub services: Vec<ServiceEntry<'a>>,
}

/// One service of the table: a virtual service on one VIP, or one mark in one address family.
#[derive(Debug, PartialEq, Eq, PartialOrd, Ord, Serialize)]
pub struct ServiceEntry<'a> {
    /// The name of the virtual service in the model.
    pub name: &'a ServiceName,
    /// The service.
    #[serde(flatten)]
    pub service: Service,
    /// Its real servers.
    pub real_servers: Vec<RealServerEntry<'a>>,
}

/// One real server of a service.
#[derive(Debug, PartialEq, Eq, PartialOrd, Ord, Serialize)]
pub struct RealServerEntry<'a> {
    /// The host.
    pub host: &'a HostName,
    /// Its entry in the table.
    #[serde(flatten)]
    pub destination: Destination,
}

impl<'a> IpvsRules<'a> {
    pub(super) fn new(checked: &Checked<'a>) -> Self {
        let timeouts = checked.cluster().timeouts.map(|timeouts| timeouts.value);
        let services = checked
            .resolved()
            .services
            .iter()
            .flat_map(|view| view.service.vips.iter().map(|vip| entry(view, vip.value)));
        Self { timeouts, services: services.collect() }
    }

    pub(super) fn details(&self) -> Vec<Detail> {
        self.timeouts.into_iter().map(Detail::Timeouts).collect()
    }

    pub(super) fn probes(&self) -> Vec<Probe> {
        let services = self.services.iter().map(|entry| {
            let servers = entry.real_servers.iter();
            let servers = servers.map(|server| (server.host.clone(), server.destination));
            (entry.service.clone(), servers.collect())
        });
        vec![Probe::Table { timeouts: self.timeouts, services: services.collect() }]
    }
}

fn entry<'a>(view: &ServiceView<'a>, vip: Vip) -> ServiceEntry<'a> {
    let service = service(view.service, vip);
    let port = service.endpoint.destination_port();
    let servers = view.real_servers.iter().filter_map(|(host, entry)| {
        let destination = destination(host, *entry, vip.family(), port)?;
        Some(RealServerEntry { host: &host.name, destination })
    });
    ServiceEntry { name: &view.service.name, real_servers: servers.collect(), service }
}

fn service(service: &VirtualService, vip: Vip) -> Service {
    let persistence = service.persistence.as_ref().map(|persistence| Affinity {
        timeout: persistence.timeout,
        prefix: match vip.family() {
            Family::Ipv4 => persistence.netmask,
            Family::Ipv6 => persistence.netmask6,
        },
    });
    let mut scheduler_flags: Vec<_> =
        service.scheduler_flags.iter().map(|flag| flag.value).collect();
    scheduler_flags.sort_unstable();
    scheduler_flags.dedup();
    Service {
        endpoint: service.endpoint(vip),
        scheduler: service.scheduler(),
        scheduler_flags,
        persistence,
        one_packet: service.one_packet.is_some_and(|asked| asked.value),
    }
}

/// The entry of a real server; `None` if the real server has no address of the VIP's family.
fn destination(
    host: &Host,
    entry: Option<&ServiceServer>,
    family: Family,
    port: u16,
) -> Option<Destination> {
    Some(Destination {
        address: host.address(family)?.0,
        // Direct routing does not change the port of a packet.
        port,
        forwarding: Forwarding::Direct,
        weight: entry.and_then(|entry| entry.weight).map_or(1, |weight| weight.0),
        upper_threshold: entry.and_then(|entry| entry.upper_threshold).map(|one| one.value),
        lower_threshold: entry.and_then(|entry| entry.lower_threshold).map(|one| one.value),
    })
}
