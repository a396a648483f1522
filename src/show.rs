//! The cluster at a glance, for people: the VIPs, the services, their real servers and the mechanisms of the hosts.
//!
//! Takes a [`Summary`]; gives a [`View`], which is printed as tables, as a Mermaid diagram or as a drawing in SVG. Real servers
//! with consecutive names and the same settings are one entry, so that a cluster of sixty hosts fits on a screen.

pub mod human;
pub mod mermaid;
pub mod svg;

use std::collections::BTreeMap;
use std::net::{IpAddr, SocketAddr};

use crate::ipvs::{Destination, Endpoint, Forwarding, Service};
use crate::model::{HostName, MechanismName, Need, Role, ServiceName};
use crate::ranges::{name, runs};
use crate::summary::{HostSummary, Summary};

/// A cluster at a glance.
#[derive(Debug)]
pub struct View<'a> {
    /// The cluster.
    pub summary: &'a Summary,
    /// Its services, each with all of its VIPs.
    pub services: Vec<ServiceView<'a>>,
}

/// One service of the model.
#[derive(Debug)]
pub struct ServiceView<'a> {
    /// Its name.
    pub name: &'a ServiceName,
    /// Its entries in the IPVS table. They differ only in the packets that they take.
    pub entries: Vec<&'a Service>,
    /// Its real servers.
    pub servers: Vec<Servers<'a>>,
}

/// Real servers of a service with consecutive names and the same settings.
#[derive(Debug)]
pub struct Servers<'a> {
    /// The first host.
    pub first: (&'a HostName, Destination),
    /// The last host. It is the first host if the run has one host.
    pub last: (&'a HostName, Destination),
    /// The number of hosts.
    pub count: usize,
}

impl<'a> View<'a> {
    /// Makes the view of a cluster.
    pub fn new(summary: &'a Summary) -> Self {
        let mut services: Vec<ServiceView<'a>> = Vec::new();
        for one in &summary.services {
            match services.last_mut().filter(|last| *last.name == one.name) {
                Some(last) => last.entries.push(&one.service),
                None => services.push(ServiceView {
                    name: &one.name,
                    entries: vec![&one.service],
                    servers: servers(summary, &one.name, one.service.endpoint),
                }),
            }
        }
        Self { summary, services }
    }

    /// The hosts with a role, in the order of the model.
    pub fn with(&self, role: Role) -> impl Iterator<Item = &'a HostSummary> {
        self.summary.hosts.iter().filter(move |host| host.roles.contains(&role))
    }

    /// The hosts of each pair of need and mechanism.
    pub fn mechanisms(&self) -> BTreeMap<(Need, &'a MechanismName), Vec<&'a str>> {
        let mut by: BTreeMap<_, Vec<&str>> = BTreeMap::new();
        for host in &self.summary.hosts {
            for (need, plan) in &host.needs {
                by.entry((*need, &plan.by)).or_default().push(host.name.as_str());
            }
        }
        by
    }
}

impl ServiceView<'_> {
    /// The packets that the service takes, one text for each entry: `192.168.10.100:80`, or `mark 7 (ipv4)`.
    pub fn packets(&self) -> Vec<String> {
        self.entries.iter().map(|entry| packets(entry.endpoint)).collect()
    }

    /// The scheduler, with the options of the service.
    pub fn options(&self) -> String {
        let Some(entry) = self.entries.first() else { return String::new() };
        let mut options = vec![entry.scheduler.to_string()];
        options.extend(entry.scheduler_flags.iter().map(ToString::to_string));
        options.extend(entry.persistence.map(|one| format!("persistence {} s", one.timeout)));
        options.extend(entry.one_packet.then(|| "one packet".to_owned()));
        options.join(", ")
    }
}

impl Servers<'_> {
    /// The name of the host, or of the run of hosts: `web[1-60]`.
    pub fn name(&self) -> String {
        match self.count {
            1 => self.first.0.to_string(),
            _ => name(self.first.0.as_str(), self.last.0.as_str()),
        }
    }

    /// The address of the host, or the first and the last address.
    pub fn address(&self) -> String {
        match self.count {
            1 => self.first.1.address.to_string(),
            _ => format!("{} … {}", self.first.1.address, self.last.1.address),
        }
    }

    /// The settings: weight, and the way and the port if they are not those of direct routing.
    pub fn settings(&self) -> String {
        let one = &self.first.1;
        let mut settings = vec![format!("weight {}", one.weight)];
        match one.forwarding {
            Forwarding::Direct => {}
            Forwarding::Tunnel => settings.push("tunnel".to_owned()),
            Forwarding::Masquerade => settings.push(format!("masquerade to port {}", one.port)),
        }
        settings.extend(one.upper_threshold.map(|most| format!("at most {most} connections")));
        settings.join(", ")
    }
}

fn servers<'a>(summary: &'a Summary, name: &ServiceName, entry: Endpoint) -> Vec<Servers<'a>> {
    let all = summary.destinations.iter();
    let all = all.filter(|one| one.name == *name && one.endpoint == entry);
    let all: Vec<(&HostName, Destination)> = all.map(|one| (&one.host, one.destination)).collect();
    // Only the address may differ between the hosts of a run.
    let settings = |one: &Destination| Destination { address: entry_address(entry), ..*one };
    let joins = |one: &(&HostName, Destination), other: &(&HostName, Destination)| {
        settings(&one.1) == settings(&other.1)
    };
    let runs = runs(&all, |one| one.0.as_str(), joins);
    let runs = runs.into_iter().filter_map(|run| {
        Some(Servers { first: *run.first()?, last: *run.last()?, count: run.len() })
    });
    runs.collect()
}

/// An address that is the same for all real servers of an entry.
fn entry_address(entry: Endpoint) -> IpAddr {
    entry.address().unwrap_or(IpAddr::V4(std::net::Ipv4Addr::UNSPECIFIED))
}

fn packets(endpoint: Endpoint) -> String {
    match endpoint {
        Endpoint::Socket { protocol, address, port } => {
            format!("{} {protocol}", SocketAddr::new(address, port))
        }
        Endpoint::Mark { mark, family } => format!("mark {mark} ({family})"),
    }
}
