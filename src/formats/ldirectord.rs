//! ldirectord.cf: the services, real servers and checks of ldirectord(8), as `read_config` of ldirectord 4.13 reads them.
//!
//! Takes a text; gives a [`Reading`]. A line `virtual=…` begins a service, and the indented lines after it belong to the service. Another line
//! ends it, also a blank one. Names of hosts and services are not resolved.

mod check;

use std::net::{IpAddr, Ipv4Addr, SocketAddr};

use self::check::Checks;
use super::ipvsadm::scheduler_flag;
use super::lines::{Line, lines, trimmed};
use crate::facts::{Fact, FactAt, Reading, RestKind, Span};
use crate::ipvs::{
    Affinity, Destination, Endpoint, Family, Forwarding, Protocol, Scheduler, Service,
};

/// A line `KEY=VALUE`, without quotes around the value.
#[derive(Clone, Copy)]
struct Pair<'a> {
    line: Line<'a>,
    key: &'a str,
    value: &'a str,
}

/// A service with its lines.
struct Virtual<'a> {
    head: Pair<'a>,
    pairs: Vec<Pair<'a>>,
}

/// The settings of the whole file.
struct Defaults<'a> {
    checks: Checks,
    quiesces: bool,
    fallback: Option<Pair<'a>>,
}

/// The largest number of real servers of a range.
const MOST_OF_RANGE: u32 = 10_000;

/// Keys of a service that set its entry in the table.
const OF_TABLE: [&str; 6] = ["scheduler", "persistent", "netmask", "protocol", "ops", "schedflags"];

/// Keys that mail, log, or start programs, and how ldirectord itself runs.
const LOST: [(&str, &str); 20] = [
    ("autoreload", "how ldirectord itself runs"),
    ("callback", "lvsgen starts no program of your own"),
    ("cleanstop", "how ldirectord itself runs"),
    ("comment", "a text for people"),
    ("database", "lvsgen does not log in for a check"),
    ("emailalert", "lvsgen sends no mail: `monitoring` alerts"),
    ("emailalertfreq", "lvsgen sends no mail: `monitoring` alerts"),
    ("emailalertfrom", "lvsgen sends no mail: `monitoring` alerts"),
    ("emailalertstatus", "lvsgen sends no mail: `monitoring` alerts"),
    ("execute", "another ldirectord"),
    ("fallbackcommand", "lvsgen starts no program of your own"),
    ("fork", "how ldirectord itself runs"),
    ("httpmethod", "a check asks with GET"),
    ("load", "lvsgen does not log in for a check"),
    ("logfile", "how ldirectord itself runs"),
    ("maintenancedir", "`converge.sh --drain` takes a real server out"),
    ("monitorfile", "how ldirectord itself runs"),
    ("readdquiescent", "how ldirectord itself runs"),
    ("servicename", "a text for people"),
    ("supervised", "how ldirectord itself runs"),
];

/// Keys of a check that no check of lvsgen has.
const LOST_OF_CHECKS: [(&str, &str); 6] = [
    ("login", "lvsgen does not log in for a check"),
    ("passwd", "lvsgen does not log in for a check"),
    ("receive", "a check of lvsgen asks for the status of a page, and not for its text"),
    ("secret", "lvsgen does not log in for a check"),
    ("smtp", "lvsgen sends no mail: `monitoring` alerts"),
    ("fallback6", "lvsgen does not read this key"),
];

/// Reads the file.
pub fn read(text: &str) -> Reading {
    let mut reading = Reading::default();
    let (globals, virtuals) = sections(text, &mut reading);
    let mut defaults = Defaults { checks: Checks::usual(), quiesces: false, fallback: None };
    for pair in &globals {
        match pair.key {
            "quiescent" => defaults.quiesces = pair.value == "yes",
            "fallback" => defaults.fallback = Some(*pair),
            _ if defaults.checks.set_global(pair.key, pair.value) => {}
            _ => {
                leave_lost(pair, &mut reading);
                continue;
            }
        }
        reading.leave(RestKind::Unused, pair.line.span(), "a default of all services");
    }
    for one in &virtuals {
        one.read(&defaults, &mut reading);
    }
    reading
}

