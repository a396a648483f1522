//! The text of the model, in the order of its keys, with a comment where a person must look.

use std::fmt::Write as _;
use std::net::IpAddr;

use super::draft::{Answer, Draft, DraftHost, DraftServer, DraftService};
use super::health::{DraftHealth, Text};
use super::ranges;
use crate::ipvs::{Affinity, Endpoint, Forwarding, Protocol};
use crate::model::UNKNOWN;

/// The text for a value that nobody knows.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) enum Open {
    /// `UNKNOWN`, which `check` reports as a question.
    Asked,
    /// A value that works: the comparison renders the model with it.
    StandsIn,
}

/// Writes the model.
pub(super) fn write(draft: &Draft, open: Open) -> String {
    let mut text =
        String::from("# Made by `lvsgen import`. Look at each comment, and run `lvsgen check`.\n");
    line(&mut text, &format!("name: {}", quoted(&draft.name)), None);
    if let Some(target) = &draft.target {
        let value = target.value().map(|one| quoted(one)).unwrap_or_default();
        line(&mut text, &format!("target: {value}"), target.comment());
    }
    network(draft, open, &mut text);
    line(&mut text, "directors:", None);
    draft.directors.iter().enumerate().for_each(|(at, one)| host(one, draft, at, open, &mut text));
    failover(draft, &mut text);
    if draft.real_servers.is_empty() {
        line(&mut text, "real_servers: []", None);
    } else {
        line(&mut text, "real_servers:", None);
        let mut at = draft.directors.len();
        for run in ranges::of_hosts(&draft.real_servers) {
            match run {
                [first, .., last] => range(first, last, &mut text),
                run => run.iter().for_each(|one| host(one, draft, at, open, &mut text)),
            }
            at += run.len();
        }
    }
    timeouts(draft, &mut text);
    line(&mut text, "virtual_services:", None);
    draft.services.iter().for_each(|one| service(one, &mut text));
    if let Some(nfs) = &draft.nfs {
        let address = nfs.server.addresses.value().map(|all| list(all)).unwrap_or_default();
        line(&mut text, "nfs:", None);
        line(
            &mut text,
            &format!("  server: {{ name: {}, address: {address} }}", nfs.server.name),
            None,
        );
        line(&mut text, &format!("  export: {}", quoted(&nfs.export)), None);
        let mount = nfs.mount.value().map(|one| quoted(one)).unwrap_or_default();
        line(&mut text, &format!("  mount: {mount}"), nfs.mount.comment());
    }
    if !draft.web {
        let why = "no file of a real server was given, so its web server is not known";
        line(&mut text, "web: false", Some(why.to_owned()));
    }
    text
}

fn line(text: &mut String, written: &str, comment: Option<String>) {
    let comment = comment.map(|why| format!(" # {why}")).unwrap_or_default();
    writeln!(text, "{written}{comment}").expect("a write to a String cannot fail");
}

fn failover(draft: &Draft, text: &mut String) {
    let Some(failover) = &draft.failover else { return };
    let mut keys = vec![format!("virtual_router_id: {}", failover.virtual_router_id)];
    keys.extend((!failover.unicast).then(|| "unicast: false".to_owned()));
    keys.extend(failover.preempts.then(|| "preempt: true".to_owned()));
    keys.extend((failover.interval != 1).then(|| format!("interval: {}", failover.interval)));
    keys.extend(failover.sync.then(|| "sync: true".to_owned()));
    if !failover.tracked.is_empty() {
        let nics: Vec<String> = failover.tracked.iter().map(|nic| quoted(nic)).collect();
        keys.push(format!("track: {{ interfaces: [{}] }}", nics.join(", ")));
    }
    keys.extend(failover.password.then(|| "authentication: { from: secret:vrrp }".to_owned()));
    line(text, &format!("failover: {{ {} }}", keys.join(", ")), None);
}

fn timeouts(draft: &Draft, text: &mut String) {
    let Some(timeouts) = draft.timeouts else { return };
    let parts = [("tcp", timeouts.tcp), ("tcp_fin", timeouts.tcp_fin), ("udp", timeouts.udp)];
    let parts = parts.iter().filter(|(_, value)| *value > 0);
    let parts: Vec<String> = parts.map(|(key, value)| format!("{key}: {value}")).collect();
    if !parts.is_empty() {
        line(text, &format!("timeouts: {{ {} }}", parts.join(", ")), None);
    }
}

