//! Hosts with consecutive numbers and addresses become one entry of the model: `web[1-3]`.

use std::net::IpAddr;

use super::draft::{DraftHost, DraftServer};
use crate::ranges::runs;

/// The only address of a host that has nothing else of its own.
fn plain_address(host: &DraftHost) -> Option<IpAddr> {
    let own = host.interface.is_some() || host.gateway.is_some() || host.target.is_some();
    match host.addresses.value().map(Vec::as_slice) {
        Some([address]) if !own && host.addresses.comment().is_none() => Some(*address),
        _ => None,
    }
}

fn next(address: IpAddr) -> Option<IpAddr> {
    Some(match address {
        IpAddr::V4(one) => IpAddr::V4(one.to_bits().checked_add(1)?.into()),
        IpAddr::V6(one) => IpAddr::V6(one.to_bits().checked_add(1)?.into()),
    })
}

/// The hosts, in runs with consecutive names and addresses.
pub(super) fn of_hosts(all: &[DraftHost]) -> Vec<&[DraftHost]> {
    let joins = |one: &DraftHost, other: &DraftHost| {
        let addresses = plain_address(one).zip(plain_address(other));
        addresses.is_some_and(|(one, other)| next(one) == Some(other))
    };
    runs(all, |host| &host.name, joins)
}

/// The real servers of a service, in runs with consecutive names and the same settings.
pub(super) fn of_servers(all: &[DraftServer]) -> Vec<&[DraftServer]> {
    runs(all, |server| &server.name, DraftServer::is_like)
}
