//! The conditions of a rule of nft(8): addresses, protocols and ports.

use std::collections::BTreeMap;
use std::fmt;
use std::net::IpAddr;

use ipnet::IpNet;

use crate::firewall::{Opening, Traffic, network};
use crate::ipvs::{Family, PortRange, Protocol};

/// The conditions of a rule.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Conditions {
    pub(super) family: Family,
    pub(super) from: Option<IpNet>,
    pub(super) to: Option<IpAddr>,
    pub(super) protocol: Transport,
    pub(super) ports: Ports,
}

/// The protocol of the packets.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Transport {
    Ports(Protocol),
    Number(u8),
}

/// The ports of the packets.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Ports {
    All,
    To(Vec<PortRange>),
    From(Vec<PortRange>),
}

impl Transport {
    fn read(name: &str) -> Option<Self> {
        let number = || name.parse().ok().map(Self::Number);
        Protocol::new(name).ok().map(Self::Ports).or_else(number)
    }
}

impl fmt::Display for Transport {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Ports(protocol) => protocol.fmt(f),
            Self::Number(number) => number.fmt(f),
        }
    }
}

impl From<&Opening> for Conditions {
    fn from(opening: &Opening) -> Self {
        let (protocol, ports) = match opening.traffic {
            Traffic::Port(protocol, port) => (Transport::Ports(protocol), Ports::To(vec![port])),
            Traffic::FromPort(protocol, port) => {
                (Transport::Ports(protocol), Ports::From(vec![port.into()]))
            }
            Traffic::EveryPort(protocol) => (Transport::Ports(protocol), Ports::All),
            Traffic::Number(number) => (Transport::Number(number), Ports::All),
        };
        Self { family: opening.family, from: opening.from, to: opening.to, protocol, ports }
    }
}

/// The syntax of nft(8).
impl fmt::Display for Conditions {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let header = match self.family {
            Family::Ipv4 => "ip",
            Family::Ipv6 => "ip6",
        };
        if let (None, None) = (self.from, self.to) {
            // A rule without addresses would concern both families.
            write!(f, "meta nfproto {} ", self.family.keyword())?;
        }
        if let Some(from) = self.from {
            write!(f, "{header} saddr {} ", network(from))?;
        }
        if let Some(to) = self.to {
            write!(f, "{header} daddr {to} ")?;
        }
        let protocol = self.protocol;
        match &self.ports {
            Ports::All => write!(f, "meta l4proto {protocol}"),
            Ports::To(ports) => write!(f, "{protocol} dport {}", set(ports)),
            Ports::From(ports) => write!(f, "{protocol} sport {}", set(ports)),
        }
    }
}

/// A port, or a set of ports.
fn set(ports: &[PortRange]) -> String {
    let elements: Vec<String> = ports.iter().map(ToString::to_string).collect();
    match elements.as_slice() {
        [port] => port.clone(),
        _ => format!("{{ {} }}", elements.join(", ")),
    }
}

/// The ICMP errors that a sender of packets must get, by family.
const ERRORS: [(&str, &str, &str); 2] = [
    ("ip", "icmp", "destination-unreachable, time-exceeded, parameter-problem"),
    ("ip6", "icmpv6", "destination-unreachable, packet-too-big, time-exceeded, parameter-problem"),
];

/// Writes the conditions of a rule on the ICMP errors to an address.
pub fn icmp_errors_to(address: IpAddr) -> String {
    let [v4, v6] = ERRORS;
    let (header, protocol, errors) = if address.is_ipv4() { v4 } else { v6 };
    format!("{header} daddr {address} {protocol} type {{ {errors} }}")
}

/// Reads these conditions.
pub(super) fn read_icmp_errors(conditions: &[&str]) -> Option<IpAddr> {
    let address: IpAddr = conditions.get(2)?.parse().ok()?;
    (conditions.join(" ") == icmp_errors_to(address)).then_some(address)
}