/// Splits the text into the global lines and the services.
fn sections<'a>(text: &'a str, reading: &mut Reading) -> (Vec<Pair<'a>>, Vec<Virtual<'a>>) {
    let (mut globals, mut virtuals): (Vec<Pair<'a>>, Vec<Virtual<'a>>) = (Vec::new(), Vec::new());
    let (mut inside, mut end) = (false, 0);
    for line in lines(text) {
        inside &= text[end..line.start].matches('\n').count() < 2;
        end = line.span().end;
        if line.text.starts_with('#') {
            reading.comments.push(line.span());
            continue;
        }
        let before = &text[..line.start];
        let blanks = &before[before.trim_end_matches([' ', '\t']).len()..];
        // ldirectord reads a tab as four blanks.
        let indented = blanks.contains('\t') || blanks.len() >= 4;
        let line = without_comment(line, reading);
        let Some((key, value)) = line.split_once('=') else {
            reading.leave(RestKind::Unknown, line.span(), "ldirectord reads lines `KEY=VALUE`");
            continue;
        };
        let pair = Pair { line, key: key.text, value: value.text.trim_matches('"') };
        if !line.indented && matches!(pair.key, "virtual" | "virtual6") {
            inside = true;
            virtuals.push(Virtual { head: pair, pairs: Vec::new() });
        } else if let (true, true, Some(last)) = (inside, indented, virtuals.last_mut()) {
            last.pairs.push(pair);
        } else if line.indented {
            let reason = "the line belongs to no service: four blanks stand before the lines of a service, and no blank line";
            reading.leave(RestKind::Refused, line.span(), reason);
            inside = false;
        } else {
            inside = false;
            globals.push(pair);
        }
    }
    (globals, virtuals)
}

/// Removes the comment at the end of a line.
fn without_comment<'a>(line: Line<'a>, reading: &mut Reading) -> Line<'a> {
    match line.text.find('#') {
        Some(at) => {
            reading.comments.push(line.start + at..line.span().end);
            Line { text: line.text[..at].trim_end(), ..line }
        }
        None => line,
    }
}

fn leave_lost(pair: &Pair<'_>, reading: &mut Reading) {
    let lost = LOST.iter().chain(&LOST_OF_CHECKS).find(|(key, _)| *key == pair.key);
    match lost {
        Some((_, reason)) => reading.leave(RestKind::Lost, pair.line.span(), *reason),
        None => {
            let reason = "ldirectord knows no such key here, or refuses the value";
            reading.leave(RestKind::Unknown, pair.line.span(), reason);
        }
    }
}

