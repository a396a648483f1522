//! Virtual services: their packets, their options, and their real servers.

use std::collections::{BTreeMap, BTreeSet};

use super::{Draft, Drafts, Pair, english};
use crate::ipvs::{Destination, Endpoint, Scheduler, Service};
use crate::model::{HostName, ServiceName};
use crate::ranges;
use crate::summary::{DestinationSummary, ServiceSummary, Summary};

/// One virtual service: its entries in the table, and its real servers.
#[derive(Default)]
struct ServicePair<'a> {
    entries: Vec<&'a Service>,
    /// The real servers, in the order of the summary.
    hosts: Vec<&'a HostName>,
    /// The destinations of each real server: one for each entry.
    parts: BTreeMap<&'a HostName, Vec<&'a DestinationSummary>>,
}

/// The services by name, and their names in the order of the summary.
fn services(summary: &Summary) -> (BTreeMap<&ServiceName, ServicePair<'_>>, Vec<&ServiceName>) {
    let mut services: BTreeMap<&ServiceName, ServicePair<'_>> = BTreeMap::new();
    let mut order = Vec::new();
    for ServiceSummary { name, service: entry } in &summary.services {
        let service = services.entry(name).or_default();
        if service.entries.is_empty() {
            order.push(name);
        }
        service.entries.push(entry);
    }
    for part in &summary.destinations {
        let service = services.entry(&part.name).or_default();
        let parts = service.parts.entry(&part.host).or_default();
        if parts.is_empty() {
            service.hosts.push(&part.host);
        }
        parts.push(part);
    }
    (services, order)
}

impl ServicePair<'_> {
    fn endpoints(&self) -> BTreeSet<Endpoint> {
        self.entries.iter().map(|entry| entry.endpoint).collect()
    }

    fn scheduler(&self) -> Option<Scheduler> {
        self.entries.first().map(|entry| entry.scheduler)
    }

    fn persistent(&self) -> bool {
        self.entries.iter().any(|entry| entry.persistence.is_some())
    }
}

pub(super) fn compare(pair: &Pair<'_>, drafts: &mut Drafts) {
    let (mut written, order) = services(pair.old);
    let (new, _) = services(pair.new);
    // The endpoints identify a service. Its name is only for people.
    let mut by_endpoints: BTreeMap<BTreeSet<Endpoint>, &ServiceName> =
        new.iter().map(|(name, service)| (service.endpoints(), *name)).collect();
    let mut old = BTreeMap::new();
    let mut left = Vec::new();
    for name in order {
        let service = written.remove(name).expect("the order names each service once");
        match by_endpoints.remove(&service.endpoints()) {
            Some(now) => {
                if now != name {
                    drafts.say(Draft::new(format!("the service {name} is called {now}")));
                }
                old.insert(now, service);
            }
            None => left.push((name, service)),
        }
    }
    for (name, service) in left {
        if new.contains_key(name) && !old.contains_key(name) {
            old.insert(name, service);
        } else {
            drafts.say(Draft::new(format!("{name} removed")).traffic("its connections end"));
        }
    }
    for (name, service) in &new {
        match old.get(name) {
            None => drafts.say(Draft::new(added(name, service))),
            Some(before) => {
                endpoints(name, before, service, drafts);
                options(name, before, service, drafts);
                servers(pair, name, before, service, drafts);
            }
        }
    }
}

fn added(name: &ServiceName, service: &ServicePair<'_>) -> String {
    let endpoints = service.entries.iter().map(|entry| english::endpoint(entry.endpoint));
    let endpoints: Vec<String> = endpoints.collect();
    let servers = ranges::briefly(service.hosts.iter().map(|host| host.as_str()));
    let scheduler = service.scheduler().map_or("", Scheduler::as_str);
    format!("{name} added: {}, {scheduler}, for {servers}", endpoints.join(", "))
}

/// Compares the packets that a service takes.
fn endpoints(
    name: &ServiceName,
    old: &ServicePair<'_>,
    new: &ServicePair<'_>,
    drafts: &mut Drafts,
) {
    let (before, after) = (old.endpoints(), new.endpoints());
    let shown = |one: &BTreeSet<Endpoint>, other: &BTreeSet<Endpoint>| {
        let only = one.difference(other).map(|one| english::endpoint(*one));
        only.collect::<Vec<_>>().join(", ")
    };
    let (gone, come) = (shown(&before, &after), shown(&after, &before));
    match (gone.is_empty(), come.is_empty()) {
        (true, true) => {}
        (true, false) => drafts.say(Draft::new(format!("{name}: also {come}"))),
        (false, true) => {
            let draft = Draft::new(format!("{name}: no longer {gone}"));
            drafts.say(draft.traffic("connections to it end"));
        }
        (false, false) => {
            let draft = Draft::new(format!("{name}: {gone} → {come}"));
            drafts.say(draft.traffic(format!("connections to {gone} end")));
        }
    }
}

