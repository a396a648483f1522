//! `ipvs_rules`: the IPVS table.

use std::collections::{BTreeMap, BTreeSet};
use std::net::SocketAddr;

use serde::Serialize;

use super::health::{self, ServiceHealth};
use crate::check::Checked;
use crate::formats::keepalived::Feature;
use crate::health::{Check, CheckPath};
use crate::ipvs::{
    Affinity, Destination, Endpoint, Family, Forwarding, Scheduler, Service, Timeouts,
};
use crate::model::{Host, HostName, ServiceName, ServiceServer, Vip, VirtualService};
use crate::plan::{Detail, Probe};
use crate::profile::{Ability, Mechanism};
use crate::resolve::{HostView, ServiceView};

/// The whole table.
#[derive(Debug, PartialEq, Eq, PartialOrd, Ord, Serialize)]
pub struct IpvsRules<'a> {
    /// The timeouts of the connection table, if the model sets them.
    pub timeouts: Option<Timeouts>,
    /// The program that changes the table.
    #[serde(skip)]
    pub owner: TableOwner,
    /// For each real server, the file whose number keepalived adds to the weight; empty if there are no such files.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub drain_files: Vec<String>,
    /// The booleans of SELinux that the health checks need.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub selinux_booleans: Vec<&'static str>,
    /// The services that only the health checks use, sorted by mark.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub check_services: Vec<CheckService<'a>>,
    /// The services with their real servers, in the order of the model.
    pub services: Vec<ServiceEntry<'a>>,
}

/// The program that changes the table of a director.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum TableOwner {
    /// `converge.sh` edits the table, and a unit loads it at boot.
    Converge,
    /// keepalived makes the table, and checks the real servers.
    Keepalived {
        /// The time after a start or a reload until every real server had its first check, in seconds.
        first_checks: u64,
    },
}

/// One service of the table: a virtual service on one VIP, or one mark in one address family.
#[derive(Debug, PartialEq, Eq, PartialOrd, Ord, Serialize)]
pub struct ServiceEntry<'a> {
    /// The name of the virtual service in the model.
    pub name: &'a ServiceName,
    /// The service.
    #[serde(flatten)]
    pub service: Service,
    /// How packets reach its real servers, if a real server has no way of its own. Its sorry server has this way.
    #[serde(skip)]
    pub forwarding: Forwarding,
    /// Its health checks.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub health: Option<ServiceHealth>,
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
    /// Its health check.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub check: Option<Check>,
    /// The way of the check through the table, if the check does not go to the real server directly.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub check_path: Option<CheckPath>,
}

/// A service of the table that only health checks use. It forwards the packets with the mark to one real server.
#[derive(Debug, PartialEq, Eq, PartialOrd, Ord, Serialize)]
pub struct CheckService<'a> {
    /// The service.
    #[serde(flatten)]
    pub service: Service,
    /// The real server.
    pub host: &'a HostName,
    /// The entry of the real server.
    pub destination: Destination,
}

/// The directory of the files that drain real servers. It is not below `/run`, so a drain outlives a restart.
pub const DRAIN_DIRECTORY: &str = "/etc/lvsgen/drain";

impl<'a> IpvsRules<'a> {
    pub(super) fn new(
        checked: &Checked<'a>,
        director: &HostView<'a>,
        mechanism: &Mechanism,
    ) -> Self {
        let timeouts = checked.cluster().timeouts.map(|timeouts| timeouts.value);
        let hosts = checked.cluster().real_servers.iter().map(|host| &host.name.value);
        let positions: Positions<'_> = hosts.enumerate().map(|(at, name)| (name, at)).collect();
        let services = checked.resolved().services.iter().flat_map(|view| {
            let vips = view.service.table_vips();
            vips.map(|vip| entry(view, vip, director.host, &positions))
        });
        let services: Vec<ServiceEntry<'_>> = services.collect();
        let owner = match mechanism.abilities.contains(&Ability::HealthChecks) {
            true => TableOwner::Keepalived { first_checks: first_checks(&services) },
            false => TableOwner::Converge,
        };
        let version = director.profile.and_then(|profile| profile.keepalived);
        let drains = version.is_some_and(|version| version.has(Feature::FileCheck));
        let drain_files = match owner {
            TableOwner::Keepalived { .. } if drains => drain_files(&services),
            TableOwner::Keepalived { .. } | TableOwner::Converge => Vec::new(),
        };
        let selinux_booleans = selinux_booleans(&services);
        let check_services = check_services(&services);
        Self { timeouts, owner, drain_files, selinux_booleans, check_services, services }
    }

    pub(super) fn details(&self) -> Vec<Detail> {
        let mut details: Vec<Detail> = self.timeouts.into_iter().map(Detail::Timeouts).collect();
        for (at, entry) in self.services.iter().enumerate() {
            let Some(health) = &entry.health else { continue };
            // The entries of a service on several VIPs have the same health.
            if self.services[..at].iter().any(|before| before.name == entry.name) {
                continue;
            }
            let service = entry.name;
            let health = health.clone();
            let own = entry.real_servers.iter().filter(|one| one.check != health.check);
            let own = own.map(|one| Detail::OwnCheck {
                service: service.clone(),
                host: one.host.clone(),
                check: one.check.clone(),
            });
            let own: Vec<Detail> = own.collect();
            details.push(Detail::Health { service: service.clone(), health });
            details.extend(own);
        }
        details
    }

