//! The services, their real servers and their checks.

use std::collections::{BTreeMap, BTreeSet};
use std::net::IpAddr;

use super::super::draft::{Answer, DraftServer, DraftService};
use super::super::health::DraftHealth;
use super::super::rules;
use super::super::table::{Marked, Table};
use super::Cx;
use super::differences;
use super::hosts::Hosts;
use crate::diagnostic::{Finding, Report};
use crate::ipvs::{Destination, Endpoint, Family, Forwarding, PortRange, Protocol, Service};

/// The services of the first director. Differences of the other directors go to the report.
pub(super) fn services(cx: &Cx<'_>, hosts: &Hosts, report: &mut Report) -> Vec<DraftService> {
    let Some(((first, table), others)) = cx.tables.split_first() else { return Vec::new() };
    for (other, of_other) in others {
        differences::report((first, table), (other, of_other), report);
    }
    for span in &table.more_checks {
        let message = "a further check of this real server: the model has one";
        report.add(Finding::at(&rules::LOST, *span, message));
    }
    let (mut names, mut known) = (BTreeSet::new(), BTreeSet::new());
    let mut all = Vec::new();
    for (service, span) in &table.services {
        if !known.insert(service.endpoint) {
            let message = "the service stands here a second time: IPVS has it once";
            report.add(Finding::at(&rules::REFUSED, *span, message));
            continue;
        }
        if table.all_quiesce(service.endpoint).is_none() {
            let message = "some real servers have `inhibit_on_failure`: the model has `on_failure` for the whole service";
            report.add(Finding::at(&rules::LOST, *span, message));
        }
        let all_servers = table.of_service(service.endpoint);
        let servers =
            all_servers.filter(|(_, span)| !cx.left_out.contains(&(service.endpoint, *span)));
        let servers: Vec<Destination> = servers.map(|(destination, _)| *destination).collect();
        if servers.is_empty() {
            continue;
        }
        let sorry = sorry_server(service.endpoint, &servers, table, report);
        let name = name(service.endpoint, &mut names);
        let marked = |mark: u32| table.marks.iter().any(|one| one.mark == mark);
        if let Endpoint::Mark { mark, .. } = service.endpoint
            && !marked(mark)
        {
            let message = format!(
                "no file shows which packets get the mark {mark}: give the VIP and the ports of `{name}`"
            );
            report.add(Finding::at(&rules::GUESSED, *span, message));
        }
        let sorry_server =
            sorry.map(|one| hosts.name(one).map_or_else(|| one.to_string(), str::to_owned));
        all.push(DraftService { sorry_server, ..draft(cx, hosts, table, service, name, &servers) });
    }
    joined(all)
}

/// Joins the services that differ in their VIPs alone.
fn joined(services: Vec<DraftService>) -> Vec<DraftService> {
    let mut all: Vec<DraftService> = Vec::new();
    for service in services {
        match all.iter_mut().find(|one| one.joins(&service)) {
            Some(known) => {
                known.endpoints.extend(service.endpoints);
                if let (Answer::Read(vips), Answer::Read(more)) = (&mut known.vips, service.vips) {
                    vips.extend(more);
                }
            }
            None => all.push(service),
        }
    }
    all
}

/// The sorry server of a service, unless it is a real server of the service.
fn sorry_server(
    endpoint: Endpoint,
    servers: &[Destination],
    table: &Table,
    report: &mut Report,
) -> Option<IpAddr> {
    let (address, span) = *table.sorry.get(&endpoint)?;
    if servers.iter().any(|one| one.address == address) {
        let message = format!(
            "the sorry server {address} is a real server of the service: IPVS has one entry for both"
        );
        let help = "`lvsgen explain sorry-server-is-real-server` shows the effect";
        report.add(Finding::at(&rules::REFUSED, span, message).help(help));
        return None;
    }
    Some(address)
}

