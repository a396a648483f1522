//! The input of nft(8): blocks in braces, and the rules that set a firewall mark or limit the size of TCP segments.

use super::lines::{Line, statements, without_joined};
use crate::facts::{Fact, Reading, RestKind};
use crate::ipvs::Protocol;

/// Reads the rules that set a mark. Each line holds one statement.
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
        ["ip" | "ip6", "daddr", address, rest @ .., "meta", "mark", "set", mark] => {
            match mark_rule(address, rest, mark) {
                Some(fact) => reading.fact(fact, line.span()),
                None => {
                    let reason = "the address, the ports or the mark are not valid";
                    reading.leave(RestKind::Refused, line.span(), reason);
                }
            }
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

/// Whether the rest of a rule limits the segments of new TCP connections.
fn limits_segments(rest: &[&str]) -> bool {
    let flags = match rest {
        [flags @ .., "tcp", "option", "maxseg", "size", "set", _] => flags,
        _ => return false,
    };
    matches!(flags, ["syn"] | ["&", "(syn", "|", "rst)", "==", "syn"])
}

fn mark_rule(address: &str, rest: &[&str], mark: &str) -> Option<Fact> {
    let (protocol, ports) = match rest {
        ["meta", "l4proto", protocol] => (protocol, Vec::new()),
        [protocol, "dport", "{", ports @ .., "}"] => {
            let port = |port: &&str| port.trim_end_matches(',').parse().ok();
            (protocol, ports.iter().map(port).collect::<Option<Vec<u16>>>()?)
        }
        [protocol, "dport", port] => (protocol, vec![port.parse().ok()?]),
        _ => return None,
    };
    Some(Fact::Mark {
        address: address.parse().ok()?,
        protocol: Protocol::new(protocol).ok()?,
        ports,
        mark: mark.parse().ok()?,
    })
}