impl Virtual<'_> {
    fn value(&self, key: &str) -> Option<&str> {
        self.pairs.iter().rev().find(|pair| pair.key == key).map(|pair| pair.value)
    }

    fn read(&self, defaults: &Defaults<'_>, reading: &mut Reading) {
        let Some(service) = self.service() else {
            let reason = "the service, its scheduler or its persistence is not valid, or has a name that lvsgen does not resolve";
            reading.leave(RestKind::Refused, self.head.line.span(), reason);
            for pair in &self.pairs {
                reading.leave_inside(RestKind::Refused, pair.line.span(), reason);
            }
            return;
        };
        if self.value("checktype") == Some("off") {
            let reason = "with `checktype=off`, ldirectord activates no real server";
            reading.leave(RestKind::NoEffect, self.head.line.span(), reason);
            for pair in &self.pairs {
                reading.leave_inside(RestKind::NoEffect, pair.line.span(), reason);
            }
            return;
        }
        let endpoint = service.endpoint;
        let mut spans = vec![self.head.line.span()];
        let mut checks = defaults.checks.clone();
        let (mut own_fallback, mut reals) = (None, Vec::new());
        for pair in &self.pairs {
            match pair.key {
                key if OF_TABLE.contains(&key) => spans.push(pair.line.span()),
                "real" | "real6" => reals.push(*pair),
                "fallback" | "fallback6" => own_fallback = Some(*pair),
                key if key == "quiescent" || checks.set(key, pair.value) => {
                    let reason = "a setting of the checks";
                    reading.leave(RestKind::Unused, pair.line.span(), reason);
                }
                _ => leave_lost(pair, reading),
            }
        }
        reading.facts.push(FactAt { fact: Fact::Service(service), spans });
        reading.shared_fact(Fact::StartsDown(endpoint));
        match (own_fallback, defaults.fallback) {
            (Some(pair), _) => self.fallback(pair, endpoint, true, reading),
            (None, Some(pair)) => self.fallback(pair, endpoint, false, reading),
            (None, None) => {}
        }
        self.real_servers(&reals, endpoint, &checks, defaults, reading);
    }

    /// The real servers with their checks.
    fn real_servers(
        &self,
        reals: &[Pair<'_>],
        endpoint: Endpoint,
        checks: &Checks,
        defaults: &Defaults<'_>,
        reading: &mut Reading,
    ) {
        let quiesces = self.value("quiescent").map_or(defaults.quiesces, |value| value == "yes");
        let place = self.head.line.start;
        let question = checks.question(endpoint, self.value("service"), place, reading);
        for pair in reals {
            let Some(found) = real(endpoint, pair.value) else {
                let reason =
                    "the addresses, the port or the forwarding of the real server is not valid";
                reading.leave(RestKind::Refused, pair.line.span(), reason);
                continue;
            };
            let mut spans = vec![pair.line.span()];
            for destination in found {
                let fact = Fact::Destination { endpoint, destination };
                reading.facts.push(FactAt { fact, spans: std::mem::take(&mut spans) });
                let server = destination.address;
                if quiesces {
                    reading.shared_fact(Fact::Quiesces { endpoint, server });
                }
                if let Some(question) = &question {
                    let check = checks.check(question, destination.port);
                    let fact = Fact::Check { endpoint, server, check, path: None };
                    reading.shared_fact(fact);
                }
            }
        }
    }

    /// The entry of the service in the table.
    fn service(&self) -> Option<Service> {
        let value = self.head.value;
        let six = self.head.key == "virtual6";
        let endpoint = match value.parse::<u32>() {
            Ok(mark) => {
                Endpoint::Mark { mark, family: if six { Family::Ipv6 } else { Family::Ipv4 } }
            }
            Err(_) => {
                let socket = socket(value)?;
                let usual = if socket.port() == 53 { Protocol::Udp } else { Protocol::Tcp };
                let protocol = match self.value("protocol") {
                    Some(protocol) => Protocol::new(protocol).ok()?,
                    None => usual,
                };
                Endpoint::Socket { protocol, address: socket.ip(), port: socket.port() }
            }
        };
        let scheduler = Scheduler::new(self.value("scheduler").unwrap_or("wrr")).ok()?;
        let flags = self.value("schedflags").unwrap_or_default().split(',');
        let flags = flags.filter(|flag| !flag.is_empty());
        let mut scheduler_flags: Vec<_> =
            flags.map(|flag| scheduler_flag(scheduler, flag).ok()).collect::<Option<_>>()?;
        scheduler_flags.sort_unstable();
        let prefix = match self.value("netmask") {
            None => endpoint.family().host_prefix(),
            Some(mask) => match mask.parse::<Ipv4Addr>() {
                Ok(mask) => ipnet::ip_mask_to_prefix(mask.into()).ok()?,
                Err(_) => mask.parse().ok().filter(|prefix| *prefix <= 128)?,
            },
        };
        let persistence = match self.value("persistent") {
            Some(timeout) => Some(Affinity { timeout: timeout.parse().ok()?, prefix }),
            None => None,
        };
        // ipvsadm has one-packet scheduling for UDP.
        let udp = matches!(endpoint, Endpoint::Socket { protocol: Protocol::Udp, .. });
        let one_packet = udp && self.value("ops") == Some("yes");
        Some(Service { endpoint, scheduler, scheduler_flags, persistence, one_packet })
    }

    /// The server that answers when no real server is left.
    fn fallback(&self, pair: Pair<'_>, endpoint: Endpoint, own: bool, reading: &mut Reading) {
        let span = if own { pair.line.span() } else { self.head.line.start..self.head.line.start };
        let mut tokens = pair.value.split_ascii_whitespace();
        let named = tokens.next().unwrap_or_default();
        let forwarding = tokens.next().map_or(Some(Forwarding::Direct), forwarding);
        let server =
            named.parse().map(|address| SocketAddr::new(address, 0)).ok().or_else(|| socket(named));
        let (Some(server), Some(forwarding)) = (server, forwarding) else {
            return reading.leave(RestKind::Refused, span, "the fallback server is not valid");
        };
        let port = endpoint.destination_port();
        let keeps = forwarding == Forwarding::Direct && server.port() != 0 && server.port() != port;
        let reason = match (server.ip().is_loopback(), keeps) {
            (true, _) => "a fallback on the director itself: a sorry server is another host",
            (_, true) => "a fallback on another port: direct routing cannot change the port",
            _ => {
                let spans: Vec<Span> = if own { vec![span] } else { Vec::new() };
                let fact = Fact::SorryServer { endpoint, server: server.ip(), forwarding };
                return reading.facts.push(FactAt { fact, spans });
            }
        };
        reading.leave(RestKind::Lost, span, reason);
    }
}

