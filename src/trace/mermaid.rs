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
    for step in &path.steps {
        match &step.event {
            Event::Asks(address) => {
                let to = first_answer(path).unwrap_or(asker);
                line(&mut text, &format!("{asker}->>{to}: who has {address}?"));
            }
            Event::Answers(_) => {
                line(
                    &mut text,
                    &format!("{}-->>{asker}: the MAC address of {}", step.host, step.host),
                );
            }
            Event::Takes => {
                director = &step.host;
                line(
                    &mut text,
                    &format!("{asker}->>{director}: a packet to {}", trace.packet.address),
                );
            }
            Event::Drops(_) | Event::NoServer | Event::PassesOn(_) => {
                line(&mut text, &format!("{asker}--x{}: {}", step.host, texts.event(step)));
            }
            _ => note(&mut text, step, texts),
        }
    }
    for server in path.servers.iter().take(MOST_SERVERS) {
        server_steps(&mut text, server, (asker, director), texts);
    }
    text
}

/// The steps of one real server.
fn server_steps(text: &mut String, server: &Server, names: (&str, &str), texts: Texts<'_>) {
    let (asker, director) = names;
    for step in &server.steps {
        match &step.event {
            Event::Sends { .. } => {
                let share = format!("{:.0} %", server.share * 100.0);
                line(
                    text,
                    &format!(
                        "{director}->>{}: {} ({share})",
                        server.host,
                        plain(&texts.event(step))
                    ),
                );
            }
            Event::Replies { hop, source, .. } => {
                let to = hop.name.as_deref().unwrap_or(asker);
                line(text, &format!("{}-->>{to}: the answer from {source}", step.host));
            }
            Event::Drops(_) | Event::CannotUnpack => {
                line(text, &format!("{director}--x{}: {}", step.host, plain(&texts.event(step))));
            }
            _ => note(text, step, texts),
        }
    }
}

fn participants(text: &mut String, path: &Path, asker: &str) {
    let mut names = vec![asker];
    let steps = path.steps.iter().map(|step| step.host.as_str());
    let servers = path.servers.iter().take(MOST_SERVERS);
    let of_servers = servers.flat_map(|server| server.steps.iter().map(|step| step.host.as_str()));
    for name in steps.chain(of_servers) {
        if !names.contains(&name) {
            names.push(name);
        }
    }
    names.iter().for_each(|name| line(text, &format!("participant {name}")));
}

fn first_answer(path: &Path) -> Option<&str> {
    let answers = path.steps.iter().find(|step| matches!(step.event, Event::Answers(_)));
    answers.map(|step| step.host.as_str())
}

fn note(text: &mut String, step: &Step, texts: Texts<'_>) {
    let why = step.causes.first().map(|cause| texts.cause(cause).0);
    let why = why.map(|why| format!(", {why}")).unwrap_or_default();
    line(text, &format!("Note over {}: {}{why}", step.host, plain(&texts.event(step))));
}

/// Mermaid takes `;` and `#` for the end of a statement or the begin of an entity.
fn plain(text: &str) -> String {
    text.replace([';', '#'], ",")
}

fn line(text: &mut String, written: &str) {
    writeln!(text, "  {written}").expect("a write to a String cannot fail");
}
