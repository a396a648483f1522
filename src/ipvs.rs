//! The vocabulary of IPVS: the kernel's table of services and destinations.
//!
//! Takes nothing. Gives types that do not depend on a file format. The model, the plan, the file formats and
//! the diff share these types. The names come from ipvsadm(8) and from `include/uapi/linux/ip_vs.h`.

use std::fmt;
use std::net::{IpAddr, SocketAddr};

use serde::{Deserialize, Serialize};

use crate::keyword::keywords;

/// An address family.
#[derive(
    Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize, schemars::JsonSchema,
)]
#[serde(rename_all = "lowercase")]
pub enum Family {
    /// Addresses of four bytes.
    Ipv4,
    /// Addresses of sixteen bytes.
    Ipv6,
}

impl Family {
    /// Both families, in the order of the output.
    pub const ALL: [Self; 2] = [Self::Ipv4, Self::Ipv6];

    /// The family of an address.
    pub fn of(address: IpAddr) -> Self {
        if address.is_ipv4() { Self::Ipv4 } else { Self::Ipv6 }
    }

    /// The name of the family in files: `ipv4` or `ipv6`.
    pub fn keyword(self) -> &'static str {
        match self {
            Self::Ipv4 => "ipv4",
            Self::Ipv6 => "ipv6",
        }
    }

    /// The family with a name of files.
    pub fn of_keyword(keyword: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|family| family.keyword() == keyword)
    }

    /// The prefix length of a single address: 32 or 128.
    pub fn host_prefix(self) -> u8 {
        match self {
            Self::Ipv4 => 32,
            Self::Ipv6 => 128,
        }
    }
}

impl fmt::Display for Family {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Ipv4 => "IPv4",
            Self::Ipv6 => "IPv6",
        })
    }
}

keywords! {
    /// A transport protocol. The order is the order of `ipvsadm-save`, by IANA's numbers.
    Protocol, "a protocol",
    /// Transmission Control Protocol.
    Tcp = "tcp",
    /// User Datagram Protocol.
    Udp = "udp",
    /// Stream Control Transmission Protocol.
    Sctp = "sctp",
}

keywords! {
    /// How a director chooses a real server (ipvsadm(8), `--scheduler`).
    Scheduler, "a scheduler",
    /// Round robin.
    Rr = "rr",
    /// Weighted round robin.
    Wrr = "wrr",
    /// Least connections.
    Lc = "lc",
    /// Weighted least connections.
    Wlc = "wlc",
    /// Locality-based least connections.
    Lblc = "lblc",
    /// Locality-based least connections with replication.
    Lblcr = "lblcr",
    /// Destination hashing.
    Dh = "dh",
    /// Source hashing.
    Sh = "sh",
    /// Shortest expected delay.
    Sed = "sed",
    /// Never queue.
    Nq = "nq",
    /// Weighted failover.
    Fo = "fo",
    /// Weighted overflow.
    Ovf = "ovf",
    /// Maglev hashing (Linux 4.18).
    Mh = "mh",
    /// Power of two choices (Linux 5.13, not built into every kernel).
    Twos = "twos",
}

keywords! {
    /// A flag of a scheduler. The order is the order of `ipvsadm-save`.
    SchedulerFlag, "a scheduler flag",
    /// `sh`: take another server if the chosen server has weight 0.
    ShFallback = "sh-fallback",
    /// `sh`: hash the client's port as well.
    ShPort = "sh-port",
    /// `mh`: take another server if the chosen server has weight 0.
    MhFallback = "mh-fallback",
    /// `mh`: hash the client's port as well.
    MhPort = "mh-port",
}

impl SchedulerFlag {
    /// The scheduler that has the flag; ipvsadm refuses the flag with any other scheduler.
    pub fn scheduler(self) -> Scheduler {
        match self {
            Self::ShFallback | Self::ShPort => Scheduler::Sh,
            Self::MhFallback | Self::MhPort => Scheduler::Mh,
        }
    }
}

keywords! {
    /// How a packet reaches a real server (ipvsadm(8), `-g`, `-i`, `-m`).
    Forwarding, "a forwarding method",
    /// Direct routing: only the destination MAC address changes.
    Direct = "direct",
    /// IP-in-IP tunnel.
    Tunnel = "tunnel",
    /// Network address translation.
    Masquerade = "masquerade",
}

/// The packets that a service takes.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Endpoint {
    /// Packets to an address and port.
    Socket {
        /// The transport protocol.
        protocol: Protocol,
        /// The VIP.
        address: IpAddr,
        /// The port.
        port: u16,
    },
    /// Packets with a firewall mark.
    Mark {
        /// The mark.
        mark: u32,
        /// The family of the marked packets: one mark can have a service in each family.
        family: Family,
    },
}

impl Endpoint {
    /// The address family of the packets.
    pub fn family(self) -> Family {
        match self {
            Self::Socket { address, .. } => Family::of(address),
            Self::Mark { family, .. } => family,
        }
    }

