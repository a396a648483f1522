//! The network: NIC, subnets and gateways.

use std::collections::BTreeMap;
use std::net::IpAddr;

use ipnet::IpNet;

use super::super::draft::Answer;
use super::super::gather::Picture;
use super::super::rules;
use super::{Cx, instance};
use crate::diagnostic::{Finding, Report};
use crate::facts::Fact;
use crate::ipvs::Family;
use crate::source::Span;

/// The network of the cluster.
pub(super) struct Network {
    pub(super) interface: Answer<String>,
    pub(super) subnets: Vec<Answer<IpNet>>,
    pub(super) gateways: Answer<Vec<IpAddr>>,
}

pub(super) fn network(cx: &Cx<'_>, report: &mut Report) -> Network {
    let subnets = subnets(cx, report);
    let interface = interface(cx, &subnets);
    let gateways = gateways(cx, &subnets, report);
    Network { interface, subnets, gateways }
}

/// Whether an address lies in a subnet of the network.
pub(super) fn is_inside(subnets: &[Answer<IpNet>], address: IpAddr) -> bool {
    subnets.iter().filter_map(Answer::value).any(|net| net.contains(&address))
}

/// The name of the NIC that most hosts have.
fn interface(cx: &Cx<'_>, subnets: &[Answer<IpNet>]) -> Answer<String> {
    if let Some(given) = cx.answers.get("network.interface") {
        return Answer::Given(given.to_owned());
    }
    let own = cx.pictures.iter().filter_map(|picture| nic_of(picture, subnets));
    match most(own) {
        Some(nic) => Answer::Read(nic),
        None => Answer::Open("no file names a NIC".to_owned()),
    }
}

/// The NIC of a host: that of its address in the network, or of another address, or of VRRP.
pub(super) fn nic_of(picture: &Picture, subnets: &[Answer<IpNet>]) -> Option<String> {
    let inside = || picture.addresses().find(|(_, net, _)| is_inside(subnets, net.addr()));
    let inside = inside().map(|(nic, ..)| nic).filter(|nic| !nic.is_empty());
    let vrrp =
        || picture.facts.iter().find_map(|seen| Some(instance(&seen.fact)?.interface.clone()));
    let other = || picture.addresses().map(|(nic, ..)| nic).find(|nic| !nic.is_empty());
    inside.or_else(vrrp).or_else(other)
}

fn most<T: Ord>(all: impl Iterator<Item = T>) -> Option<T> {
    let mut counts: BTreeMap<T, usize> = BTreeMap::new();
    all.for_each(|one| *counts.entry(one).or_default() += 1);
    let largest = counts.values().copied().max()?;
    counts.into_iter().find(|(_, count)| *count == largest).map(|(one, _)| one)
}

/// The subnet of each family that the hosts have.
fn subnets(cx: &Cx<'_>, report: &mut Report) -> Vec<Answer<IpNet>> {
    if let Some(given) = cx.answers.list("network.subnet") {
        return given.into_iter().map(Answer::Given).collect();
    }
    Family::ALL.into_iter().filter_map(|family| subnet(cx, family, report)).collect()
}

fn subnet(cx: &Cx<'_>, family: Family, report: &mut Report) -> Option<Answer<IpNet>> {
    let all: Vec<(IpNet, Span)> = cx
        .pictures
        .iter()
        .flat_map(Picture::addresses)
        .map(|(_, net, span)| (net, span))
        .chain(cx.pictures.iter().flat_map(Picture::moving))
        .collect();
    let own = all.iter().filter(|(net, _)| Family::of(net.addr()) == family);
    let wide = own.clone().filter(|(net, _)| net.prefix_len() < family.host_prefix());
    let of_hosts = wide.clone().filter(|(net, _)| !cx.vips.contains(&net.addr()));
    if let Some(net) = most(of_hosts.map(|(net, _)| net.trunc())) {
        return Some(Answer::Read(net));
    }
    let addresses = addresses(cx, family);
    let first = *addresses.first()?;
    let (net, why) = match most(wide.map(|(net, _)| net.trunc()))
        .filter(|net| addresses.iter().all(|one| net.contains(one)))
    {
        Some(net) => (net, "the prefix of the VIP; every address lies in it"),
        None => (common(&addresses, family), "the network that every address lies in"),
    };
    let place = own.map(|(_, span)| *span).next();
    let place = place.or_else(|| {
        let of = |(address, span): (IpAddr, Span)| (address == first).then_some(span);
        places(cx).into_iter().find_map(of)
    });
    let message = format!("the subnet is {net}: {why}");
    let finding = match place {
        Some(span) => Finding::at(&rules::GUESSED, span, message),
        None => Finding::new(&rules::GUESSED, message),
    };
    report.add(finding.help("write `--set network.subnet=SUBNET` for another one"));
    Some(Answer::Guessed(net, why.to_owned()))
}

