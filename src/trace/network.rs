//! The network of a trace at one moment: the kernels of all hosts, and the segment of the VIP.

use std::collections::BTreeSet;
use std::net::IpAddr;

use ipnet::IpNet;

use super::clients::{Asked, Client, free, outside};
use super::hosts::{Hosts, TracedHost, is_link_local};
use crate::ipvs::Family;
use crate::kernel::Moment;
use crate::kernel::host::{Host, LOOPBACK};
use crate::kernel::ipvs::{Packet, Table};

/// The choices of the user.
#[derive(Clone, Debug)]
pub struct Options {
    /// The packets of the client.
    pub packet: Packet,
    /// The clients; an empty list stands for all places.
    pub from: Vec<Asked>,
    /// The moments.
    pub moments: Vec<Moment>,
    /// The hosts that are down.
    pub down: BTreeSet<String>,
}

/// All hosts at one moment.
#[derive(Debug)]
pub struct Network<'h> {
    pub(super) nodes: Vec<Node<'h>>,
    /// The packets of the client.
    pub(super) packet: Packet,
    /// The router of the segment.
    pub(super) gateway: Option<IpAddr>,
    /// The networks of the segment that has the VIP.
    segment: Vec<IpNet>,
}

/// One host.
#[derive(Debug)]
pub(super) struct Node<'h> {
    pub(super) traced: &'h TracedHost,
    pub(super) host: Host<'h>,
    pub(super) table: Table,
    pub(super) is_down: bool,
}

impl<'h> Network<'h> {
    /// Makes the kernels. Of the directors with keepalived, the one with the largest priority works.
    pub fn new(hosts: &'h Hosts, options: &Options, moment: Moment) -> Self {
        let is_up = |host: &TracedHost| !options.down.contains(&host.name);
        let priority = |host: &TracedHost| host.instance.as_ref().map(|one| one.priority);
        let highest = hosts.all.iter().filter(|host| is_up(host)).filter_map(priority).max();
        let works = hosts
            .all
            .iter()
            .position(|host| is_up(host) && priority(host) == highest && highest.is_some());
        let nodes: Vec<Node<'_>> = hosts
            .all
            .iter()
            .enumerate()
            .map(|(at, traced)| Node {
                host: traced.kernel(moment, works == Some(at), options.packet),
                table: traced.table(),
                is_down: !is_up(traced),
                traced,
            })
            .collect();
        let vip = options.packet.address;
        let mut network =
            Self { nodes, packet: options.packet, gateway: None, segment: Vec::new() };
        network.segment = network.nets_around(vip);
        network.gateway = network.router(hosts);
        network
    }

    /// The networks that contain the VIP; without one, those of the hosts with the service.
    fn nets_around(&self, vip: IpAddr) -> Vec<IpNet> {
        let all = |node: &Node<'_>| {
            let nets = node.host.addresses.iter().filter(|one| one.nic != LOOPBACK);
            let nets = nets.map(|one| one.net).filter(|net| {
                Family::of(net.addr()) == Family::of(vip)
                    && net.prefix_len() < Family::of(vip).host_prefix()
            });
            nets.map(|net| net.trunc()).collect::<BTreeSet<IpNet>>()
        };
        let nets: BTreeSet<IpNet> = self.nodes.iter().flat_map(all).collect();
        let around: Vec<IpNet> = nets.into_iter().filter(|net| net.contains(&vip)).collect();
        if !around.is_empty() {
            return around;
        }
        let directors = self.nodes.iter().filter(|node| node.table.service(self.packet).is_some());
        directors.flat_map(all).collect::<BTreeSet<IpNet>>().into_iter().collect()
    }

    /// The router of the segment: the gateway that most hosts use, and that is no host itself.
    fn router(&self, hosts: &Hosts) -> Option<IpAddr> {
        let is_host = |address: &IpAddr| self.node_with(*address).is_some();
        let near = |address: &IpAddr| self.is_near(*address) || is_link_local(*address);
        let routes = self.nodes.iter().flat_map(|node| &node.host.routes);
        let written = routes.filter_map(|route| route.gateway);
        let named = hosts.gateways.iter().copied();
        named
            .chain(written)
            .filter(|one| one.is_ipv4() == self.packet.address.is_ipv4())
            .find(|one| near(one) && !is_host(one))
    }

    /// Whether an address is on the segment of the VIP.
    pub(super) fn is_near(&self, address: IpAddr) -> bool {
        self.segment.iter().any(|net| net.contains(&address))
    }

    /// Whether the VIP lies in a network of the segment.
    pub(super) fn vip_is_near(&self) -> bool {
        self.is_near(self.packet.address)
    }

    /// The host with an address on a NIC.
    pub(super) fn node_with(&self, address: IpAddr) -> Option<&Node<'h>> {
        self.nodes.iter().find(|node| {
            node.host.addresses.iter().any(|one| one.net.addr() == address && one.nic != LOOPBACK)
        })
    }

    /// The NIC of a host on the segment of the VIP.
    pub(super) fn nic_of<'n>(&self, node: &'n Node<'_>) -> Option<&'n str> {
        let near = node.host.addresses.iter().find(|one| {
            one.nic != LOOPBACK
                && one.net.prefix_len() < one.net.max_prefix_len()
                && self.segment.contains(&one.net.trunc())
        });
        near.map(|one| one.nic.as_str())
    }

    /// The NIC of a host that is on the same segment as an address.
    pub(super) fn nic_near<'n>(&self, node: &'n Node<'_>, address: IpAddr) -> Option<&'n str> {
        node.host.nic_to(address).map(|one| one.nic.as_str())
    }

    /// The client that the user asks for; `None`: the network has no such place.
    pub(super) fn client(&self, asked: &Asked) -> Option<Client> {
        let on_link = |name: &str, address| Client {
            name: name.to_owned(),
            address,
            host: None,
            on_link: true,
        };
        match asked {
            Asked::Outside => {
                self.gateway?;
                let address = outside(self.packet.address, &self.segment);
                Some(Client { name: "outside".to_owned(), address, host: None, on_link: false })
            }
            Asked::OnLink => {
                let taken = |one| {
                    self.gateway == Some(one)
                        || one == self.packet.address
                        || self.node_with(one).is_some()
                };
                let address = self.segment.iter().find_map(|net| free(*net, taken))?;
                Some(on_link("on-link", address))
            }
            Asked::Address(address) => {
                match self.nodes.iter().position(|node| {
                    node.host.addresses.iter().any(|one| one.net.addr() == *address)
                }) {
                    Some(at) => self.client(&Asked::Host(self.nodes[at].traced.name.clone())),
                    None => Some(Client {
                        name: address.to_string(),
                        address: *address,
                        host: None,
                        on_link: self.is_near(*address),
                    }),
                }
            }
            Asked::Host(name) => {
                let at = self.nodes.iter().position(|node| node.traced.name == *name)?;
                let node = &self.nodes[at];
                let address = node.host.source_for(self.packet.address)?;
                let on_link = self.nic_of(node).is_some();
                Some(Client { name: name.clone(), address, host: Some(at), on_link })
            }
        }
    }
}
