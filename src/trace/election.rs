//! The directors that work: the result of the elections of VRRP (RFC 5798, 6.4).

use std::net::IpAddr;

use super::hosts::TracedHost;
use crate::vrrp::Instance;

/// The positions of the instances of each host that hold their addresses. A host that hears no director with a larger priority works: two
/// directors that do not hear each other both work.
pub(super) fn working(
    hosts: &[TracedHost],
    is_up: impl Fn(&TracedHost) -> bool,
) -> Vec<Vec<usize>> {
    let candidates = || {
        let up = hosts.iter().enumerate().filter(|(_, host)| is_up(host));
        up.flat_map(|(at, host)| host.instances.iter().map(move |(one, _)| (at, host, one)))
    };
    let works = |at: usize, host: &TracedHost, own: &Instance| {
        !candidates().any(|(other_at, other, one)| {
            other_at != at
                && (one.virtual_router_id, one.family()) == (own.virtual_router_id, own.family())
                && hears(own, host, one)
                && wins((one, other, other_at), (own, host, at))
        })
    };
    let each = hosts.iter().enumerate().map(|(at, host)| {
        if !is_up(host) {
            return Vec::new();
        }
        let own = host.instances.iter().enumerate();
        own.filter(|(_, (one, _))| works(at, host, one)).map(|(number, _)| number).collect()
    });
    each.collect()
}

/// Whether a host gets the advertisements of another one: both use the multicast group, or the other one names an address of the host.
fn hears(own: &Instance, host: &TracedHost, other: &Instance) -> bool {
    match (own.peers.is_empty(), other.peers.is_empty()) {
        (true, true) => true,
        (_, true) => false,
        (_, false) => {
            let has = |peer: &IpAddr| {
                own.source == Some(*peer) || addresses(host).any(|address| address == *peer)
            };
            other.peers.iter().any(has)
        }
    }
}

/// Whether the first director wins: the larger priority, and of equal ones the larger address.
fn wins(
    (one, host, at): (&Instance, &TracedHost, usize),
    (other, other_host, other_at): (&Instance, &TracedHost, usize),
) -> bool {
    let rank = |instance: &Instance, host: &TracedHost| {
        let address = instance.source.or_else(|| {
            addresses(host)
                .find(|one| one.is_ipv4() == (instance.family() == crate::ipvs::Family::Ipv4))
        });
        (instance.priority, address)
    };
    // Without an address in a file, the first host wins.
    (rank(one, host), std::cmp::Reverse(at))
        > (rank(other, other_host), std::cmp::Reverse(other_at))
}

/// The addresses of a host that do not move.
fn addresses(host: &TracedHost) -> impl Iterator<Item = IpAddr> {
    let base = host.base.iter().map(|(_, net)| net.addr());
    let files = host.of_kind(|fact| matches!(fact, crate::facts::Fact::Address { .. }));
    base.chain(files.filter_map(|(fact, _)| match fact {
        crate::facts::Fact::Address { net, .. } => Some(net.addr()),
        _ => None,
    }))
}