/// The service without its sorry server.
fn draft(
    cx: &Cx<'_>,
    hosts: &Hosts,
    table: &Table,
    service: &Service,
    name: String,
    servers: &[Destination],
) -> DraftService {
    let endpoint = service.endpoint;
    let forwarding = most_used(servers);
    let checks: Vec<Option<DraftHealth>> =
        servers.iter().map(|server| check(table, endpoint, server)).collect();
    let health = checks.iter().flatten().next().cloned();
    let entry = |(server, check): (&Destination, &Option<DraftHealth>)| DraftServer {
        name: hosts.name(server.address).unwrap_or_default().to_owned(),
        weight: server.weight,
        port: Some(server.port).filter(|port| *port != endpoint.destination_port()),
        forwarding: Some(server.forwarding).filter(|own| *own != forwarding),
        upper_threshold: server.upper_threshold,
        lower_threshold: server.lower_threshold,
        health: Some(check.clone()).filter(|own| *own != health),
    };
    let entries: Vec<DraftServer> = servers.iter().zip(&checks).map(entry).collect();
    let all = hosts.real_servers.iter().map(|host| host.name.as_str());
    let listed = entries.iter().map(|entry| entry.name.as_str());
    let (ports, protocols) = ports(table, endpoint);
    DraftService {
        vips: vips(cx, table, endpoint, &name),
        ports,
        protocols,
        default_servers: all.eq(listed) && entries.iter().all(DraftServer::is_plain),
        name,
        service: service.clone(),
        endpoints: vec![endpoint],
        forwarding,
        health,
        quiesces: table.all_quiesce(endpoint).unwrap_or(false),
        starts_down: table.starts_down.contains(&endpoint),
        quorum: table.quorum.get(&endpoint).copied(),
        hysteresis: table.hysteresis.get(&endpoint).copied(),
        sorry_server: None,
        real_servers: entries,
    }
}

/// The check of a real server.
fn check(table: &Table, endpoint: Endpoint, server: &Destination) -> Option<DraftHealth> {
    let check = table.checks.get(&(endpoint, server.address))?;
    let through = table.through.contains(&(endpoint, server.address));
    Some(DraftHealth::new(check, server.address, server.port, through))
}

/// The packets of the service with a mark.
fn marked(table: &Table, endpoint: Endpoint) -> impl Iterator<Item = &Marked> {
    table.marks.iter().filter(move |one| match endpoint {
        Endpoint::Mark { mark, family } => one.mark == mark && Family::of(one.address) == family,
        Endpoint::Socket { .. } => false,
    })
}

fn vips(cx: &Cx<'_>, table: &Table, endpoint: Endpoint, name: &str) -> Answer<Vec<IpAddr>> {
    let Endpoint::Mark { mark, .. } = endpoint else {
        let Endpoint::Socket { address, .. } = endpoint else { return Answer::Read(Vec::new()) };
        return Answer::Read(vec![address]);
    };
    if let Some(vips) = cx.answers.list(&format!("virtual_services.{name}.vip")) {
        return Answer::Given(vips);
    }
    let vips: BTreeSet<IpAddr> = marked(table, endpoint).map(|one| one.address).collect();
    match vips.is_empty() {
        true => Answer::Open(format!("no file shows which packets get the mark {mark}")),
        false => Answer::Read(vips.into_iter().collect()),
    }
}

/// The ports and protocols of the packets with a mark.
fn ports(table: &Table, endpoint: Endpoint) -> (Vec<PortRange>, Vec<Protocol>) {
    let (mut ports, mut protocols) = (Vec::new(), Vec::new());
    for one in marked(table, endpoint) {
        ports.extend(
            one.ports.iter().copied().filter(|port| !ports.contains(port)).collect::<Vec<_>>(),
        );
        if !protocols.contains(&one.protocol) {
            protocols.push(one.protocol);
        }
    }
    (ports, protocols)
}

fn most_used(servers: &[Destination]) -> Forwarding {
    let mut counts: BTreeMap<Forwarding, usize> = BTreeMap::new();
    servers.iter().for_each(|one| *counts.entry(one.forwarding).or_default() += 1);
    let most = counts.into_iter().rev().max_by_key(|(_, count)| *count);
    most.map_or(Forwarding::Direct, |(forwarding, _)| forwarding)
}

/// A name that no other service has.
fn name(endpoint: Endpoint, names: &mut BTreeSet<String>) -> String {
    let base = match endpoint {
        Endpoint::Mark { mark, .. } => format!("mark-{mark}"),
        Endpoint::Socket { protocol, port, .. } => {
            let known = match port {
                21 => "ftp",
                25 => "smtp",
                53 => "dns",
                80 => "http",
                443 => "https",
                3306 => "mysql",
                5432 => "postgresql",
                6379 => "redis",
                _ => "",
            };
            match (known, protocol) {
                ("", _) => format!("{protocol}-{port}"),
                (known, Protocol::Tcp) => known.to_owned(),
                (known, _) => format!("{known}-{protocol}"),
            }
        }
    };
    let mut candidates =
        std::iter::once(base.clone()).chain((2..).map(|at| format!("{base}-{at}")));
    let free = candidates.find(|one| !names.contains(one)).expect("the numbers do not end");
    names.insert(free.clone());
    free
}