    pub(super) fn probes(&self) -> Vec<Probe> {
        let services = self.services.iter().map(|entry| {
            let servers = entry.real_servers.iter();
            let servers = servers.map(|server| (server.host.clone(), server.destination));
            (entry.service.clone(), servers.collect())
        });
        let sorry_servers = self.services.iter().filter_map(|entry| {
            let endpoint = entry.service.endpoint;
            let address = entry.health.as_ref()?.sorry_server?;
            Some((endpoint, SocketAddr::new(address, endpoint.destination_port())))
        });
        let quorums = self
            .services
            .iter()
            .filter_map(|entry| Some((entry.service.endpoint, entry.health.as_ref()?.quorum?)));
        vec![Probe::Table {
            owner: self.owner,
            timeouts: self.timeouts,
            services: services.collect(),
            sorry_servers: sorry_servers.collect(),
            hidden: self.check_services.iter().map(|entry| entry.service.endpoint).collect(),
            quorums: quorums.collect(),
        }]
    }
}

/// The position of each real server in the model.
type Positions<'a> = BTreeMap<&'a HostName, usize>;

fn entry<'a>(
    view: &ServiceView<'a>,
    vip: Vip,
    director: &Host,
    positions: &Positions<'a>,
) -> ServiceEntry<'a> {
    let service = service(view.service, vip);
    let servers = view.real_servers.iter().filter_map(|(host, entry)| {
        let destination = destination(view, host, *entry, vip)?;
        let check = view.health_check(*entry);
        let position = positions[&host.name.value];
        Some(RealServerEntry {
            host: &host.name,
            destination,
            check_path: check.and_then(|check| {
                let source = view.director_address(director, host, vip.family());
                health::path(check, source, position)
            }),
            check: check.map(|check| health::of_real_server(view, *entry, check, vip)),
        })
    });
    ServiceEntry {
        name: &view.service.name,
        forwarding: view.forwarding(None),
        health: health::of_service(view, vip),
        real_servers: servers.collect(),
        service,
    }
}

/// The services that the paths of the checks need. A real server has one service in each family, for all its checks. The
/// weight is 1 even while the real server is drained, so a drained real server is still checked.
fn check_services<'a>(services: &[ServiceEntry<'a>]) -> Vec<CheckService<'a>> {
    let mut found: BTreeMap<Endpoint, CheckService<'_>> = BTreeMap::new();
    for entry in services.iter().flat_map(|entry| &entry.real_servers) {
        let Some(CheckPath { mark, .. }) = entry.check_path else { continue };
        let RealServerEntry { host, destination: Destination { address, forwarding, .. }, .. } =
            *entry;
        let endpoint = Endpoint::Mark { mark, family: Family::of(address) };
        found.entry(endpoint).or_insert_with(|| CheckService {
            service: Service {
                endpoint,
                scheduler: Scheduler::Rr,
                scheduler_flags: Vec::new(),
                persistence: None,
                one_packet: false,
            },
            host,
            destination: Destination::new(address, endpoint.destination_port(), forwarding),
        });
    }
    found.into_values().collect()
}

/// The time until every real server had its first check, in seconds. keepalived begins with a check at a random time
/// within its interval.
fn first_checks(services: &[ServiceEntry<'_>]) -> u64 {
    let checks = services.iter().flat_map(|entry| &entry.real_servers).flat_map(|one| &one.check);
    let first =
        checks.map(|check| u64::from(check.times.interval) + u64::from(check.times.timeout));
    first.max().map_or(0, |longest| longest + 2)
}

/// The files that drain the real servers, sorted by name.
fn drain_files(services: &[ServiceEntry<'_>]) -> Vec<String> {
    let hosts = services.iter().flat_map(|entry| &entry.real_servers).map(|one| one.host);
    let hosts: BTreeSet<&HostName> = hosts.collect();
    hosts.into_iter().map(|host| format!("{DRAIN_DIRECTORY}/{host}")).collect()
}

/// The ports to which SELinux lets keepalived connect on every system (`http_port_t`, `smtp_port_t`, `mysqld_port_t`,
/// `squid_port_t`). Some systems allow more ports.
const SELINUX_PORTS: [u16; 7] = [25, 80, 443, 465, 587, 3128, 3306];

fn selinux_booleans(services: &[ServiceEntry<'_>]) -> Vec<&'static str> {
    let checks = services.iter().flat_map(|entry| &entry.real_servers).flat_map(|one| &one.check);
    let mut ports = checks.filter_map(|check| check.port);
    let unusual = ports.any(|port| !SELINUX_PORTS.contains(&port));
    unusual.then_some("keepalived_connect_any").into_iter().collect()
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
    view: &ServiceView<'_>,
    host: &Host,
    entry: Option<&ServiceServer>,
    vip: Vip,
) -> Option<Destination> {
    let port = view.service.endpoint(vip).destination_port();
    Some(Destination {
        address: view.server_address(host, vip.family())?,
        port: view.mapped_port(entry).unwrap_or(port),
        forwarding: view.forwarding(entry),
        weight: entry.and_then(|entry| entry.weight).map_or(1, |weight| weight.0),
        upper_threshold: entry.and_then(|entry| entry.upper_threshold).map(|one| one.value),
        lower_threshold: entry.and_then(|entry| entry.lower_threshold).map(|one| one.value),
    })
}
