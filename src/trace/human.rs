//! A trace as text for a terminal.

mod rows;

use std::collections::BTreeSet;
use std::fmt::Write as _;

use self::rows::{Row, rows};
use super::hosts::Hosts;
use super::step::{Event, Outcome, Path};
use super::text::{FEW, Texts, few};
use super::walk::Trace;

/// The largest number of names in a line of results.
const MOST_NAMES: usize = 12;

/// The largest number of faults of files that a trace names.
const MOST_FAULTS: usize = 5;

/// Writes a trace: the way from the first place, every way from a place outside of the cluster that breaks, and the results of all places.
pub fn write(trace: &Trace, hosts: &Hosts) -> String {
    let mut text = String::new();
    let texts = Texts::new(hosts, trace.packet.address);
    let mut first: Option<(&Path, Vec<Row>)> = None;
    let mut assumptions: Vec<&str> = Vec::new();
    for path in &trace.paths {
        // The hosts of the cluster stand in the results; a place outside of the cluster is worth its steps.
        let breaks = path.outcome >= Outcome::Risky && path.client.host.is_none();
        if first.is_some() && !breaks && !trace.asked {
            continue;
        }
        let own = rows(path, texts);
        head(&mut text, trace, path);
        let same = first.as_ref().map_or(0, |(other, rows)| common(rows, &own, (other, path)));
        if let (Some((other, _)), true) = (&first, same > 2) {
            line(
                &mut text,
                &format!(
                    "   the steps to {} are the same as from {}",
                    last_number(&own[..same]),
                    other.client.name
                ),
            );
            print(&mut text, &own[same..]);
        } else {
            print(&mut text, &own);
        }
        line(&mut text, &result(path));
        text.push('\n');
        assumptions.extend(path.assumptions.iter().map(String::as_str));
        first = first.or(Some((path, own)));
    }
    if trace.paths.len() > 1 {
        results(&mut text, trace);
    }
    list(&mut text, "No client: ", trace.missing.iter().map(String::as_str));
    list(&mut text, "Assumed: ", assumptions.into_iter());
    let faults = hosts.all.iter().flat_map(|host| &host.faults).take(MOST_FAULTS);
    let faults: Vec<String> =
        faults.map(|(span, why)| format!("{}: {why}", texts.place(*span))).collect();
    list(&mut text, "Not understood: ", faults.iter().map(String::as_str));
    text
}

/// The ways of all clients as one value: services with the same value need one trace.
#[derive(Debug, PartialEq, Eq)]
pub struct Signature(Vec<(String, Outcome, Vec<String>)>);

/// The ways of all clients of a service.
pub fn signature(trace: &Trace) -> Signature {
    let paths = trace.paths.iter().map(|path| {
        let servers = path.takers.iter().flat_map(|taker| &taker.servers);
        let hosts = servers.flat_map(|server| {
            let steps = server.steps.iter().map(|step| step.host.clone());
            std::iter::once(format!("{} {}", server.host, server.forwarding)).chain(steps)
        });
        (path.client.name.clone(), path.outcome, hosts.collect())
    });
    Signature(paths.collect())
}

/// The address, the port, and the protocol if it is not TCP.
pub fn socket(trace: &Trace) -> String {
    let packet = trace.packet;
    let socket = std::net::SocketAddr::new(packet.address, packet.port);
    match packet.protocol {
        crate::ipvs::Protocol::Tcp => socket.to_string(),
        protocol => format!("{socket}/{protocol}"),
    }
}

fn head(text: &mut String, trace: &Trace, path: &Path) {
    let client = &path.client;
    let by = match (trace.gateway, client.on_link) {
        (Some(gateway), false) => format!(", by the gateway {gateway}"),
        _ if client.name == client.address.to_string() => String::new(),
        _ => format!(" ({})", client.address),
    };
    let several = trace.paths.iter().filter(|one| one.client.name == client.name).count() > 1;
    let moments: Vec<&str> = path.moments.iter().map(|moment| moment.when()).collect();
    let moments = if several { format!(", {}", moments.join(" and ")) } else { String::new() };
    line(text, &format!("{} from {}{by}{moments}", socket(trace), client.name));
}

