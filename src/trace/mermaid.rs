//! A trace as a sequence diagram of Mermaid.

use std::fmt::Write as _;

use super::hosts::Hosts;
use super::step::{Event, Path, Server, Step};
use super::text::Texts;
use super::walk::Trace;

/// The largest number of real servers in a diagram.
const MOST_SERVERS: usize = 12;

/// Writes the first way of a trace.
pub fn write(trace: &Trace, hosts: &Hosts) -> String {
    let mut text = String::from("sequenceDiagram\n");
    let Some(path) = trace.paths.first() else { return text };
    let texts = Texts { hosts, vip: trace.packet.address };
    let asker = path.steps.first().map_or(path.client.name.as_str(), |step| step.host.as_str());
    participants(&mut text, path, asker);
    let mut director = asker;
    let of_takers = path.takers.iter().flat_map(|taker| &taker.steps);
    for step in path.steps.iter().chain(of_takers) {
        let host = step.host.as_str();
        match &step.event {
            Event::Asks(address) => {
                let to = first_answer(path).unwrap_or(asker);
                arrow(&mut text, asker, "->>", to, &format!("who has {address}?"));
            }
            Event::Answers(_) => {
                arrow(&mut text, host, "-->>", asker, &format!("the MAC address of {host}"));
            }
            Event::Takes => {
                director = host;
                let message = format!("a packet to {}", trace.packet.address);
                arrow(&mut text, asker, "->>", director, &message);
            }
            Event::Drops(_) | Event::NoServer | Event::PassesOn(_) => {
                arrow(&mut text, asker, "--x", host, &texts.event(step));
            }
            _ => note(&mut text, step, texts),
        }
    }
    let servers = path.takers.iter().flat_map(|taker| &taker.servers);
    for server in servers.take(MOST_SERVERS) {
        server_steps(&mut text, server, (asker, director), texts);
    }
    text
}

/// The steps of one real server.
fn server_steps(text: &mut String, server: &Server, names: (&str, &str), texts: Texts<'_>) {
    let (asker, director) = names;
    for step in &server.steps {
        let host = step.host.as_str();
        match &step.event {
            Event::Sends { .. } => {
                let message = format!("{} ({:.0} %)", texts.event(step), server.share * 100.0);
                arrow(text, director, "->>", &server.host, &message);
            }
            Event::Replies { hop, source, .. } => {
                let to = hop.name.as_deref().unwrap_or(asker);
                arrow(text, host, "-->>", to, &format!("the answer from {source}"));
            }
            Event::Drops(_) | Event::CannotUnpack | Event::Unreachable(_) => {
                arrow(text, director, "--x", host, &texts.event(step));
            }
            _ => note(text, step, texts),
        }
    }
}

/// A message from one participant to another one.
fn arrow(text: &mut String, from: &str, kind: &str, to: &str, message: &str) {
    line(text, &format!("{}{kind}{}: {}", id(from), id(to), plain(message)));
}

fn participants(text: &mut String, path: &Path, asker: &str) {
    let mut names = vec![asker];
    let of_takers = path.takers.iter().flat_map(|taker| &taker.steps);
    let steps = path.steps.iter().chain(of_takers).map(|step| step.host.as_str());
    let servers = path.takers.iter().flat_map(|taker| &taker.servers).take(MOST_SERVERS);
    let of_servers = servers.flat_map(|server| server.steps.iter().map(|step| step.host.as_str()));
    for name in steps.chain(of_servers) {
        if !names.contains(&name) {
            names.push(name);
        }
    }
    for name in names {
        let own = id(name);
        let label = if own == name { String::new() } else { format!(" as {name}") };
        line(text, &format!("participant {own}{label}"));
    }
}

/// The name of a participant: a colon would end it.
fn id(name: &str) -> String {
    name.replace([':', '.'], "-")
}

fn first_answer(path: &Path) -> Option<&str> {
    let answers = path.steps.iter().find(|step| matches!(step.event, Event::Answers(_)));
    answers.map(|step| step.host.as_str())
}

fn note(text: &mut String, step: &Step, texts: Texts<'_>) {
    let why = step.causes.first().map(|cause| texts.cause(cause).0);
    let why = why.map(|why| format!(", {why}")).unwrap_or_default();
    line(text, &format!("Note over {}: {}{why}", id(&step.host), plain(&texts.event(step))));
}

/// Mermaid takes `;` and `#` for the end of a statement or the begin of an entity.
fn plain(text: &str) -> String {
    text.replace([';', '#'], ",")
}

fn line(text: &mut String, written: &str) {
    writeln!(text, "  {written}").expect("a write to a String cannot fail");
}
