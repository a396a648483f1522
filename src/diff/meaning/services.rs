//! Virtual services: what they are, and who answers for them.

use std::collections::{BTreeMap, BTreeSet};

use super::{Draft, Drafts, Pair, words};
use crate::diff::spans;
use crate::model::{HostName, ServiceName};
use crate::outline::{Destination, Outline, ServiceOutline};

/// One virtual service: its entries in the table, and its real servers.
#[derive(Default)]
struct Service<'a> {
    entries: Vec<&'a ServiceOutline>,
    /// The real servers in the order written.
    hosts: Vec<&'a HostName>,
    /// Their parts: one for each entry.
    parts: BTreeMap<&'a HostName, Vec<&'a Destination>>,
}

/// The services by name, and their names in the order written.
fn services(outline: &Outline) -> (BTreeMap<&ServiceName, Service<'_>>, Vec<&ServiceName>) {
    let mut services: BTreeMap<&ServiceName, Service<'_>> = BTreeMap::new();
    let mut order = Vec::new();
    for entry in &outline.services {
        let service = services.entry(&entry.service).or_default();
        if service.entries.is_empty() {
            order.push(&entry.service);
        }
        service.entries.push(entry);
    }
    for part in &outline.destinations {
        let service = services.entry(&part.service).or_default();
        let parts = service.parts.entry(&part.host).or_default();
        if parts.is_empty() {
            service.hosts.push(&part.host);
        }
        parts.push(part);
    }
    (services, order)
}

impl<'a> Service<'a> {
    fn selectors(&self) -> BTreeSet<&'a str> {
        self.entries.iter().map(|entry| entry.selector.as_str()).collect()
    }

    fn scheduler(&self) -> &str {
        let options = self.entries.first().map_or("", |entry| entry.options.as_str());
        words::options(options).get("-s").copied().unwrap_or_default()
    }

    fn persistent(&self) -> bool {
        self.entries.iter().any(|entry| words::options(&entry.options).contains_key("-p"))
    }
}

pub(super) fn compare(pair: &Pair<'_>, drafts: &mut Drafts) {
    let (mut written, order) = services(pair.old);
    let (new, _) = services(pair.new);
    // What clients use makes a service; its name is for people.
    let mut by_selectors: BTreeMap<BTreeSet<&str>, &ServiceName> =
        new.iter().map(|(name, service)| (service.selectors(), *name)).collect();
    let mut old = BTreeMap::new();
    let mut left = Vec::new();
    for name in order {
        let Some(service) = written.remove(name) else { continue };
        match by_selectors.remove(&service.selectors()) {
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
                entries(name, before, service, drafts);
                servers(pair, name, before, service, drafts);
            }
        }
    }
}

fn added(name: &ServiceName, service: &Service<'_>) -> String {
    let selectors = service.entries.iter().map(|entry| words::selector(&entry.selector));
    let selectors: Vec<String> = selectors.collect();
    let servers = spans::name(service.hosts.iter().map(|host| host.as_str()));
    format!("{name} added: {}, {}, for {servers}", selectors.join(", "), service.scheduler())
}

/// What clients use, and how they are spread.
fn entries(name: &ServiceName, old: &Service<'_>, new: &Service<'_>, drafts: &mut Drafts) {
    let (before, after) = (old.selectors(), new.selectors());
    let told = |one: &BTreeSet<&str>, other: &BTreeSet<&str>| {
        one.difference(other).map(|one| words::selector(one)).collect::<Vec<_>>().join(", ")
    };
    let (gone, come) = (told(&before, &after), told(&after, &before));
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
    for entry in &new.entries {
        let same = |other: &&&ServiceOutline| other.selector == entry.selector;
        // A service that moved to another VIP has the other entry's options to be held against.
        let Some(was) = old.entries.iter().find(same).or(old.entries.first()) else { continue };
        let changed = words::changed(&was.options, &entry.options);
        let comes_or_goes =
            changed.iter().any(|(flag, was, is)| *flag == "-p" && (was.is_none() || is.is_none()));
        for (flag, was, is) in changed {
            if flag == "-M" && comes_or_goes {
                continue;
            }
            let key = words::key(flag);
            let (was, is) = (was.unwrap_or("none"), is.unwrap_or("none"));
            let draft = Draft::new(format!("{name}: {key} {was} → {is}"));
            drafts.say(draft.traffic(option_traffic(flag, was, is)));
        }
    }
}