/// Every address of a family that the files have.
fn addresses(cx: &Cx<'_>, family: Family) -> Vec<IpAddr> {
    let all = places(cx).into_iter().map(|(address, _)| address);
    all.filter(|one| Family::of(*one) == family).collect()
}

fn places(cx: &Cx<'_>) -> Vec<(IpAddr, Span)> {
    let destinations = cx.tables.iter().flat_map(|(_, table)| &table.destinations);
    let mut all: Vec<(IpAddr, Span)> =
        destinations.map(|(_, destination, span)| (destination.address, *span)).collect();
    for picture in cx.pictures {
        for seen in &picture.facts {
            let instances = instance(&seen.fact).into_iter();
            let own = instances.flat_map(|one| one.source.iter().chain(&one.peers));
            all.extend(own.map(|one| (*one, seen.span)));
        }
    }
    let services = cx.tables.iter().flat_map(|(_, table)| &table.services);
    all.extend(services.filter_map(|(one, span)| Some((one.endpoint.address()?, *span))));
    all
}

/// The smallest network with all addresses, at most as narrow as a usual segment.
fn common(addresses: &[IpAddr], family: Family) -> IpNet {
    let usual = if family == Family::Ipv4 { 24 } else { 64 };
    let first = addresses.first().copied().expect("the caller has an address");
    let mut prefix = usual;
    loop {
        let net =
            IpNet::new(first, prefix).expect("the prefix is below that of one address").trunc();
        if prefix == 0 || addresses.iter().all(|one| net.contains(one)) {
            return net;
        }
        prefix -= 1;
    }
}

/// The gateways of most hosts. A gateway that is a director cannot work: it would get the answers with its own VIP as their source.
fn gateways(cx: &Cx<'_>, subnets: &[Answer<IpNet>], report: &mut Report) -> Answer<Vec<IpAddr>> {
    let directors = |address: IpAddr| cx.tables.iter().find(|(picture, _)| picture.has(address));
    let mut found: BTreeMap<IpAddr, usize> = BTreeMap::new();
    for picture in cx.pictures.iter().filter(|picture| !cx.is_masqueraded(picture)) {
        for (gateway, span) in routes(picture) {
            match directors(gateway) {
                None if is_inside(subnets, gateway) => *found.entry(gateway).or_default() += 1,
                None => {
                    let message = "the gateway is in another network than the cluster";
                    report.add(Finding::at(&rules::LOST, span, message));
                }
                Some((director, _)) => {
                    let message = format!(
                        "the gateway of `{}` is the director `{}`, which drops the answers of real servers: the model has the gateway of the network",
                        picture.name, director.name
                    );
                    report.add(Finding::at(&rules::CHANGED, span, message));
                }
            }
        }
    }
    if let Some(given) = cx.answers.list("network.gateway") {
        return Answer::Given(given);
    }
    let each = Family::ALL.into_iter().filter_map(|family| {
        let own = found.iter().filter(|(gateway, _)| Family::of(**gateway) == family);
        own.max_by_key(|(_, count)| **count).map(|(gateway, _)| *gateway)
    });
    match each.collect::<Vec<_>>() {
        none if none.is_empty() => {
            Answer::Open("no file has a default route of this network".to_owned())
        }
        gateways => Answer::Read(gateways),
    }
}

/// The default routes of a host.
pub(super) fn routes(picture: &Picture) -> impl Iterator<Item = (IpAddr, Span)> {
    picture.facts.iter().filter_map(|seen| match seen.fact {
        Fact::DefaultRoute { gateway } => Some((gateway, seen.span)),
        _ => None,
    })
}
