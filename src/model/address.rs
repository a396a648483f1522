//! Addresses and subnets, IPv4 and IPv6.
//!
//! Takes the written text; gives a separate type for each kind of address. The compiler thus reports code
//! that uses a VIP as the address of a host.

use std::fmt;
use std::net::{IpAddr, Ipv6Addr};

use ipnet::IpNet;
use serde::{Deserialize, Serialize};

use super::decode::{Decode, word};
use super::family::HasFamily;
use super::schema_part::{self, schema};
use crate::diagnostic::Report;
use crate::ipvs::Family;
use crate::yaml::Node;

/// A host's own address: the DIP of a director, or the RIP of a real server.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(transparent)]
pub struct HostAddress(pub IpAddr);

/// A virtual IP address, which clients use.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize)]
#[serde(transparent)]
pub struct Vip(pub IpAddr);

impl Vip {
    /// The VIP's address family.
    pub fn family(self) -> Family {
        Family::of(self.0)
    }
}

/// The gateway of a subnet.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize)]
#[serde(transparent)]
pub struct Gateway(pub IpAddr);

/// A name server.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize)]
#[serde(transparent)]
pub struct NameServer(pub IpAddr);

/// A subnet, as its network address and prefix length.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize)]
#[serde(transparent)]
pub struct Subnet(pub IpNet);

macro_rules! address {
    ($type:ident, $what:literal) => {
        impl fmt::Display for $type {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                self.0.fmt(f)
            }
        }

        impl Decode for $type {
            fn decode(node: &Node, report: &mut Report) -> Option<Self> {
                word(node, $what, |text| address(text).map(Self), report)
            }
        }
    };
}

address!(HostAddress, "a host's address");
address!(Vip, "a virtual IP address");
address!(NameServer, "a name server's address");

impl Gateway {
    /// Whether it is the link-local address of a router, which is on the segment of each IPv6 subnet.
    pub fn is_link_local(self) -> bool {
        matches!(self.0, IpAddr::V6(router) if router.is_unicast_link_local())
    }
}

impl fmt::Display for Gateway {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.fmt(f)
    }
}

impl Decode for Gateway {
    /// The gateway of IPv6 may be a link-local address: it is an address of the NIC that has the gateway.
    fn decode(node: &Node, report: &mut Report) -> Option<Self> {
        let gateway = |text: &str| match text.parse::<Ipv6Addr>() {
            Ok(router) if router.is_unicast_link_local() => Ok(Self(router.into())),
            _ => address(text).map(Self),
        };
        word(node, "a gateway's address", gateway, report)
    }
}

impl fmt::Display for Subnet {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.fmt(f)
    }
}

impl Decode for Subnet {
    fn decode(node: &Node, report: &mut Report) -> Option<Self> {
        word(node, "a subnet", subnet, report)
    }
}

impl HasFamily for HostAddress {
    fn family(&self) -> Family {
        Family::of(self.0)
    }
}

impl HasFamily for Vip {
    fn family(&self) -> Family {
        Self::family(*self)
    }
}

impl HasFamily for Gateway {
    fn family(&self) -> Family {
        Family::of(self.0)
    }
}

impl HasFamily for Subnet {
    fn family(&self) -> Family {
        Family::of(self.0.addr())
    }
}

schema!(HostAddress, "HostAddress", |_| schema_part::address(
    "a host's own address",
    "",
    "192.168.10.102"
));
schema!(Vip, "Vip", |_| schema_part::address(
    "an address that clients use",
    r"(/\d{1,3})?",
    "192.168.10.100"
));
schema!(Gateway, "Gateway", |_| schema_part::address(
    "the address of a gateway",
    "",
    "192.168.10.2"
));
schema!(NameServer, "NameServer", |_| schema_part::address(
    "the address of a name server",
    "",
    "192.168.10.53"
));
schema!(Subnet, "Subnet", |_| schema_part::address(
    "a subnet, with its prefix length",
    r"/\d{1,3}",
    "192.168.10.0/24"
));

pub(super) fn address(text: &str) -> Result<IpAddr, String> {
    if let Some((alone, _)) = text.split_once('/') {
        return Err(format!(
            "write the address without a prefix length: `{}`",
            alone.escape_debug()
        ));
    }
    let address: IpAddr =
        text.parse().map_err(|_| "write it like 192.168.10.101 or 2001:db8::101".to_owned())?;
    let special = match address {
        IpAddr::V4(v4) if v4.is_broadcast() => Some("the broadcast address"),
        // This is an IPv4 address in IPv6 form. The kernel's IPVS would treat both forms as different
        // hosts.
        IpAddr::V6(v6) if v6.to_ipv4_mapped().is_some() => Some("an IPv4-mapped address"),
        IpAddr::V6(v6) if v6.is_unicast_link_local() => {
            Some("a link-local address, which is incomplete without its interface")
        }
        _ if address.is_unspecified() => Some("the unspecified address"),
        _ if address.is_loopback() => Some("a loopback address"),
        _ if address.is_multicast() => Some("a multicast address"),
        _ => None,
    };
    special.map_or(Ok(address), |special| Err(format!("it is {special}")))
}

fn subnet(text: &str) -> Result<Subnet, String> {
    let net: IpNet =
        text.parse().map_err(|_| "write it like 192.168.10.0/24 or 2001:db8::/64".to_owned())?;
    if net.addr() != net.network() {
        return Err(format!("it has host bits set: the subnet is `{}`", net.trunc()));
    }
    if net.prefix_len() == 0 || net.prefix_len() >= net.max_prefix_len() {
        return Err(format!("a subnet cannot have a prefix length of {}", net.prefix_len()));
    }
    Ok(Subnet(net))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn addresses_of_hosts() {
        for good in ["192.168.10.101", "2001:db8::101", "10.0.0.1", "fd00::1"] {
            assert!(address(good).is_ok(), "{good}");
        }
        for bad in [
            "192.168.10.300",
            "192.168.2,175",
            "127.0.0.1",
            "0.0.0.0",
            "::",
            "::1",
            "224.0.0.1",
            "ff02::1",
            "fe80::1",
            "::ffff:10.0.0.1",
            "10.0.0.1/24",
            "255.255.255.255",
            "010.0.0.1",
        ] {
            assert!(address(bad).is_err(), "{bad}");
        }
    }

    #[test]
    fn subnets() {
        assert_eq!(subnet("192.168.10.0/24").unwrap().to_string(), "192.168.10.0/24");
        let why = subnet("192.168.10.5/24").unwrap_err();
        assert!(why.ends_with("`192.168.10.0/24`"), "{why}");
        for bad in ["192.168.10.0", "10.0.0.0/33", "0.0.0.0/0", "10.0.0.1/32"] {
            assert!(subnet(bad).is_err(), "{bad}");
        }
    }
}
