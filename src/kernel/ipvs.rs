//! The IPVS table of one director: the service of a packet, and the real servers that can be chosen.
//!
//! Takes services and real servers; gives choices. The rules come from `net/netfilter/ipvs/ip_vs_ctl.c` (`ip_vs_service_find`) and
//! `ip_vs_core.c` (`ip_vs_schedule`).

use std::net::IpAddr;

use crate::ipvs::{Destination, Endpoint, Family, PortRange, Protocol, Scheduler, Service};
use crate::source::Span;

/// The table.
#[derive(Clone, Debug, Default)]
pub struct Table {
    /// The services, with their places.
    pub services: Vec<(Service, Option<Span>)>,
    /// The real servers of the services, with their places.
    pub destinations: Vec<(Endpoint, Destination, Option<Span>)>,
    /// The packets that get a mark.
    pub marks: Vec<Mark>,
}

/// Packets that get a mark.
#[derive(Clone, Debug)]
pub struct Mark {
    /// The destination.
    pub address: IpAddr,
    /// The transport protocol.
    pub protocol: Protocol,
    /// The destination ports; no ports are all ports.
    pub ports: Vec<PortRange>,
    /// The mark.
    pub mark: u32,
    /// The place.
    pub place: Option<Span>,
}

/// The packets of a client.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Packet {
    /// The destination.
    pub address: IpAddr,
    /// The destination port.
    pub port: u16,
    /// The transport protocol.
    pub protocol: Protocol,
}

/// A real server that can be chosen.
#[derive(Clone, Debug, PartialEq)]
pub struct Choice {
    /// The real server.
    pub destination: Destination,
    /// Its share of the new connections, between 0 and 1. A scheduler that does not count shares gives the same share to all.
    pub share: f64,
    /// The place.
    pub place: Option<Span>,
}

impl Table {
    /// The service of a packet: a mark comes first, then the port, then a service of all ports.
    pub fn service(&self, packet: Packet) -> Option<&(Service, Option<Span>)> {
        let Packet { address, port, protocol } = packet;
        let find = |wanted: Endpoint| self.services.iter().find(|(one, _)| one.endpoint == wanted);
        let marked = self.marks.iter().find(|one| {
            one.address == address
                && one.protocol == protocol
                && (one.ports.is_empty() || one.ports.iter().any(|range| range.contains(port)))
        });
        let by_mark = marked.and_then(|one| {
            let family = Family::of(address);
            find(Endpoint::Mark { mark: one.mark, family })
        });
        by_mark
            .or_else(|| find(Endpoint::Socket { protocol, address, port }))
            .or_else(|| find(Endpoint::Socket { protocol, address, port: 0 }))
    }

    /// The real servers of a service that get new connections: those with a weight above 0.
    pub fn choices(&self, service: &Service) -> Vec<Choice> {
        let own = self
            .destinations
            .iter()
            .filter(|(endpoint, one, _)| *endpoint == service.endpoint && one.weight > 0);
        let mut own: Vec<_> = own.collect();
        // Weighted failover uses the largest weight, until that real server is overloaded. Weighted overflow begins with the largest weight
        // too, but goes on to the next real server after as many connections as the weight (`ip_vs_ovf_schedule`).
        if service.scheduler == Scheduler::Fo {
            let largest = own.iter().map(|(_, one, _)| one.weight).max();
            // Of equal real servers, this is the one that came last: the kernel puts a new real server first (`__ip_vs_update_dest`).
            let first = own.iter().rposition(|(_, one, _)| Some(one.weight) == largest);
            own = first.map(|at| own[at]).into_iter().collect();
        }
        let equal = matches!(
            service.scheduler,
            Scheduler::Rr
                | Scheduler::Lc
                | Scheduler::Nq
                | Scheduler::Ovf
                | Scheduler::Dh
                | Scheduler::Lblc
                | Scheduler::Lblcr
        );
        let part = |one: &Destination| if equal { 1.0 } else { f64::from(one.weight) };
        let total: f64 = own.iter().map(|(_, one, _)| part(one)).sum();
        let choice = |(_, one, place): &&(Endpoint, Destination, Option<Span>)| Choice {
            destination: *one,
            share: part(one) / total,
            place: *place,
        };
        own.iter().map(choice).collect()
    }
}
