//! The entries of the directors' tables, with the labels of node_exporter's ipvs collector.

use std::net::{IpAddr, SocketAddr};

use super::promql::Labels;
use crate::ipvs::{Endpoint, Family, Protocol, Scheduler};
use crate::model::{HostName, ServiceName};
use crate::plan::needs::{IpvsRules, ServiceEntry};

/// The labels by which two series are about the same entry of the same table.
pub(super) const KEY: &str =
    "cluster, instance, local_address, local_port, local_mark, proto, remote_address, remote_port";

/// The labels by which two series are about the same service of the same table.
pub(super) const SERVICE_KEY: &str =
    "cluster, instance, service, family, local_address, local_port, local_mark, proto";

/// One entry of the table of one director.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Entry<'a> {
    /// The director.
    pub director: &'a HostName,
    /// The service.
    pub service: &'a ServiceName,
    /// The real server.
    pub backend: &'a HostName,
    /// The entry in the table.
    pub key: Key,
    /// The weight of the model.
    pub weight: u16,
    /// Whether a health check can remove the entry.
    pub checked: bool,
}

/// The labels of an entry. The collector has no labels of SCTP.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Key {
    local_address: String,
    local_port: u16,
    local_mark: String,
    proto: &'static str,
    remote: SocketAddr,
}

impl Key {
    /// The labels of an entry; `None` for SCTP, which the collector does not read.
    pub fn new(endpoint: Endpoint, remote: SocketAddr) -> Option<Self> {
        let (local_address, local_port, local_mark, proto) = match endpoint {
            Endpoint::Socket { protocol, address, port } => {
                let proto = match protocol {
                    Protocol::Tcp => "TCP",
                    Protocol::Udp => "UDP",
                    Protocol::Sctp => return None,
                };
                (address.to_string(), port, String::new(), proto)
            }
            Endpoint::Mark { mark, .. } => (String::new(), 0, format!("{mark:08X}"), "FWM"),
        };
        Some(Self { local_address, local_port, local_mark, proto, remote })
    }

    /// The address family. One mark can have a service in each family.
    pub fn family(&self) -> Family {
        Family::of(self.remote.ip())
    }

    /// Whether another entry is of the same service of the table.
    pub fn is_of_service(&self, other: &Self) -> bool {
        let service = |key: &Self| {
            (key.local_address.clone(), key.local_port, key.local_mark.clone(), key.proto)
        };
        service(self) == service(other) && self.family() == other.family()
    }

    /// Adds the labels of the entry. An empty label is the same as none.
    pub fn label(&self, labels: Labels) -> Labels {
        let address: IpAddr = self.remote.ip();
        let labels = match self.local_address.as_str() {
            "" => labels,
            address => labels.and("local_address", address),
        };
        let labels = labels.and("local_port", self.local_port);
        let labels = match self.local_mark.as_str() {
            "" => labels,
            mark => labels.and("local_mark", mark),
        };
        let labels = labels.and("proto", self.proto).and("remote_address", address);
        labels.and("remote_port", self.remote.port())
    }
}

impl<'a> Entry<'a> {
    /// The entries of a director's table, without those of SCTP.
    pub(super) fn of(director: &'a HostName, rules: &'a IpvsRules<'a>) -> Vec<Self> {
        let each = rules.services.iter().flat_map(|service| {
            let servers = service.real_servers.iter();
            servers.filter_map(move |server| {
                Some(Self {
                    director,
                    service: service.name,
                    backend: server.host,
                    key: Key::new(service.service.endpoint, server.destination.socket())?,
                    weight: server.destination.weight,
                    checked: server.check.is_some(),
                })
            })
        });
        each.collect()
    }
}

/// The entries that a table may have besides: those of sorry servers, and those that only health checks use.
pub(super) fn others(rules: &IpvsRules<'_>) -> Vec<Key> {
    let sorry = rules.services.iter().filter_map(|entry| {
        let endpoint = entry.service.endpoint;
        let address = entry.health.as_ref()?.sorry_server?;
        Key::new(endpoint, SocketAddr::new(address, endpoint.destination_port()))
    });
    let checks = rules.check_services.iter();
    let checks = checks.filter_map(|one| Key::new(one.service.endpoint, one.destination.socket()));
    sorry.chain(checks).collect()
}

/// The services whose real servers have shares by weight. On all VIPs of a service, these must be the same real servers: the shares
/// are those of the whole service.
pub(super) fn by_weight<'a>(rules: &'a IpvsRules<'a>) -> Vec<&'a ServiceName> {
    let mut names: Vec<&ServiceName> = rules.services.iter().map(|entry| entry.name).collect();
    names.dedup();
    let hosts = |entry: &ServiceEntry<'a>| -> Vec<&'a HostName> {
        entry.real_servers.iter().map(|server| server.host).collect()
    };
    names.retain(|name| {
        let mut entries = rules.services.iter().filter(|entry| entry.name == *name);
        let first = entries.clone().next().map(hosts);
        entries.all(|entry| shares_by_weight(entry) && Some(hosts(entry)) == first)
    });
    names
}

/// Whether the scheduler gives each real server a share of the connections by its weight. Other schedulers follow the speed of
/// the servers, or the addresses of the clients.
fn shares_by_weight(entry: &ServiceEntry<'_>) -> bool {
    let mut weights = entry.real_servers.iter().map(|server| server.destination.weight);
    let first = weights.find(|weight| *weight > 0);
    let equal = weights.all(|weight| weight == 0 || Some(weight) == first);
    let by_weight = match entry.service.scheduler {
        Scheduler::Wrr => true,
        // Round robin knows no weights but 0.
        Scheduler::Rr => equal,
        _ => false,
    };
    by_weight && entry.service.persistence.is_none()
}
