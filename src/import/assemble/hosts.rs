//! The hosts: directors, real servers, and their names and addresses.

use std::collections::{BTreeMap, BTreeSet};
use std::net::IpAddr;

use super::super::draft::{Answer, DraftHost};
use super::super::gather::Picture;
use super::super::rules;
use super::network::{Network, is_inside, nic_of, routes};
use super::{Cx, instance};
use crate::diagnostic::{Finding, Report};
use crate::ipvs::Family;

/// The hosts of the model.
pub(super) struct Hosts {
    pub(super) directors: Vec<DraftHost>,
    pub(super) real_servers: Vec<DraftHost>,
    /// The names by address.
    names: BTreeMap<IpAddr, String>,
    /// The names of the real servers.
    listed: BTreeSet<String>,
}

impl Hosts {
    /// The name of the host with an address.
    pub(super) fn name(&self, address: IpAddr) -> Option<&str> {
        self.names.get(&address).map(String::as_str)
    }

    /// The directors and the real servers.
    pub(super) fn all(&self) -> impl Iterator<Item = &DraftHost> {
        self.directors.iter().chain(&self.real_servers)
    }
}

pub(super) fn hosts(cx: &Cx<'_>, network: &Network, report: &mut Report) -> Hosts {
    let mut hosts = Hosts {
        directors: Vec::new(),
        real_servers: Vec::new(),
        names: BTreeMap::new(),
        listed: BTreeSet::new(),
    };
    for (picture, _) in &cx.tables {
        let director = host(cx, picture, "directors", network);
        hosts.note(&director);
        hosts.directors.push(director);
    }
    hosts.directors.extend(peers(cx, &mut hosts.names, report));
    for picture in cx.answering() {
        hosts.push(host(cx, picture, "real_servers", network));
    }
    let destinations = cx.tables.iter().flat_map(|(_, table)| &table.destinations);
    let destinations = destinations.filter(|(of, _, span)| !cx.left_out.contains(&(*of, *span)));
    destinations.for_each(|(_, destination, _)| hosts.add(cx, network, destination.address));
    hosts.sort(cx);
    further_addresses(cx, &hosts, report);
    hosts
}

impl Hosts {
    /// Notes the addresses of a host.
    fn note(&mut self, host: &DraftHost) {
        let addresses = host.addresses.value().into_iter().flatten();
        self.names.extend(addresses.map(|address| (*address, host.name.clone())));
    }

    fn push(&mut self, real_server: DraftHost) {
        self.note(&real_server);
        self.listed.insert(real_server.name.clone());
        self.real_servers.push(real_server);
    }

    /// Sorts the real servers by their first entry in a table. A sorry server comes last.
    fn sort(&mut self, cx: &Cx<'_>) {
        let destinations = cx.tables.iter().flat_map(|(_, table)| &table.destinations);
        let mut order: BTreeMap<&str, usize> = BTreeMap::new();
        for (at, (_, destination, _)) in destinations.enumerate() {
            if let Some(name) = self.names.get(&destination.address) {
                order.entry(name).or_insert(at);
            }
        }
        self.real_servers
            .sort_by_key(|one| order.get(one.name.as_str()).copied().unwrap_or(usize::MAX));
    }

    /// Adds a real server of the table, unless the list has it.
    fn add(&mut self, cx: &Cx<'_>, network: &Network, address: IpAddr) {
        let named = self.names.get(&address).cloned();
        // A real server behind a router or NAT needs no VIP, so its files may show no role.
        let picture = cx.pictures.iter().find(|picture| picture.has(address));
        let real_server = match (named, picture) {
            (Some(name), _) if self.listed.contains(&name) => return,
            // The table names another address of a host that is in the list.
            (None, Some(picture)) if self.listed.contains(&picture.name) => {
                self.names.insert(address, picture.name.clone());
                return;
            }
            // A director that is also a real server has the same addresses in both lists.
            (Some(name), _) => match self.directors.iter().find(|one| one.name == name) {
                Some(director) => {
                    DraftHost { addresses: director.addresses.clone(), ..plain(name, address) }
                }
                None => plain(name, address),
            },
            (None, Some(picture)) => host(cx, picture, "real_servers", network),
            (None, None) => plain(format!("rs-{}", dashed(address)), address),
        };
        self.names.insert(address, real_server.name.clone());
        self.push(real_server);
    }
}

/// A part of a name.
fn dashed(address: IpAddr) -> String {
    address.to_string().replace("::", "-").replace([':', '.'], "-").trim_matches('-').to_owned()
}