fn option_traffic(flag: &str, was: &str, is: &str) -> &'static str {
    match flag {
        "-p" if was == "none" => {
            "each client is bound to a real server from its next connection on"
        }
        "-p" if is == "none" => "no client is bound to a real server any more",
        // ip_vs_sched_persist gives a template its time when it makes it.
        "-p" => "it counts for clients that are bound from then on",
        "-o" if is == "none" => "the datagrams of a flow go to one real server from then on",
        "-o" => "each datagram is scheduled by itself from then on",
        "-M" | "-b" => "open connections stay, some clients' new ones go to another real server",
        _ => "open connections stay, new ones are spread by the new rule",
    }
}

/// Who answers, and with which share.
fn servers(
    pair: &Pair<'_>,
    name: &ServiceName,
    old: &Service<'_>,
    new: &Service<'_>,
    drafts: &mut Drafts,
) {
    let before: BTreeMap<&HostName, &Vec<&Destination>> =
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

fn joins(name: &ServiceName, service: &Service<'_>, parts: &[&Destination]) -> Draft {
    let options = parts.first().map_or("", |part| part.options.as_str());
    let weight = words::options(options).get("-w").copied().unwrap_or("1");
    let share = if weight == "1" { String::new() } else { format!(" with weight {weight}") };
    let traffic = match service.scheduler() {
        _ if weight == "0" => "it takes no connections yet",
        // These look at how many connections there are, and a new host has none.
        "lc" | "wlc" | "sed" | "nq" | "lblc" | "lblcr" => {
            "it takes most new connections until it has as many as the others"
        }
        "sh" | "mh" | "dh" => "open connections stay, some clients' new ones go to it",
        _ => "it takes its share of new connections",
    };
    let (one, many) = (format!(" joins {name}{share}"), format!(" join {name}{share}"));
    Draft::of_hosts(one, many).traffic(traffic)
}

fn part(
    pair: &Pair<'_>,
    name: &ServiceName,
    service: &Service<'_>,
    was: &Destination,
    is: &Destination,
    drafts: &mut Drafts,
) {
    // A host that has another address was told of already, and the port is the service's.
    let address =
        |one: &'_ Destination| one.destination.rsplit_once(':').map(|(ip, _)| ip.to_owned());
    if address(was) != address(is) && pair.keeps_address(&was.host, &is.host) {
        let after = format!(" {} → {}", was.destination, is.destination);
        let draft = Draft::of_host(format!("{name}: "), after);
        drafts.of(draft.traffic("connections to the old one break"), &is.host);
    }
    for (flag, old, new) in words::changed(&was.options, &is.options) {
        let (old, new) = (old.unwrap_or("none"), new.unwrap_or("none"));
        let draft =
            Draft::of_host(format!("{name}: "), format!(" {} {old} → {new}", words::key(flag)));
        drafts.of(draft.traffic(share_traffic(service, flag, old, new)), &is.host);
    }
}

fn share_traffic(service: &Service<'_>, flag: &str, old: &str, new: &str) -> &'static str {
    match (flag, service.scheduler()) {
        // ip_vs_sched_persist asks a template's destination whether it is there, and, unless
        // expire_quiescent_template is set, not for its weight.
        ("-w", _) if new == "0" && service.persistent() => {
            "it drains: open connections stay, and clients that are bound to it keep coming"
        }
        ("-w", _) if new == "0" => "it drains: open connections stay, no new ones come",
        ("-w", _) if old == "0" => "it takes new connections again",
        ("-w", "rr" | "lc" | "dh") => "nothing moves: the scheduler asks only whether it is 0",
        ("-w", "sh" | "mh") => "open connections stay, some clients' new ones go elsewhere",
        ("-w", _) => "open connections stay, new ones follow the weights",
        _ => "open connections stay",
    }
}
