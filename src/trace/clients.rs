//! The places from which a client can ask.

use std::net::{IpAddr, Ipv4Addr, Ipv6Addr};

use ipnet::IpNet;

/// A client, as the user asks for it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Asked {
    /// Behind the gateway.
    Outside,
    /// On the segment of the VIP.
    OnLink,
    /// An address.
    Address(IpAddr),
    /// A host of the cluster.
    Host(String),
}

impl Asked {
    /// Reads `outside`, `on-link`, an address, or the name of a host.
    pub fn read(text: &str) -> Self {
        match (text, text.parse()) {
            ("outside", _) => Self::Outside,
            ("on-link", _) => Self::OnLink,
            (_, Ok(address)) => Self::Address(address),
            _ => Self::Host(text.to_owned()),
        }
    }
}

/// A client with its address.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Client {
    /// The name for people: `outside`, `on-link`, an address, or the name of a host.
    pub name: String,
    /// The address.
    pub address: IpAddr,
    /// The position in the list of hosts, if the client is a host of the cluster.
    pub(super) host: Option<usize>,
    /// Whether the client is on the segment of the VIP.
    pub(super) on_link: bool,
}

/// An address outside of all networks: one of the ranges for documentation (RFC 5737, RFC 3849) or for benchmarks (RFC 2544).
pub(super) fn outside(vip: IpAddr, nets: &[IpNet]) -> IpAddr {
    let candidates: [IpAddr; 3] = match vip {
        IpAddr::V4(_) => [
            Ipv4Addr::new(203, 0, 113, 9).into(),
            Ipv4Addr::new(198, 51, 100, 9).into(),
            Ipv4Addr::new(198, 18, 0, 9).into(),
        ],
        IpAddr::V6(_) => [
            Ipv6Addr::new(0x2001, 0xdb8, 0xffff, 0, 0, 0, 0, 9).into(),
            Ipv6Addr::new(0x2001, 2, 0, 0, 0, 0, 0, 9).into(),
            Ipv6Addr::new(0x3fff, 0, 0, 0, 0, 0, 0, 9).into(),
        ],
    };
    let free = |one: &IpAddr| !nets.iter().any(|net| net.prefix_len() > 0 && net.contains(one));
    candidates.into_iter().find(free).unwrap_or(candidates[0])
}

/// A free address of a network, from its end.
pub(super) fn free(net: IpNet, taken: impl Fn(IpAddr) -> bool) -> Option<IpAddr> {
    let hosts: Box<dyn Iterator<Item = IpAddr>> = match net {
        IpNet::V4(net) => {
            let (first, last) = (u32::from(net.network()), u32::from(net.broadcast()));
            Box::new((first + 1..last).rev().take(1_000).map(|one| Ipv4Addr::from(one).into()))
        }
        IpNet::V6(net) => {
            let last = u128::from(net.broadcast());
            let first = u128::from(net.network());
            Box::new((first + 1..last).rev().take(1_000).map(|one| Ipv6Addr::from(one).into()))
        }
    };
    hosts.into_iter().find(|one| !taken(*one))
}
