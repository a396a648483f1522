//! The table of one director, with the checks of its real servers.

use std::collections::btree_map::Entry;
use std::collections::{BTreeMap, BTreeSet};
use std::net::IpAddr;

use super::gather::Picture;
use crate::facts::Fact;
use crate::health::Check;
use crate::ipvs::{Destination, Endpoint, PortRange, Protocol, Service, Timeouts};
use crate::source::Span;

/// A director's table, in the order of its files.
#[derive(Debug, Default)]
pub(super) struct Table {
    pub(super) services: Vec<(Service, Span)>,
    pub(super) destinations: Vec<(Endpoint, Destination, Span)>,
    pub(super) checks: BTreeMap<(Endpoint, IpAddr), Check>,
    pub(super) sorry: BTreeMap<Endpoint, (IpAddr, Span)>,
    pub(super) quorum: BTreeMap<Endpoint, u32>,
    pub(super) hysteresis: BTreeMap<Endpoint, u32>,
    pub(super) starts_down: BTreeSet<Endpoint>,
    pub(super) quiesces: BTreeSet<(Endpoint, IpAddr)>,
    /// The checks of a real server after its first one.
    pub(super) more_checks: Vec<Span>,
    /// The positions of a service's real servers in `destinations`.
    index: BTreeMap<Endpoint, Vec<usize>>,
    pub(super) timeouts: Option<Timeouts>,
    /// The marks of the packets of health checks. Each has a service of its own, which is no service of the cluster.
    paths: BTreeSet<u32>,
    /// The real servers whose check goes through the table.
    pub(super) through: BTreeSet<(Endpoint, IpAddr)>,
    /// The packets that get a mark.
    pub(super) marks: Vec<Marked>,
}

/// The packets that get a mark.
#[derive(Debug)]
pub(super) struct Marked {
    pub(super) mark: u32,
    pub(super) address: IpAddr,
    pub(super) protocol: Protocol,
    pub(super) ports: Vec<PortRange>,
}

impl Table {
    /// The table of a host.
    pub(super) fn of(picture: &Picture) -> Self {
        let facts = picture.facts.iter().map(|seen| (&seen.fact, seen.span));
        Self::of_facts(facts)
    }

    /// The table that facts describe.
    pub(super) fn of_facts<'f>(facts: impl Iterator<Item = (&'f Fact, Span)>) -> Self {
        let mut table = Self::default();
        for (fact, span) in facts {
            match fact {
                Fact::Service(service) => table.services.push((service.clone(), span)),
                Fact::Destination { endpoint, destination } => {
                    table.destinations.push((*endpoint, *destination, span));
                }
                Fact::Check { endpoint, server, check, path } => {
                    match table.checks.entry((*endpoint, *server)) {
                        Entry::Vacant(place) => drop(place.insert(check.clone())),
                        Entry::Occupied(_) => table.more_checks.push(span),
                    }
                    if let Some(path) = path {
                        table.paths.insert(path.mark);
                        table.through.insert((*endpoint, *server));
                    }
                }
                Fact::Mark { address, protocol, ports, mark } => table.marks.push(Marked {
                    mark: *mark,
                    address: *address,
                    protocol: *protocol,
                    ports: ports.clone(),
                }),
                Fact::SorryServer { endpoint, server, .. } => {
                    table.sorry.insert(*endpoint, (*server, span));
                }
                Fact::Quorum { endpoint, sum } => {
                    table.quorum.insert(*endpoint, *sum);
                }
                Fact::Hysteresis { endpoint, sum } => {
                    table.hysteresis.insert(*endpoint, *sum);
                }
                Fact::StartsDown(endpoint) => {
                    table.starts_down.insert(*endpoint);
                }
                Fact::Quiesces { endpoint, server } => {
                    table.quiesces.insert((*endpoint, *server));
                }
                Fact::Timeouts(timeouts) => table.timeouts = Some(*timeouts),
                _ => {}
            }
        }
        table.finish();
        table
    }

    /// Removes the services of the checks' own packets, and notes the real servers of each service.
    fn finish(&mut self) {
        let paths = std::mem::take(&mut self.paths);
        let is_path = |endpoint: Endpoint| matches!(endpoint, Endpoint::Mark { mark, .. } if paths.contains(&mark));
        self.services.retain(|(service, _)| !is_path(service.endpoint));
        self.destinations.retain(|(endpoint, ..)| !is_path(*endpoint));
        for (at, (endpoint, ..)) in self.destinations.iter().enumerate() {
            self.index.entry(*endpoint).or_default().push(at);
        }
    }

    /// The real servers of a service.
    pub(super) fn of_service(
        &self,
        endpoint: Endpoint,
    ) -> impl Iterator<Item = (&Destination, Span)> {
        let own = self.index.get(&endpoint).into_iter().flatten();
        own.map(|at| {
            let (_, destination, span) = &self.destinations[*at];
            (destination, *span)
        })
    }

    /// The VIPs of the services. Of a mark, the packets with it show them.
    pub(super) fn vips(&self) -> impl Iterator<Item = IpAddr> {
        let services = self.services.iter().filter_map(|(one, _)| one.endpoint.address());
        services.chain(self.marks.iter().map(|one| one.address))
    }

    /// The sorry server of a service.
    pub(super) fn sorry_server(&self, endpoint: Endpoint) -> Option<IpAddr> {
        self.sorry.get(&endpoint).map(|(address, _)| *address)
    }

    /// Whether a failed check sets the weight 0 of each real server of a service that has a check; `None`: of some.
    pub(super) fn all_quiesce(&self, endpoint: Endpoint) -> Option<bool> {
        let checked = self.of_service(endpoint).map(|(one, _)| (endpoint, one.address));
        let checked = checked.filter(|one| self.checks.contains_key(one));
        let each: BTreeSet<bool> = checked.map(|one| self.quiesces.contains(&one)).collect();
        match each.len() {
            0 => Some(false),
            1 => each.first().copied(),
            _ => None,
        }
    }
}
