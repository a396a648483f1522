//! The places from which a client can ask.

use std::net::{IpAddr, Ipv4Addr, Ipv6Addr};

use ipnet::IpNet;

use super::network::Network;
use crate::diagnostic::did_you_mean;
use crate::ipvs::Family;

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

const NO_GATEWAY: &str = "no file names a gateway of the segment, so a client behind it has no way";

impl Network<'_> {
    /// The client that the user asks for.
    ///
    /// # Errors
    /// The reason why the network has no such client.
    pub(super) fn client(&self, asked: &Asked) -> Result<Client, String> {
        match asked {
            Asked::Outside => {
                self.gateway.ok_or(NO_GATEWAY)?;
                let address = outside(self.packet.address, &self.segment);
                let name = "outside".to_owned();
                Ok(Client { name, address, host: None, on_link: false })
            }
            Asked::OnLink => {
                let free = self.segment.iter().find_map(|net| free(*net, |one| self.is_taken(one)));
                let address = free.ok_or("no file shows the network of the VIP")?;
                Ok(Client { name: "on-link".to_owned(), address, host: None, on_link: true })
            }
            Asked::Address(address) => self.client_at(*address),
            Asked::Host(name) => self.client_host(name),
        }
    }

    fn is_taken(&self, address: IpAddr) -> bool {
        self.gateway == Some(address)
            || address == self.packet.address
            || self.node_with(address).is_some()
    }

    fn client_at(&self, address: IpAddr) -> Result<Client, String> {
        let vip = self.packet.address;
        let ends = |net: &IpNet| {
            net.contains(&address) && (address == net.network() || address == net.broadcast())
        };
        let refused = match address {
            _ if address == vip => Some("it is the VIP itself"),
            _ if Family::of(address) != Family::of(vip) => {
                Some("the VIP has another address family")
            }
            _ if address.is_loopback() || address.is_unspecified() || address.is_multicast() => {
                Some("it is no address of one host")
            }
            IpAddr::V4(_) if self.segment.iter().any(ends) => {
                Some("it is the first or the last address of the network")
            }
            _ => None,
        };
        if let Some(why) = refused {
            return Err(format!("{address} cannot be a client: {why}"));
        }
        if let Some(node) = self.node_with(address) {
            return self.client_host(&node.traced.name);
        }
        let on_link = self.is_near(address);
        if !on_link {
            self.gateway.ok_or(NO_GATEWAY)?;
        }
        Ok(Client { name: address.to_string(), address, host: None, on_link })
    }

    fn client_host(&self, name: &str) -> Result<Client, String> {
        let Some(at) = self.nodes.iter().position(|node| node.traced.name == *name) else {
            let names = self.nodes.iter().map(|node| node.traced.name.as_str());
            let known = did_you_mean(name, names.chain(["outside", "on-link"]));
            let known = known.map(|known| format!("; {known}")).unwrap_or_default();
            return Err(format!("there is no host `{name}`{known}"));
        };
        let node = &self.nodes[at];
        if node.is_down {
            return Err(format!("`{name}` is down, so it is no client"));
        }
        let address = node.host.source_for(self.packet.address);
        let address = address.ok_or_else(|| format!("`{name}` has no route to the VIP"))?;
        let on_link = !self.nics_of(node).is_empty();
        Ok(Client { name: name.to_owned(), address, host: Some(at), on_link })
    }
}

/// An address outside of all networks: one of the ranges for documentation (RFC 5737, RFC 3849) or for benchmarks (RFC 2544).
fn outside(vip: IpAddr, nets: &[IpNet]) -> IpAddr {
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
fn free(net: IpNet, taken: impl Fn(IpAddr) -> bool) -> Option<IpAddr> {
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
