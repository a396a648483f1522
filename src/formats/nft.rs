//! The input of nft(8): blocks in braces, and the rules that accept packets, hide them from conntrack, set a firewall mark,
//! or limit the size of TCP segments.

mod conditions;

pub use conditions::{Conditions, icmp_errors_to};

use self::conditions::{Ports, Transport, read_icmp_errors};
use super::lines::{Line, statements, without_joined};
use crate::facts::{Fact, Reading, RestKind};
use crate::firewall::Opening;

/// Reads the rules. Each line holds one statement.
pub fn read(text: &str) -> Reading {
    let mut reading = Reading::default();
    let mut open: Vec<Line<'_>> = Vec::new();
    let single = statements(text, &['#'], &mut reading);
    for line in without_joined(single, &mut reading) {
        if line.text == "}" {
            let kind = match open.pop() {
                Some(head) => {
                    reading.leave(RestKind::Unused, head.span(), "the head of a block");
                    RestKind::Unused
                }
                None => RestKind::Refused,
            };
            reading.leave(kind, line.span(), "the end of a block");
        } else if line.text.ends_with('{') {
            open.push(line);
        } else {
            statement(&line, &mut reading);
        }
    }
    for head in open {
        reading.leave(RestKind::Refused, head.span(), "the block is not closed");
    }
    reading
}

fn statement(line: &Line<'_>, reading: &mut Reading) {
    if line.text.matches('{').count() != line.text.matches('}').count() {
        return reading.leave(RestKind::Refused, line.span(), "a brace is not closed");
    }
    let tokens: Vec<&str> = line.tokens().map(|token| token.text).collect();
    match tokens.as_slice() {
        [conditions @ .., "meta", "mark", "set", mark] => match mark_rule(conditions, mark) {
            Some(fact) => reading.fact(fact, line.span()),
            None => {
                let reason = "the address, the ports or the mark are not valid";
                reading.leave(RestKind::Refused, line.span(), reason);
            }
        },
        [conditions @ .., "notrack"] => match read_icmp_errors(conditions) {
            Some(address) => reading.fact(Fact::UntrackedErrors(address), line.span()),
            None => openings(conditions, Fact::Untracked, line, reading),
        },
        [conditions @ .., "accept"] | [conditions @ .., "accept", "comment", _, _] => {
            openings(conditions, Fact::Opens, line, reading);
        }
        ["ip" | "ip6", "saddr", address, "tcp", "flags", rest @ ..] if limits_segments(rest) => {
            let segment = rest.last().expect("the rule ends with the size");
            match (address.parse(), segment.parse()) {
                (Ok(address), Ok(segment)) => {
                    reading.fact(Fact::SegmentLimit { address, segment }, line.span());
                }
                _ => {
                    let reason = "the address or the size is not valid";
                    reading.leave(RestKind::Refused, line.span(), reason);
                }
            }
        }
        ["table" | "delete" | "flush" | "add" | "destroy", ..] | ["type", ..] => {
            reading.leave(RestKind::Unused, line.span(), "the statement sets no mark");
        }
        _ => reading.leave(RestKind::Lost, line.span(), "lvsgen does not read this rule"),
    }
}

/// The facts of a rule: one for each port. All of them have the line.
fn openings(
    conditions: &[&str],
    fact: fn(Opening) -> Fact,
    line: &Line<'_>,
    reading: &mut Reading,
) {
    let Some(conditions) = Conditions::read(conditions) else {
        return reading.leave(RestKind::Lost, line.span(), "lvsgen does not read this rule");
    };
    for (at, opening) in conditions.openings().into_iter().enumerate() {
        // No byte belongs to two facts: the others own an empty part at the end.
        let start = if at == 0 { line.start } else { line.span().end };
        reading.fact(fact(opening), start..line.span().end);
    }
}

/// Whether the rest of a rule limits the segments of new TCP connections.
fn limits_segments(rest: &[&str]) -> bool {
    let flags = match rest {
        [flags @ .., "tcp", "option", "maxseg", "size", "set", _] => flags,
        _ => return false,
    };
    matches!(flags, ["syn"] | ["&", "(syn", "|", "rst)", "==", "syn"])
}

fn mark_rule(conditions: &[&str], mark: &str) -> Option<Fact> {
    let read = Conditions::read(conditions).filter(|read| read.from.is_none())?;
    let (address, Transport::Ports(protocol)) = (read.to?, read.protocol) else { return None };
    let ports = match read.ports {
        Ports::All => Vec::new(),
        Ports::To(ports) => ports,
        Ports::From(_) => return None,
    };
    Some(Fact::Mark { address, protocol, ports, mark: mark.parse().ok()? })
}
