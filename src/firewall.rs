//! The types of a firewall's openings: the packets that a host must accept.
//!
//! Takes addresses and ports; gives [`Opening`]. The plan decides the openings, the readers of `formats` find them in
//! files, and readback compares both.

use std::fmt;
use std::net::IpAddr;

use ipnet::IpNet;
use serde::{Deserialize, Serialize};

use crate::ipvs::{Family, PortRange, Protocol};

/// Packets that a host accepts.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
pub struct Opening {
    /// The address family.
    pub family: Family,
    /// The source; `None` for every source.
    pub from: Option<IpNet>,
    /// The destination; `None` for every address of the host.
    pub to: Option<IpAddr>,
    /// The kind of packet.
    pub traffic: Traffic,
}

/// A kind of packet.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Traffic {
    /// Packets to ports.
    Port(Protocol, PortRange),
    /// Packets to every port.
    EveryPort(Protocol),
    /// Packets from a port.
    FromPort(Protocol, u16),
    /// Packets of another protocol than a transport protocol, by its number (IANA, "Protocol Numbers").
    Number(u8),
}

/// The number of the protocol VRRP (RFC 5798).
pub const VRRP: u8 = 112;

/// The number of the protocol that carries an IPv4 packet in a packet.
pub const IPV4_IN_IP: u8 = 4;

/// The number of the protocol that carries an IPv6 packet in a packet.
pub const IPV6_IN_IP: u8 = 41;

impl Traffic {
    /// A short name without blanks: `tcp_80`, `tcp`, `from_tcp_80`, `proto_112`.
    pub fn name(self) -> String {
        match self {
            Self::Port(protocol, port) => format!("{protocol}_{port}"),
            Self::EveryPort(protocol) => protocol.to_string(),
            Self::FromPort(protocol, port) => format!("from_{protocol}_{port}"),
            Self::Number(number) => format!("proto_{number}"),
        }
    }
}

impl Opening {
    /// Whether a packet may pass. `from`: the sender; `None` for a sender with any address.
    pub fn accepts(&self, from: Option<IpAddr>, to: IpAddr, traffic: Traffic) -> bool {
        let covered = match (self.traffic, traffic) {
            (Traffic::EveryPort(all), Traffic::Port(one, _) | Traffic::FromPort(one, _)) => {
                all == one
            }
            (Traffic::Port(own, ports), Traffic::Port(one, asked)) => {
                own == one && ports.contains(asked.first) && ports.contains(asked.last)
            }
            (own, one) => own == one,
        };
        covered
            && self.family == Family::of(to)
            && self.from.is_none_or(|net| from.is_some_and(|address| net.contains(&address)))
            && self.to.is_none_or(|address| address == to)
    }

    /// A name without blanks and slashes. No other opening of a host has it: `tcp_80_to_10.0.0.1`.
    pub fn name(&self) -> String {
        // A name may be a part of a path.
        let from = self.from.map(|net| format!("_from_{}", network(net).replace('/', "-")));
        let from = from.unwrap_or_default();
        let to = self.to.map(|address| format!("_to_{address}")).unwrap_or_default();
        let anyone = match (self.from, self.to) {
            (None, None) => format!("_{}", self.family.keyword()),
            _ => String::new(),
        };
        format!("{}{from}{to}{anyone}", self.traffic.name())
    }
}

/// A network as people write it: without the length if it is one address.
pub fn network(net: IpNet) -> String {
    if net.prefix_len() == net.max_prefix_len() { net.addr().to_string() } else { net.to_string() }
}

impl fmt::Display for Opening {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.traffic {
            Traffic::Port(protocol, port) => write!(f, "{protocol} port {port}")?,
            Traffic::EveryPort(protocol) => write!(f, "{protocol}, every port")?,
            Traffic::FromPort(protocol, port) => write!(f, "answers from {protocol} port {port}")?,
            Traffic::Number(VRRP) => f.write_str("VRRP")?,
            Traffic::Number(number) => write!(f, "protocol {number}")?,
        }
        if let Some(to) = self.to {
            write!(f, " to {to}")?;
        }
        match self.from {
            Some(from) => write!(f, " from {}", network(from)),
            None => Ok(()),
        }
    }
}
