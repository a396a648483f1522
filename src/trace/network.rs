//! The network of a trace at one moment: the kernels of all hosts, and the segment of the VIP.

use std::collections::{BTreeMap, BTreeSet};
use std::net::IpAddr;

use ipnet::IpNet;

use super::clients::Asked;
use super::election::working;
use super::hosts::{Hosts, TracedHost};
use super::kernels::is_link_local;
use crate::ipvs::Family;
use crate::kernel::Moment;
use crate::kernel::host::{Address, Host, LOOPBACK};
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
    /// The position of the first host with an address on a NIC.
    by_address: BTreeMap<IpAddr, usize>,
    /// The packets of the client.
    pub(super) packet: Packet,
    /// The router of the segment.
    pub(super) gateway: Option<IpAddr>,
    /// The addresses of hosts whose files lvsgen does not know; `None`: any host may be missing.
    pub(super) unmanaged: Option<&'h [IpAddr]>,
    /// The networks of the segment that has the VIP; those with the VIP come first.
    pub(super) segment: Vec<IpNet>,
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
    /// Makes the kernels.
    pub fn new(hosts: &'h Hosts, options: &Options, moment: Moment) -> Self {
        let is_up = |host: &TracedHost| !options.down.contains(&host.name);
        let works = working(&hosts.all, is_up);
        let node = |(traced, works): (&'h TracedHost, &Vec<usize>)| Node {
            host: traced.kernel(moment, works, options.packet),
            table: traced.table(),
            is_down: !is_up(traced),
            traced,
        };
        let nodes: Vec<Node<'_>> = hosts.all.iter().zip(&works).map(node).collect();
        let mut by_address = BTreeMap::new();
        for (at, node) in nodes.iter().enumerate() {
            for one in node.host.addresses.iter().filter(|one| one.nic != LOOPBACK) {
                by_address.entry(one.net.addr()).or_insert(at);
            }
        }
        let (packet, unmanaged) = (options.packet, hosts.unmanaged.as_deref());
        let mut network =
            Self { nodes, by_address, packet, gateway: None, unmanaged, segment: Vec::new() };
        network.segment = network.segment_of(packet.address);
        network.gateway = network.router(hosts);
        network
    }

    /// The networks of one wire: those that contain the VIP or are on its NIC, and all networks of NICs that share one of them.
    fn segment_of(&self, vip: IpAddr) -> Vec<IpNet> {
        let family = Family::of(vip);
        let mut nics: Vec<BTreeSet<IpNet>> = Vec::new();
        let mut begin = BTreeSet::new();
        for node in &self.nodes {
            for nic in node.host.nics() {
                let own: Vec<&Address> = node.host.of_nic(nic).collect();
                let wide = own.iter().map(|one| one.net).filter(|net| {
                    Family::of(net.addr()) == family && net.prefix_len() < family.host_prefix()
                });
                let nets: BTreeSet<IpNet> = wide.map(|net| net.trunc()).collect();
                if own.iter().any(|one| one.net.addr() == vip) {
                    begin.extend(nets.iter().copied());
                }
                begin.extend(nets.iter().copied().filter(|net| net.contains(&vip)));
                nics.push(nets);
            }
        }
        loop {
            let before = begin.len();
            for nets in nics
                .iter()
                .filter(|nets| nets.iter().any(|net| begin.contains(net)))
                .cloned()
                .collect::<Vec<_>>()
            {
                begin.extend(nets);
            }
            if begin.len() == before {
                break;
            }
        }
        let mut all: Vec<IpNet> = begin.into_iter().collect();
        all.sort_by_key(|net| !net.contains(&vip));
        all
    }

    /// The router of the segment: a gateway of the model, or the one that most hosts use, and that is no host itself.
    fn router(&self, hosts: &Hosts) -> Option<IpAddr> {
        let is_host = |address: &IpAddr| self.node_with(*address).is_some();
        let family = Family::of(self.packet.address);
        let usable = |one: &IpAddr| {
            Family::of(*one) == family
                && (self.is_near(*one) || is_link_local(*one))
                && !is_host(one)
        };
        if let Some(named) = hosts.gateways.iter().copied().find(usable) {
            return Some(named);
        }
        let mut counts: BTreeMap<IpAddr, usize> = BTreeMap::new();
        let routes = self.nodes.iter().flat_map(|node| &node.host.routes);
        for gateway in routes.filter_map(|route| route.gateway).filter(usable) {
            *counts.entry(gateway).or_default() += 1;
        }
        let most = counts.values().copied().max();
        counts.into_iter().find(|(_, count)| Some(*count) == most).map(|(gateway, _)| gateway)
    }

    /// Whether an address is on the segment of the VIP.
    pub(super) fn is_near(&self, address: IpAddr) -> bool {
        self.segment.iter().any(|net| net.contains(&address))
    }

    /// Whether a host that lvsgen knows nothing about may have an address.
    pub(super) fn may_exist(&self, address: IpAddr) -> bool {
        self.unmanaged.is_none_or(|all| all.contains(&address))
    }

    /// The host with an address on a NIC.
    pub(super) fn node_with(&self, address: IpAddr) -> Option<&Node<'h>> {
        Some(&self.nodes[*self.by_address.get(&address)?])
    }

    /// The NICs of a host on the segment of the VIP.
    pub(super) fn nics_of<'n>(&self, node: &'n Node<'_>) -> Vec<&'n str> {
        let near = |nic: &&str| {
            node.host.of_nic(nic).any(|one| {
                one.net.prefix_len() < one.net.max_prefix_len()
                    && self.segment.contains(&one.net.trunc())
            })
        };
        node.host.nics().into_iter().filter(near).collect()
    }

    /// The NIC on which packets of the segment to an address of a host arrive: the NIC that has the address, else the NIC of its network.
    pub(super) fn nic_with<'n>(&self, node: &'n Node<'_>, address: IpAddr) -> Option<&'n str> {
        let own =
            node.host.addresses.iter().find(|one| one.net.addr() == address && one.nic != LOOPBACK);
        own.or_else(|| node.host.nic_to(address)).map(|one| one.nic.as_str())
    }
}
