//! One virtual service: its real servers, and the way in which packets reach each of them.
//!
//! `resolve` makes the views from the model. Gives answers about a service as a whole, and about one of its hosts.

use std::collections::BTreeMap;
use std::net::IpAddr;

use crate::ipvs::{Family, Forwarding, PortRange};
use crate::model::{
    Cluster, Health, HealthCheck, Host, HostName, ServiceServer, Vip, VirtualService,
};

/// One virtual service and its real servers.
#[derive(Debug)]
pub struct ServiceView<'a> {
    cluster: &'a Cluster,
    /// The service.
    pub service: &'a VirtualService,
    /// The real servers in the order of the model, each with its entry in the service's list, if any.
    pub real_servers: Vec<(&'a Host, Option<&'a ServiceServer>)>,
    /// The host that answers while the service has lost its quorum. `None` also for an address outside of the model.
    pub sorry_server: Option<&'a Host>,
    /// The ports of HTTP on which the answers of all its real servers name their node.
    pub(super) node_ports: Vec<u16>,
    /// The health check of the service, or of the cluster.
    health: Option<&'a Health>,
    /// The entry of each real server. Each host of a large cluster asks for its own.
    entries: BTreeMap<&'a HostName, Option<&'a ServiceServer>>,
}

impl<'a> ServiceView<'a> {
    /// The view of a service with these real servers.
    pub(super) fn new(
        cluster: &'a Cluster,
        service: &'a VirtualService,
        real_servers: Vec<(&'a Host, Option<&'a ServiceServer>)>,
        sorry_server: Option<&'a Host>,
        health: Option<&'a Health>,
    ) -> Self {
        // A list that names a host twice is an error; the first entry counts.
        let entries = real_servers.iter().rev().map(|(host, entry)| (&host.name.value, *entry));
        let entries = entries.collect();
        let node_ports = Vec::new();
        Self { cluster, service, real_servers, sorry_server, node_ports, health, entries }
    }

    /// The address of a host in the tables of the directors; `None` also for a host that does not answer requests to the service.
    pub fn server_address(&self, host: &Host, family: Family) -> Option<IpAddr> {
        let nic = self.cluster.server_nic(host, family, self.way_to(host)?)?;
        Some(nic.address(family)?.0)
    }

    /// The address of a director from which its packets to a host come: checks and tunnels. `None` also for a host that does not
    /// answer requests to the service.
    pub fn director_address(
        &self,
        director: &Host,
        server: &Host,
        family: Family,
    ) -> Option<IpAddr> {
        let way = self.way_to(server)?;
        Some(self.cluster.director_address(director, server, family, way)?.0)
    }

    /// The health check of a real server: its own, that of the service, or that of the cluster.
    pub fn health_check(&self, entry: Option<&'a ServiceServer>) -> Option<&'a HealthCheck> {
        let own = entry.and_then(|entry| entry.health.as_ref()).map(|health| &health.value);
        own.or(self.health)?.check()
    }

    /// The health checks of the real servers that have one.
    pub fn health_checks(&self) -> impl Iterator<Item = &'a HealthCheck> {
        self.real_servers.iter().filter_map(|(_, entry)| self.health_check(*entry))
    }

    /// Whether a real server of the service has a health check.
    pub fn is_checked(&self) -> bool {
        self.health_checks().next().is_some()
    }

    /// The hosts that answer requests to the service, each with its entry in the service's list, if any: the real servers,
    /// and the sorry server.
    pub fn answering(&self) -> impl Iterator<Item = (&'a Host, Option<&'a ServiceServer>)> {
        self.real_servers.iter().copied().chain(self.sorry_server.map(|host| (host, None)))
    }

    /// The entry of a host in the service's list, if the service has a list; `None` if the host does not answer requests to the
    /// service.
    pub fn entry_of(&self, host: &Host) -> Option<Option<&'a ServiceServer>> {
        let is_sorry = |one: &&Host| one.name.value == host.name.value;
        self.real_server(host).or_else(|| self.sorry_server.filter(is_sorry).map(|_| None))
    }

    /// The entry of a real server in the service's list, if the service has a list; `None` if the host is no real server of the
    /// service.
    pub fn real_server(&self, host: &Host) -> Option<Option<&'a ServiceServer>> {
        self.entries.get(&host.name.value).copied()
    }

    /// Whether a host answers the clients itself. The director then sees only one direction of a connection.
    pub fn answers_directly(&self) -> bool {
        self.answering().any(|(_, entry)| self.forwarding(entry) != Forwarding::Masquerade)
    }

    /// The way in which packets reach a host; `None` if the host does not answer requests to the service.
    pub fn way_to(&self, host: &Host) -> Option<Forwarding> {
        self.entry_of(host).map(|entry| self.forwarding(entry))
    }

    /// The VIPs of the service whose requests a host can get: the host has an address of the same family.
    pub fn reached(&self, host: &Host) -> impl Iterator<Item = Vip> {
        let vips = self.service.vips.iter().map(|vip| vip.value);
        vips.filter(|vip| host.address(vip.family()).is_some())
    }

    /// The way in which packets reach a real server.
    pub fn forwarding(&self, entry: Option<&ServiceServer>) -> Forwarding {
        let own = entry.and_then(|entry| entry.forwarding);
        own.or(self.service.forwarding).map_or(Forwarding::Direct, |way| way.value)
    }

    /// Whether a real server gets masqueraded packets of a family.
    pub fn masquerades(&self, family: Family) -> bool {
        self.answering().any(|(host, entry)| {
            self.forwarding(entry) == Forwarding::Masquerade
                && self.reached(host).any(|vip| vip.family() == family)
        })
    }

    /// The port of a real server to which masquerading changes the port of the service.
    pub fn mapped_port(&self, entry: Option<&ServiceServer>) -> Option<u16> {
        let masqueraded = self.forwarding(entry) == Forwarding::Masquerade;
        entry.and_then(|entry| entry.port).filter(|_| masqueraded).map(|port| port.value)
    }

    /// The ports on which a real server gets requests. An empty list means every port.
    pub fn real_ports(&self, entry: Option<&ServiceServer>) -> Vec<PortRange> {
        match self.mapped_port(entry) {
            Some(port) => vec![port.into()],
            None => self.service.ports().iter().map(|port| port.value).collect(),
        }
    }

    /// For each real server that lvsgen sets up, the ports on which it gets requests. An empty list means every port.
    pub fn ports_of_managed(&self) -> impl Iterator<Item = Vec<PortRange>> {
        let managed = self.real_servers.iter().filter(|(host, _)| host.is_managed());
        managed.map(|(_, entry)| self.real_ports(*entry))
    }

    /// The weights of the real servers, in the order of the real servers. The default weight is 1.
    pub fn weights(&self) -> impl Iterator<Item = u16> {
        let written = self.real_servers.iter().map(|(_, entry)| entry.and_then(|one| one.weight));
        written.map(|weight| weight.map_or(1, |weight| weight.value.0))
    }
}