impl Conditions {
    /// Conditions for all packets of openings: one for all ports of an address, sorted by address.
    pub fn grouped(openings: &[Opening]) -> Vec<Self> {
        let mut groups: BTreeMap<_, Self> = BTreeMap::new();
        for opening in openings {
            let new = Self::from(opening);
            let kind = match new.ports {
                Ports::All => 0,
                Ports::To(_) => 1,
                Ports::From(_) => 2,
            };
            let group = groups.entry((new.to, new.from, new.protocol, kind));
            let group = group.or_insert_with(|| new.clone());
            if let (Ports::To(all), Ports::To(more)) | (Ports::From(all), Ports::From(more)) =
                (&mut group.ports, new.ports)
            {
                all.extend(more);
                all.sort_unstable();
                all.dedup();
            }
        }
        groups.into_values().collect()
    }

    /// Reads conditions; `None` if lvsgen does not read one of them.
    pub(super) fn read(mut rest: &[&str]) -> Option<Self> {
        let (mut family, mut from, mut to, mut transport) = (None, None, None, None);
        let mut ports = Ports::All;
        while !rest.is_empty() {
            rest = match rest {
                ["meta", "nfproto", name, rest @ ..] => {
                    family = Some(Family::of_keyword(name)?);
                    rest
                }
                ["ip" | "ip6", "saddr", address, rest @ ..] => {
                    let one = || address.parse::<IpAddr>().map(IpNet::from);
                    from = Some(address.parse().or_else(|_| one()).ok()?);
                    rest
                }
                ["ip" | "ip6", "daddr", address, rest @ ..] => {
                    to = Some(address.parse().ok()?);
                    rest
                }
                ["meta", "l4proto", name, rest @ ..] => {
                    transport = Some(Transport::read(name)?);
                    rest
                }
                [protocol, direction @ ("dport" | "sport"), rest @ ..] if ports == Ports::All => {
                    transport = Some(Transport::Ports(Protocol::new(protocol).ok()?));
                    let (list, rest) = port_list(rest)?;
                    ports = if *direction == "dport" { Ports::To(list) } else { Ports::From(list) };
                    rest
                }
                _ => return None,
            };
        }
        let address = to.or_else(|| from.map(|net| net.addr()));
        let family = family.or_else(|| address.map(Family::of))?;
        Some(Self { family, from, to, protocol: transport?, ports })
    }

    /// One opening for each port.
    pub(super) fn openings(&self) -> Vec<Opening> {
        let Self { family, from, to, .. } = *self;
        let traffic: Vec<Traffic> = match (self.protocol, &self.ports) {
            (Transport::Number(number), _) => vec![Traffic::Number(number)],
            (Transport::Ports(protocol), Ports::All) => vec![Traffic::EveryPort(protocol)],
            (Transport::Ports(protocol), Ports::To(ports)) => {
                ports.iter().map(|port| Traffic::Port(protocol, *port)).collect()
            }
            (Transport::Ports(protocol), Ports::From(ports)) => {
                let single = ports.iter().filter_map(|port| port.single());
                single.map(|port| Traffic::FromPort(protocol, port)).collect()
            }
        };
        traffic.into_iter().map(|traffic| Opening { family, from, to, traffic }).collect()
    }
}

/// A port, or a set of ports in braces; and the tokens after it.
fn port_list<'t, 'a>(tokens: &'t [&'a str]) -> Option<(Vec<PortRange>, &'t [&'a str])> {
    let (elements, rest) = match tokens {
        ["{", rest @ ..] => {
            let end = rest.iter().position(|token| *token == "}")?;
            (&rest[..end], &rest[end + 1..])
        }
        [_, rest @ ..] => (&tokens[..1], rest),
        [] => return None,
    };
    let port = |port: &&str| port.trim_end_matches(',').parse().ok();
    Some((elements.iter().map(port).collect::<Option<Vec<PortRange>>>()?, rest))
}