/// Compares the options that decide how connections are spread.
fn options(name: &ServiceName, old: &ServicePair<'_>, new: &ServicePair<'_>, drafts: &mut Drafts) {
    let mut say = |key: &str, was: &str, is: &str, traffic: &str| {
        if was != is {
            let draft = Draft::new(format!("{name}: {key} {was} → {is}"));
            drafts.say(draft.traffic(traffic));
        }
    };
    for entry in &new.entries {
        let same = |other: &&&Service| other.endpoint == entry.endpoint;
        // If no old entry has this endpoint, the service moved to another VIP: use the first old entry.
        let Some(was) = old.entries.iter().find(same).or(old.entries.first()) else { continue };
        let moves =
            "open connections stay, new connections of some clients go to another real server";
        let (before, after) = (was.persistence, entry.persistence);
        // Without persistence there is no netmask: do not report the netmask if the persistence is added or removed.
        if before.is_some() == after.is_some() {
            let (before, after) = (english::netmask(was), english::netmask(entry));
            say("persistence netmask", &before, &after, moves);
        }
        say("scheduler_flags", &english::flags(was), &english::flags(entry), moves);
        let one_packet = match entry.one_packet {
            true => "each new datagram is scheduled separately",
            false => "all new datagrams of a flow go to one real server",
        };
        let (was_alone, is_alone) = (english::yes(was.one_packet), english::yes(entry.one_packet));
        say("one_packet", &was_alone, &is_alone, one_packet);
        let persistence = match (before, after) {
            (None, _) => "each client is bound to a real server from its next connection on",
            (_, None) => "no client is bound to a real server any more",
            // ip_vs_sched_persist sets the timeout of a template when it creates the template.
            _ => "the new value applies only to clients that are bound later",
        };
        say(
            "persistence",
            &english::persistence(before),
            &english::persistence(after),
            persistence,
        );
        let spread = "open connections stay, new ones are spread by the new rule";
        say("scheduler", was.scheduler.as_str(), entry.scheduler.as_str(), spread);
    }
}

/// Compares the real servers of a service.
fn servers(
    pair: &Pair<'_>,
    name: &ServiceName,
    old: &ServicePair<'_>,
    new: &ServicePair<'_>,
    drafts: &mut Drafts,
) {
    let before: BTreeMap<&HostName, &Vec<&DestinationSummary>> =
        old.parts.iter().map(|(host, parts)| (pair.now(host), parts)).collect();
    for host in &old.hosts {
        if !new.parts.contains_key(pair.now(host)) {
            let draft = Draft::of_hosts(format!(" leaves {name}"), format!(" leave {name}"));
            let draft = Draft { drain: true, ..draft };
            drafts.of(draft.traffic("its open connections break: drain it first"), *host);
        }
    }
    for host in &new.hosts {
        let parts = &new.parts[host];
        let Some(was) = before.get(host) else {
            drafts.of(joins(name, new, parts), *host);
            continue;
        };
        for (was, is) in was.iter().zip(parts) {
            part(pair, name, new, was, is, drafts);
        }
    }
}

fn joins(name: &ServiceName, service: &ServicePair<'_>, parts: &[&DestinationSummary]) -> Draft {
    let weight = parts.first().map_or(1, |part| part.destination.weight);
    let share = if weight == 1 { String::new() } else { format!(" with weight {weight}") };
    let traffic = match service.scheduler() {
        _ if weight == 0 => "it takes no connections yet",
        // These schedulers count connections, and a new host has none.
        Some(
            Scheduler::Lc
            | Scheduler::Wlc
            | Scheduler::Sed
            | Scheduler::Nq
            | Scheduler::Lblc
            | Scheduler::Lblcr,
        ) => "it takes most new connections until it has as many as the others",
        Some(Scheduler::Sh | Scheduler::Mh | Scheduler::Dh) => {
            "open connections stay, new connections of some clients go to it"
        }
        _ => "it takes its share of new connections",
    };
    let (one, many) = (format!(" joins {name}{share}"), format!(" join {name}{share}"));
    Draft::of_hosts(one, many).traffic(traffic)
}

fn part(
    pair: &Pair<'_>,
    name: &ServiceName,
    service: &ServicePair<'_>,
    was: &DestinationSummary,
    is: &DestinationSummary,
    drafts: &mut Drafts,
) {
    let (old, new) = (&was.destination, &is.destination);
    // If the address of the host changed, `hosts` reports the change. The port follows from the service.
    if old.address != new.address && pair.keeps_address(&was.host, &is.host) {
        let after = format!(" {} → {}", old.socket(), new.socket());
        let draft = Draft::of_host(format!("{name}: "), after);
        drafts.of(draft.traffic("connections to the old address break"), &is.host);
    }
    let mut say = |key: &str, was: String, now: String, traffic: &str| {
        if was != now {
            let draft = Draft::of_host(format!("{name}: "), format!(" {key} {was} → {now}"));
            drafts.of(draft.traffic(traffic), &is.host);
        }
    };
    let weights = (old.weight.to_string(), new.weight.to_string());
    say("weight", weights.0, weights.1, weight_traffic(service, old, new));
    let shown = |threshold: Option<u32>| match threshold {
        Some(connections) => connections.to_string(),
        None => "none".to_owned(),
    };
    let stay = "open connections stay";
    say("upper_threshold", shown(old.upper_threshold), shown(new.upper_threshold), stay);
    say("lower_threshold", shown(old.lower_threshold), shown(new.lower_threshold), stay);
    let forwarding = (old.forwarding.to_string(), new.forwarding.to_string());
    say("forwarding", forwarding.0, forwarding.1, "open connections to it break");
}

fn weight_traffic(service: &ServicePair<'_>, old: &Destination, new: &Destination) -> &'static str {
    match service.scheduler() {
        // ip_vs_sched_persist checks whether the destination of a template is available. It checks the weight
        // of the destination only if expire_quiescent_template is set.
        _ if new.weight == 0 && service.persistent() => {
            "it drains: open connections stay, and clients that are bound to it still open new ones"
        }
        _ if new.weight == 0 => "it drains: open connections stay, no new ones come",
        _ if old.weight == 0 => "it takes new connections again",
        Some(Scheduler::Rr | Scheduler::Lc | Scheduler::Dh) => {
            "no effect: the scheduler only checks whether the weight is 0"
        }
        Some(Scheduler::Sh | Scheduler::Mh) => {
            "open connections stay, new connections of some clients go to another real server"
        }
        _ => "open connections stay, new ones follow the weights",
    }
}