fn network(draft: &Draft, open: Open, text: &mut String) {
    line(text, "network:", None);
    let stands_in = |value: &str| match open {
        Open::Asked => UNKNOWN.to_owned(),
        Open::StandsIn => value.to_owned(),
    };
    let interface = draft.interface.value().map_or_else(|| stands_in("eth0"), |one| quoted(one));
    line(text, &format!("  interface: {interface}"), draft.interface.comment());
    let nets: Vec<String> =
        draft.subnets.iter().filter_map(|one| Some(quoted(&one.value()?.to_string()))).collect();
    let why = draft.subnets.iter().find_map(Answer::comment);
    let subnet = match nets.as_slice() {
        [] => UNKNOWN.to_owned(),
        [one] => one.clone(),
        all => format!("[{}]", all.join(", ")),
    };
    line(text, &format!("  subnet: {subnet}"), why);
    let gateway = match draft.gateways.value() {
        Some(all) => Some(list(all)),
        None if open == Open::Asked => Some(UNKNOWN.to_owned()),
        None => None,
    };
    if let Some(gateway) = gateway {
        line(text, &format!("  gateway: {gateway}"), draft.gateways.comment());
    }
}

/// A host. `at` makes the addresses that stand in for unknown ones different.
fn host(one: &DraftHost, draft: &Draft, at: usize, open: Open, text: &mut String) {
    let address = match (one.addresses.value(), open) {
        (Some(all), _) => list(all),
        (None, Open::Asked) => UNKNOWN.to_owned(),
        (None, Open::StandsIn) => list(&stand_ins(draft, at)),
    };
    let mut keys = vec![format!("name: {}", quoted(&one.name)), format!("address: {address}")];
    keys.extend(one.interface.iter().map(|nic| format!("interface: {}", quoted(nic))));
    keys.extend(one.gateway.iter().map(|gateway| format!("gateway: {}", list(&[*gateway]))));
    keys.extend(one.target.iter().map(|target| format!("target: {}", quoted(target))));
    line(text, &format!("  - {{ {} }}", keys.join(", ")), one.addresses.comment());
}

/// Hosts with consecutive names and addresses.
fn range(first: &DraftHost, last: &DraftHost, text: &mut String) {
    let address =
        |host: &DraftHost| host.addresses.value().map(|all| list(all)).unwrap_or_default();
    let name = quoted(&crate::ranges::name(&first.name, &last.name));
    let addresses =
        format!("{}-{}", address(first).trim_matches('"'), address(last).trim_matches('"'));
    line(text, &format!("  - {{ name: {name}, address: {} }}", quoted(&addresses)), None);
}

/// An address of each subnet that no host and no VIP has.
fn stand_ins(draft: &Draft, at: usize) -> Vec<IpAddr> {
    let hosts = draft.directors.iter().chain(&draft.real_servers);
    let mut taken: Vec<IpAddr> =
        hosts.filter_map(|host| host.addresses.value()).flatten().copied().collect();
    taken.extend(draft.services.iter().filter_map(|one| one.vips.value()).flatten());
    taken.extend(draft.gateways.value().into_iter().flatten());
    taken.extend(draft.nfs.iter().filter_map(|nfs| nfs.server.addresses.value()).flatten());
    let nets = draft.subnets.iter().filter_map(Answer::value);
    nets.filter_map(|net| {
        net.hosts().filter(|one| *one != net.network() && !taken.contains(one)).nth(at)
    })
    .collect()
}

fn service(one: &DraftService, text: &mut String) {
    let mut keys = vec![format!("name: {}", quoted(&one.name))];
    let vips = one.vips.value().map_or(UNKNOWN.to_owned(), |all| list(all));
    keys.push(format!("vip: {vips}"));
    keys.extend(packets(one));
    keys.extend(
        (one.forwarding != Forwarding::Direct).then(|| format!("forwarding: {}", one.forwarding)),
    );
    keys.push(format!("scheduler: {}", one.scheduler()));
    if !one.flags().is_empty() {
        let flags: Vec<&str> = one.flags().iter().map(|flag| flag.as_str()).collect();
        keys.push(format!("scheduler_flags: [{}]", flags.join(", ")));
    }
    if let Some(Affinity { timeout, prefix }) = one.service.persistence {
        let family = one.service.endpoint.family();
        let mask = if family == crate::ipvs::Family::Ipv4 { "netmask" } else { "netmask6" };
        keys.push(match prefix == family.host_prefix() {
            true => format!("persistence: {timeout}"),
            false => format!("persistence: {{ timeout: {timeout}, {mask}: {prefix} }}"),
        });
    }
    keys.extend(one.service.one_packet.then(|| "one_packet: true".to_owned()));
    keys.extend(checks(one));
    if !one.default_servers {
        let runs = ranges::of_servers(&one.real_servers).into_iter();
        let servers: Vec<String> = runs.map(servers).collect();
        keys.push(format!("real_servers: [{}]", servers.join(", ")));
    }
    line(text, &format!("  - {{ {} }}", keys.join(", ")), one.vips.comment());
}

