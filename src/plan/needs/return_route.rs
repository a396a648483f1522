//! `return_route`: the routes by which the answers of masqueraded services go back to the director.
//!
//! Takes a real server and its services; gives policy routes. Only the answers of the services take them: the default
//! route of the host stays as it is.

use std::collections::BTreeSet;
use std::net::IpAddr;

use serde::Serialize;

use crate::check::Checked;
use crate::ipvs::{Family, Forwarding, PortRange, Protocol};
use crate::model::{Cluster, ClusterName, Host};
use crate::plan::{Detail, Probe};
use crate::resolve::HostView;

/// The routes of a real server.
#[derive(Debug, PartialEq, Eq, PartialOrd, Ord, Serialize)]
pub struct ReturnRoutes {
    /// The number of the routing table. Each cluster has its own.
    pub table: u32,
    /// The priority of the rules, before that of the main table (32766).
    pub priority: u32,
    /// The routes, IPv4 first.
    pub routes: Vec<ReturnRoute>,
    /// The packets that take the routes.
    pub rules: Vec<ReturnRule>,
}

/// A route of the table.
///
/// Each director has a route without a gateway: its health checks come from its own address, and the answers to them
/// must not pass another director, whose firewall has not seen the check.
#[derive(Debug, PartialEq, Eq, PartialOrd, Ord, Serialize)]
pub struct ReturnRoute {
    /// The option of ip(8): `-4` or `-6`.
    pub family: &'static str,
    /// The address of a director; `None` for all other addresses.
    pub director: Option<IpAddr>,
    /// The address of the active director, for all other addresses.
    pub gateway: Option<IpAddr>,
    /// The NIC.
    pub interface: String,
}

/// The answers of a service.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize)]
pub struct ReturnRule {
    /// The option of ip(8): `-4` or `-6`.
    pub family: &'static str,
    /// The address of the real server.
    pub source: IpAddr,
    /// The transport protocol.
    pub protocol: Protocol,
    /// The ports of the real server.
    pub port: PortRange,
}

impl ReturnRoutes {
    pub(super) fn new(checked: &Checked<'_>, view: &HostView<'_>) -> Self {
        let mut rules = BTreeSet::new();
        for service in checked.resolved().services_of(view.host) {
            let Some(entry) = service.entry_of(view.host) else { continue };
            if service.forwarding(entry) != Forwarding::Masquerade {
                continue;
            }
            let ports = service.real_ports(entry);
            for vip in service.reached(view.host) {
                let family = vip.family();
                let source = service
                    .server_address(view.host, family)
                    .expect("the host has an address of the family");
                for protocol in service.service.protocols() {
                    rules.extend(ports.iter().map(|port| ReturnRule {
                        family: option(family),
                        source,
                        protocol,
                        port: *port,
                    }));
                }
            }
        }
        let used = |family: &Family| rules.iter().any(|rule| rule.family == option(*family));
        let cluster = checked.cluster();
        let routes = Family::ALL.into_iter().filter(used).flat_map(|family| {
            let directors = cluster.directors.iter();
            let directors =
                directors.filter_map(move |one| director_address(cluster, view, one, family));
            let directors = directors.map(move |address| ReturnRoute {
                family: option(family),
                director: Some(address),
                gateway: None,
                interface: interface(cluster, view, address),
            });
            let default = gateway(cluster, view, family).map(|gateway| ReturnRoute {
                family: option(family),
                director: None,
                gateway: Some(gateway),
                interface: interface(cluster, view, gateway),
            });
            default.into_iter().chain(directors)
        });
        Self {
            table: table(&checked.cluster().name.value),
            priority: PRIORITY,
            routes: routes.collect(),
            rules: rules.into_iter().collect(),
        }
    }

    pub(super) fn details(&self) -> Vec<Detail> {
        let gateways = self.routes.iter().filter_map(|route| route.gateway);
        gateways.map(Detail::ReturnRoute).collect()
    }

    pub(super) fn probes(&self) -> Vec<Probe> {
        let each = self.rules.iter().filter_map(|rule| {
            let mut routes = self.routes.iter().filter(|route| route.family == rule.family);
            let gateway = routes.find_map(|route| route.gateway)?;
            Some(Probe::AnswersGoVia {
                source: rule.source,
                protocol: rule.protocol,
                port: rule.port.first,
                gateway,
            })
        });
        each.collect()
    }

    /// The names of the routes. A new gateway replaces the route.
    pub(super) fn route_names(&self) -> Vec<String> {
        let name = |route: &ReturnRoute| match route.director {
            Some(address) => address.to_string(),
            None => format!("default{}", route.family),
        };
        self.routes.iter().map(name).collect()
    }

    /// The names of the rules.
    pub(super) fn rule_names(&self) -> Vec<String> {
        let name = |rule: &ReturnRule| format!("{}_{}_{}", rule.source, rule.protocol, rule.port);
        self.rules.iter().map(name).collect()
    }
}

const PRIORITY: u32 = 1000;

fn option(family: Family) -> &'static str {
    match family {
        Family::Ipv4 => "-4",
        Family::Ipv6 => "-6",
    }
}

/// The address to which real servers send the answers: the address that moves with the VIPs, or that of the only director.
fn gateway(cluster: &Cluster, view: &HostView<'_>, family: Family) -> Option<IpAddr> {
    match &cluster.failover {
        Some(failover) => failover.value.inside(family).map(|address| address.value.0),
        None => director_address(cluster, view, cluster.directors.first()?, family),
    }
}

/// The address of a director from which its packets to the masqueraded services of a real server come.
fn director_address(
    cluster: &Cluster,
    view: &HostView<'_>,
    director: &Host,
    family: Family,
) -> Option<IpAddr> {
    let way = Forwarding::Masquerade;
    Some(cluster.director_address(director, view.host, family, way)?.0)
}

/// The NIC of a real server that leads to an address of its segments.
fn interface(cluster: &Cluster, view: &HostView<'_>, address: IpAddr) -> String {
    view.nic_beside(cluster, address).name().to_string()
}

/// The number of a cluster's routing table, from 10,000 to 59,999. It depends on the name alone: a host may serve several
/// clusters, and must not need to know them all.
fn table(cluster: &ClusterName) -> u32 {
    let mut sum: u32 = 2_166_136_261;
    // FNV-1a: the same number on every machine and with every version of the compiler.
    for byte in cluster.as_str().bytes() {
        sum = (sum ^ u32::from(byte)).wrapping_mul(16_777_619);
    }
    10_000 + sum % 50_000
}