    /// The VIP; `None` for a mark, which can stand for many.
    pub fn address(self) -> Option<IpAddr> {
        match self {
            Self::Socket { address, .. } => Some(address),
            Self::Mark { .. } => None,
        }
    }

    /// The port of a real server that uses the same port as the service. For a mark, the port is 0, because a
    /// mark can stand for many ports. `ipvsadm-save` also prints port 0.
    pub fn destination_port(self) -> u16 {
        match self {
            Self::Socket { port, .. } => port,
            Self::Mark { .. } => 0,
        }
    }
}

/// The persistence of a service: each client stays bound to one real server for a time.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Affinity {
    /// Seconds for which a client stays bound to its real server.
    pub timeout: u32,
    /// The prefix length of the addresses that count as one client.
    pub prefix: u8,
}

/// One service of the table.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
pub struct Service {
    /// The packets that the service takes.
    pub endpoint: Endpoint,
    /// How a real server is chosen.
    pub scheduler: Scheduler,
    /// The scheduler's flags, sorted, each at most once.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub scheduler_flags: Vec<SchedulerFlag>,
    /// Whether and how long clients stay bound to their real server.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub persistence: Option<Affinity>,
    /// Whether each datagram is scheduled separately.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub one_packet: bool,
}

impl Service {
    /// The prefix length of the addresses that count as one client. None if each address is a client of its own.
    pub fn client_prefix(&self) -> Option<u8> {
        let whole = self.endpoint.family().host_prefix();
        self.persistence.map(|persistence| persistence.prefix).filter(|prefix| *prefix < whole)
    }
}

/// One real server of a service.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
pub struct Destination {
    /// The real server's address.
    pub address: IpAddr,
    /// The port that packets have when they reach the real server.
    pub port: u16,
    /// How packets reach the real server.
    pub forwarding: Forwarding,
    /// The real server's share of new connections. With weight 0 it gets no new connections.
    pub weight: u16,
    /// At this number of connections, the real server gets no new connections. None means no limit.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub upper_threshold: Option<u32>,
    /// Below this number of connections, the real server gets new connections again.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub lower_threshold: Option<u32>,
}

impl Destination {
    /// A real server with the weight 1 and without limits: the defaults of ipvsadm(8).
    pub fn new(address: IpAddr, port: u16, forwarding: Forwarding) -> Self {
        Self { address, port, forwarding, weight: 1, upper_threshold: None, lower_threshold: None }
    }

    /// Its address and port.
    pub fn socket(&self) -> SocketAddr {
        SocketAddr::new(self.address, self.port)
    }
}

/// The timeouts of the connection table, in seconds (ipvsadm(8), `--set`). 0 keeps the kernel's value.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Timeouts {
    /// An established TCP connection.
    pub tcp: u32,
    /// A TCP connection after its FIN.
    pub tcp_fin: u32,
    /// A UDP flow.
    pub udp: u32,
}

/// Ports from the first to the last; one port if both are the same.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct PortRange {
    /// The first port.
    pub first: u16,
    /// The last port, not below the first.
    pub last: u16,
}

impl PortRange {
    /// Whether a port is in the range.
    pub fn contains(self, port: u16) -> bool {
        (self.first..=self.last).contains(&port)
    }

    /// Whether a port is in both ranges.
    pub fn overlaps(self, other: Self) -> bool {
        self.first <= other.last && other.first <= self.last
    }

    /// The only port of the range.
    pub fn single(self) -> Option<u16> {
        (self.first == self.last).then_some(self.first)
    }
}

impl From<u16> for PortRange {
    fn from(port: u16) -> Self {
        Self { first: port, last: port }
    }
}

/// `80`, or `50000-50100`, as nft(8), ip-rule(8) and firewalld write it.
impl fmt::Display for PortRange {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.single() {
            Some(port) => port.fmt(f),
            None => write!(f, "{}-{}", self.first, self.last),
        }
    }
}

impl std::str::FromStr for PortRange {
    type Err = std::num::ParseIntError;

    /// Reads this form. A range whose first port is above its last one has no port.
    fn from_str(text: &str) -> Result<Self, Self::Err> {
        match text.split_once('-') {
            Some((first, last)) => Ok(Self { first: first.parse()?, last: last.parse()? }),
            None => text.parse().map(|port: u16| port.into()),
        }
    }
}

/// A number for one port, a text for a range.
impl Serialize for PortRange {
    fn serialize<S: serde::Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        match self.single() {
            Some(port) => serializer.serialize_u16(port),
            None => serializer.collect_str(self),
        }
    }
}

impl<'de> Deserialize<'de> for PortRange {
    fn deserialize<D: serde::Deserializer<'de>>(from: D) -> Result<Self, D::Error> {
        #[derive(Deserialize)]
        #[serde(untagged)]
        enum Written {
            One(u16),
            Range(String),
        }
        match Written::deserialize(from)? {
            Written::One(port) => Ok(port.into()),
            Written::Range(text) => text.parse().map_err(serde::de::Error::custom),
        }
    }
}
