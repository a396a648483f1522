//! A trace as a sequence diagram of Mermaid.

use std::fmt::Write as _;

use super::diagram::{Diagram, Kind, Row};
use super::hosts::Hosts;
use super::walk::Trace;

/// Writes the first way of a trace.
pub fn write(trace: &Trace, hosts: &Hosts) -> String {
    let diagram = Diagram::new(trace, hosts);
    let mut text = String::from("sequenceDiagram\n");
    for name in &diagram.participants {
        let own = id(name);
        let label = if own == *name { String::new() } else { format!(" as {name}") };
        line(&mut text, &format!("participant {own}{label}"));
    }
    let participant = |at: usize| id(&diagram.participants[at]);
    for row in &diagram.rows {
        let written = match row {
            Row::Message { from, to, kind, text } => {
                let arrow = match kind {
                    Kind::Sent => "->>",
                    Kind::Answer => "-->>",
                    Kind::Lost => "--x",
                };
                format!("{}{arrow}{}: {}", participant(*from), participant(*to), plain(text))
            }
            Row::Note { over, text } => {
                format!("Note over {}: {}", participant(*over), plain(text))
            }
        };
        line(&mut text, &written);
    }
    text
}

/// The name of a participant: a colon would end it.
fn id(name: &str) -> String {
    name.replace([':', '.'], "-")
}

/// Mermaid takes `;` and `#` for the end of a statement or the begin of an entity.
fn plain(text: &str) -> String {
    text.replace([';', '#'], ",")
}

fn line(text: &mut String, written: &str) {
    writeln!(text, "  {written}").expect("a write to a String cannot fail");
}
