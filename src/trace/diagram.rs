//! The messages of a way, for a drawing.

use super::hosts::Hosts;
use super::step::{Event, Path, Server, Step};
use super::text::{Texts, sent};
use super::walk::Trace;

/// The largest number of real servers in a drawing.
const MOST_SERVERS: usize = 12;

/// The messages between hosts, from top to bottom.
#[derive(Debug, Default)]
pub(super) struct Diagram {
    /// The hosts, from left to right.
    pub(super) participants: Vec<String>,
    pub(super) rows: Vec<Row>,
}

/// A row of a drawing.
#[derive(Debug)]
pub(super) enum Row {
    /// A message from one participant to another one.
    Message { from: usize, to: usize, kind: Kind, text: String },
    /// A text about a participant.
    Note { over: usize, text: String },
}

/// The kind of a message.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Kind {
    /// A packet or a request.
    Sent,
    /// An answer.
    Answer,
    /// A packet that dies.
    Lost,
}

impl Diagram {
    /// The messages of the first way of a trace.
    pub(super) fn new(trace: &Trace, hosts: &Hosts) -> Self {
        let mut diagram = Self::default();
        let Some(path) = trace.paths.first() else { return diagram };
        let texts = Texts::new(hosts, trace.packet.address);
        let client = path.client.name.as_str();
        let asker = path.steps.first().map_or(client, |step| step.host.as_str());
        diagram.participant(asker);
        let of_takers = path.takers.iter().flat_map(|taker| &taker.steps);
        for step in path.steps.iter().chain(of_takers) {
            diagram.shared(step, asker, path, trace, texts);
        }
        for taker in &path.takers {
            for server in taker.servers.iter().take(MOST_SERVERS) {
                diagram.server(server, (asker, &taker.host), texts);
            }
        }
        diagram
    }

    /// A step before a real server is chosen.
    fn shared(&mut self, step: &Step, asker: &str, path: &Path, trace: &Trace, texts: Texts<'_>) {
        let host = step.host.as_str();
        match &step.event {
            Event::Asks(_) => {
                let answers =
                    path.steps.iter().find(|step| matches!(step.event, Event::Answers(_)));
                let to = answers.map_or(asker, |step| step.host.as_str());
                self.message(asker, to, Kind::Sent, texts.event(step));
            }
            Event::Answers(_) => {
                self.message(host, asker, Kind::Answer, format!("the MAC address of {host}"));
            }
            Event::Takes => {
                let text = format!("a packet to {}", trace.packet.address);
                self.message(asker, host, Kind::Sent, text);
            }
            Event::Drops(_) | Event::NoServer | Event::PassesOn(_) => {
                self.message(asker, host, Kind::Lost, texts.event(step));
            }
            _ => self.note(step, texts),
        }
    }

    /// The steps of one real server.
    fn server(&mut self, server: &Server, (asker, director): (&str, &str), texts: Texts<'_>) {
        for step in &server.steps {
            let host = step.host.as_str();
            match &step.event {
                Event::Sends { forwarding, .. } => {
                    let packet = sent(*forwarding);
                    let text = format!("{packet} ({:.0}\u{a0}%)", server.share * 100.0);
                    self.message(director, &server.host, Kind::Sent, text);
                }
                Event::Replies { hop, source, .. } => {
                    let to = hop.name.as_deref().unwrap_or(asker);
                    self.message(host, to, Kind::Answer, format!("the answer from {source}"));
                }
                Event::Drops(_) | Event::CannotUnpack | Event::Unreachable(_) => {
                    self.message(director, host, Kind::Lost, texts.event(step));
                }
                _ => self.note(step, texts),
            }
        }
    }

    fn participant(&mut self, name: &str) -> usize {
        let known = self.participants.iter().position(|one| one == name);
        known.unwrap_or_else(|| {
            self.participants.push(name.to_owned());
            self.participants.len() - 1
        })
    }

    fn message(&mut self, from: &str, to: &str, kind: Kind, text: String) {
        let (from, to) = (self.participant(from), self.participant(to));
        self.rows.push(Row::Message { from, to, kind, text });
    }

    fn note(&mut self, step: &Step, texts: Texts<'_>) {
        let why = step.causes.first().map(|cause| texts.cause(cause).0);
        let why = why.map(|why| format!(", {why}")).unwrap_or_default();
        let over = self.participant(&step.host);
        self.rows.push(Row::Note { over, text: format!("{}{why}", texts.event(step)) });
    }
}