/// A host of which no file was given.
pub(super) fn plain(name: String, address: IpAddr) -> DraftHost {
    DraftHost {
        name,
        addresses: Answer::Read(vec![address]),
        interface: None,
        gateway: None,
        target: None,
    }
}

/// One address of each family: that of a real server in a table, or in the subnet of the network, or the first one.
fn addresses(cx: &Cx<'_>, picture: &Picture, network: &Network) -> Vec<IpAddr> {
    let own =
        || picture.addresses().map(|(_, net, _)| net.addr()).filter(|one| !cx.vips.contains(one));
    let served = |one: &IpAddr| {
        cx.tables
            .iter()
            .flat_map(|(_, table)| &table.destinations)
            .any(|(_, to, _)| to.address == *one)
    };
    let best = |family: Family| {
        let all: Vec<IpAddr> = own().filter(|one| Family::of(*one) == family).collect();
        let served = all.iter().copied().find(served);
        let inside = || all.iter().copied().find(|one| is_inside(&network.subnets, *one));
        served.or_else(inside).or_else(|| all.first().copied())
    };
    Family::ALL.into_iter().filter_map(best).collect()
}

/// Reports the addresses of NICs that the model does not have.
fn further_addresses(cx: &Cx<'_>, hosts: &Hosts, report: &mut Report) {
    let known: BTreeSet<IpAddr> =
        hosts.all().filter_map(|host| host.addresses.value()).flatten().copied().collect();
    let names: BTreeSet<&str> = hosts.all().map(|host| host.name.as_str()).collect();
    let all = cx.pictures.iter().filter(|picture| names.contains(picture.name.as_str()));
    for (_, net, span) in all.flat_map(Picture::addresses) {
        if !known.contains(&net.addr())
            && !cx.vips.contains(&net.addr())
            && !net.addr().is_loopback()
        {
            let message = format!(
                "{}: a further address of the host; `nics` and `segments` describe several NICs",
                net.addr()
            );
            report.add(Finding::at(&rules::LOST, span, message));
        }
    }
}

pub(super) fn host(cx: &Cx<'_>, picture: &Picture, list: &str, network: &Network) -> DraftHost {
    let key = |what: &str| format!("{list}.{}.{what}", picture.name);
    let addresses = addresses(cx, picture, network);
    let vrrp = picture.facts.iter().filter_map(|seen| instance(&seen.fact)?.source);
    let addresses = match cx.answers.list(&key("address")) {
        Some(addresses) => Answer::Given(addresses),
        None if !addresses.is_empty() => Answer::Read(addresses),
        None => {
            let mut sources: Vec<IpAddr> = vrrp.collect();
            sources.dedup();
            match sources.as_slice() {
                [] => Answer::Open("no file has an address of the host itself".to_owned()),
                _ => Answer::Read(sources),
            }
        }
    };
    let usual = network.interface.value();
    let usual_gateways = network.gateways.value().map(Vec::as_slice).unwrap_or_default();
    let is_director = |gateway: IpAddr| cx.tables.iter().any(|(one, _)| one.has(gateway));
    let other = |gateway: &IpAddr| {
        let families = usual_gateways.iter().any(|one| one.is_ipv4() == gateway.is_ipv4());
        families && !usual_gateways.contains(gateway) && !is_director(*gateway)
    };
    DraftHost {
        name: picture.name.clone(),
        addresses,
        interface: nic_of(picture, &network.subnets)
            .filter(|nic| usual.is_some_and(|usual| usual != nic)),
        gateway: routes(picture).map(|(gateway, _)| gateway).find(other),
        target: cx.answers.get(&key("target")).map(str::to_owned),
    }
}

/// The directors that only the files of another director name, as the peers of VRRP.
fn peers(cx: &Cx<'_>, names: &mut BTreeMap<IpAddr, String>, report: &mut Report) -> Vec<DraftHost> {
    let mut found = Vec::new();
    for (picture, _) in &cx.tables {
        for seen in &picture.facts {
            let peers = instance(&seen.fact).map(|one| one.peers.as_slice()).unwrap_or_default();
            for peer in peers {
                if names.contains_key(peer) || cx.tables.iter().any(|(one, _)| one.has(*peer)) {
                    continue;
                }
                let name = format!("director-{}", dashed(*peer));
                let message =
                    format!("the director at {peer} is called `{name}`: its files were not given");
                report.add(Finding::at(&rules::GUESSED, seen.span, message));
                names.insert(*peer, name.clone());
                found.push(plain(name, *peer));
            }
        }
    }
    found
}