/// The number of equal rows at the begin of two ways. The host that asks may be another one.
fn common(rows: &[Row], others: &[Row], (path, other): (&Path, &Path)) -> usize {
    let asker = |path: &Path| path.steps.first().map(|step| step.host.clone());
    let same = |(one, two): &(&Row, &Row)| {
        let asks =
            asker(path).as_ref() == Some(&one.host) && asker(other).as_ref() == Some(&two.host);
        (one.host == two.host || asks)
            && (one.number, &one.text, &one.why) == (two.number, &two.text, &two.why)
    };
    rows.iter().zip(others).take_while(same).count()
}

fn last_number(rows: &[Row]) -> usize {
    rows.iter().filter_map(|row| row.number).next_back().unwrap_or(0)
}

fn print(text: &mut String, rows: &[Row]) {
    let width = rows.iter().map(|row| row.host.chars().count()).max().unwrap_or(0);
    for row in rows {
        let number = row.number.map_or("  ".to_owned(), |number| format!("{number:2}"));
        line(text, format!("{number} {:width$}  {}", row.host, row.text).trim_end());
        if !row.why.is_empty() {
            line(text, &format!("   {:width$}    {}", "", row.why));
        }
    }
}

/// The last line of a way.
fn result(path: &Path) -> String {
    let servers = || path.takers.iter().flat_map(|taker| &taker.servers);
    let lost = || servers().filter(|server| server.outcome == Outcome::Broken);
    let direct = path.takers.iter().flat_map(|taker| &taker.steps);
    let direct = direct.into_iter().any(|step| step.event == Event::NotBalanced);
    let several = path.takers.len() > 1;
    match path.outcome {
        Outcome::Answered if servers().count() == 1 => "the server answers".to_owned(),
        Outcome::Answered => "every server answers".to_owned(),
        Outcome::Itself => "the host reaches itself only".to_owned(),
        Outcome::OwnClient => "a director is never its own client".to_owned(),
        _ if several => "several hosts answer for the VIP, and each of them may win".to_owned(),
        Outcome::Risky => {
            "every server answers, and the neighbours learn a wrong MAC address for the VIP"
                .to_owned()
        }
        Outcome::Broken if path.takers.is_empty() => "no host answers for the VIP".to_owned(),
        Outcome::Broken if direct => "no director has this service".to_owned(),
        Outcome::Broken => {
            let names: Vec<&str> = lost().map(|server| server.host.as_str()).collect();
            match names.len() {
                0 => "no server gets the packets".to_owned(),
                count if count == servers().count() => "no server answers".to_owned(),
                count => format!(
                    "{count} of {} servers do not answer: {}",
                    servers().count(),
                    few(&names, FEW)
                ),
            }
        }
    }
}

/// The results of all places.
fn results(text: &mut String, trace: &Trace) {
    let mut groups: Vec<(Outcome, Vec<&str>)> = Vec::new();
    let mut known = BTreeSet::new();
    for path in trace.paths.iter().filter(|path| known.insert(&path.client.name)) {
        let name = path.client.name.as_str();
        let own = trace.paths.iter().filter(|path| path.client.name == name);
        let worst = own.map(|path| path.outcome).max().unwrap_or(Outcome::Broken);
        match groups.iter_mut().find(|(one, _)| *one == worst) {
            Some((_, all)) => all.push(name),
            None => groups.push((worst, vec![name])),
        }
    }
    for (outcome, names) in groups {
        let word = match outcome {
            Outcome::Answered => "ok",
            Outcome::Itself => "itself only",
            Outcome::OwnClient => "never",
            Outcome::Risky => "at risk",
            Outcome::Broken => "no answer",
        };
        line(text, &format!("{word:11} from {}", few(&names, MOST_NAMES)));
    }
}

/// A list with one element on a line, each element once.
fn list<'t>(text: &mut String, head: &str, elements: impl Iterator<Item = &'t str>) {
    let mut known = BTreeSet::new();
    for (at, element) in elements.filter(|element| known.insert(*element)).enumerate() {
        let width = head.len();
        let head = if at == 0 { head } else { "" };
        line(text, &format!("{head:width$}{element}"));
    }
}

fn line(text: &mut String, written: &str) {
    writeln!(text, "{written}").expect("a write to a String cannot fail");
}