fn forwarding(text: &str) -> Option<Forwarding> {
    match text {
        "gate" => Some(Forwarding::Direct),
        "masq" => Some(Forwarding::Masquerade),
        "ipip" => Some(Forwarding::Tunnel),
        _ => None,
    }
}

/// Reads an address with a port; a port may have the name of a service.
fn socket(text: &str) -> Option<SocketAddr> {
    let (address, port) = text.rsplit_once(':')?;
    let address = address.trim_matches(['[', ']']).parse().ok()?;
    let port = port.parse().ok().or_else(|| check::port_of(port))?;
    Some(SocketAddr::new(address, port))
}

/// Reads `192.0.2.1->192.0.2.5:80 gate 3 u:100`.
fn real(endpoint: Endpoint, value: &str) -> Option<Vec<Destination>> {
    let text = trimmed(value, 0).text;
    let mut tokens = text.split_ascii_whitespace();
    let named = tokens.next()?;
    let forwarding = forwarding(tokens.next()?)?;
    let (first, last) = named.split_once("->").unwrap_or((named, named));
    let (last, port) = match socket(last) {
        Some(socket) => (socket.ip(), socket.port()),
        None => (last.trim_matches(['[', ']']).parse().ok()?, 0),
    };
    let first: IpAddr = if named.contains("->") { first.parse().ok()? } else { last };
    let port = if port == 0 { endpoint.destination_port() } else { port };
    let mut destination = Destination::new(first, port, forwarding);
    for token in tokens {
        match (token.parse(), token.split_once(':')) {
            (Ok(weight), _) => destination.weight = weight,
            (_, Some(("u", count))) => destination.upper_threshold = Some(count.parse().ok()?),
            (_, Some(("l", count))) => destination.lower_threshold = Some(count.parse().ok()?),
            // The request and the answer of one real server stand between quotes.
            _ if token.contains('"') => break,
            _ => return None,
        }
    }
    let (IpAddr::V4(from), IpAddr::V4(to)) = (first, last) else { return Some(vec![destination]) };
    let many = to.to_bits().checked_sub(from.to_bits()).filter(|many| *many < MOST_OF_RANGE)?;
    let addresses = from.to_bits()..=from.to_bits() + many;
    Some(
        addresses
            .map(|one| Destination { address: Ipv4Addr::from_bits(one).into(), ..destination })
            .collect(),
    )
}

#[cfg(test)]
mod tests;