/// The keys of the packets that a service takes.
fn packets(one: &DraftService) -> Vec<String> {
    let mut keys = Vec::new();
    match one.service.endpoint {
        Endpoint::Socket { protocol, port, .. } => {
            keys.push(format!(
                "port: {}",
                if port == 0 { "any".to_owned() } else { port.to_string() }
            ));
            keys.extend((protocol != Protocol::Tcp).then(|| format!("protocol: {protocol}")));
        }
        Endpoint::Mark { mark, .. } => {
            keys.push(format!("fwmark: {mark}"));
            let ports: Vec<String> = one.ports.iter().map(ToString::to_string).collect();
            match ports.as_slice() {
                [] => {}
                [port] => keys.push(format!("port: {port}")),
                all => keys.push(format!("port: [{}]", all.join(", "))),
            }
            match one.protocols.as_slice() {
                [] | [Protocol::Tcp] => {}
                [protocol] => keys.push(format!("protocol: {protocol}")),
                all => {
                    let all: Vec<&str> = all.iter().map(|one| one.as_str()).collect();
                    keys.push(format!("protocol: [{}]", all.join(", ")));
                }
            }
        }
    }
    keys
}

/// The keys of the checks and of their effects. Without a check, the effects are no keys of the model.
fn checks(one: &DraftService) -> Vec<String> {
    let mut keys = Vec::new();
    keys.extend(one.health.iter().map(|check| format!("health: {}", health(check))));
    if one.health.is_some() {
        keys.extend(one.quiesces.then(|| "on_failure: quiesce".to_owned()));
        keys.extend((!one.starts_down).then(|| "start: up".to_owned()));
        keys.extend(
            one.sorry_server.iter().map(|server| format!("sorry_server: {}", quoted(server))),
        );
        keys.extend(one.quorum.map(|sum| format!("quorum: {sum}")));
        let hysteresis = one.hysteresis.filter(|_| one.sorry_server.is_some());
        keys.extend(hysteresis.map(|sum| format!("hysteresis: {sum}")));
    }
    keys
}

/// The entry of one real server, or of real servers with consecutive names.
fn servers(run: &[DraftServer]) -> String {
    let (Some(one), Some(last)) = (run.first(), run.last()) else { return String::new() };
    let name = match run.len() {
        1 => quoted(&one.name),
        _ => quoted(&crate::ranges::name(&one.name, &last.name)),
    };
    if one.is_plain() {
        return name;
    }
    let mut keys = vec![format!("name: {name}")];
    keys.extend((one.weight != 1).then(|| format!("weight: {}", one.weight)));
    keys.extend(one.port.map(|port| format!("port: {port}")));
    keys.extend(one.forwarding.map(|way| format!("forwarding: {way}")));
    keys.extend(one.upper_threshold.map(|count| format!("upper_threshold: {count}")));
    keys.extend(one.lower_threshold.map(|count| format!("lower_threshold: {count}")));
    keys.extend(one.health.iter().map(|check| match check {
        Some(check) => format!("health: {}", health(check)),
        None => "health: false".to_owned(),
    }));
    format!("{{ {} }}", keys.join(", "))
}

fn health(check: &DraftHealth) -> String {
    let keys = check.keys().into_iter().map(|(key, value)| match value {
        Text::Plain(value) => format!("{key}: {value}"),
        Text::Quoted(value) => format!("{key}: {}", quoted(&value)),
    });
    format!("{{ {} }}", keys.collect::<Vec<_>>().join(", "))
}

fn list(all: &[IpAddr]) -> String {
    let written: Vec<String> = all.iter().map(|one| quoted(&one.to_string())).collect();
    match written.as_slice() {
        [] => UNKNOWN.to_owned(),
        [one] => one.clone(),
        all => format!("[{}]", all.join(", ")),
    }
}

/// A text as YAML writes it within braces: plain where no reader takes it for something else.
fn quoted(text: &str) -> String {
    let plain = |c: char| c.is_ascii_alphanumeric() || "._-/:".contains(c);
    let first = |c: char| c.is_ascii_alphabetic() || c == '/';
    let number = |c: char| c.is_ascii_digit() || c == '.' || c == '/';
    let address = text.contains('.') && text.chars().all(number);
    let word = text.chars().all(plain)
        && text.starts_with(first)
        && !text.contains("::")
        && !text.ends_with(':')
        && !matches!(
            text.to_ascii_lowercase().as_str(),
            "true" | "false" | "yes" | "no" | "on" | "off" | "null"
        );
    if address || word {
        return text.to_owned();
    }
    serde_json::to_string(text).expect("a text is JSON, and JSON is YAML")
}
