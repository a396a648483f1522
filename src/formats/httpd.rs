//! The configuration of Apache httpd: directives, and nested sections.

use super::NODE_HEADER;
use super::lines::{Line, statements, without_joined};
use crate::facts::{Fact, Reading, RestKind};

/// Reads the node's name, further ports and the certificate. The modules of httpd define hundreds of directives. For this
/// reason, lvsgen checks only whether every other line has the form of a directive.
pub fn read(text: &str) -> Reading {
    let mut reading = Reading::default();
    let mut open: Vec<(Line<'_>, &str)> = Vec::new();
    let single = statements(text, &['#'], &mut reading);
    for line in without_joined(single, &mut reading) {
        if let Some(name) = line.text.strip_prefix("</").and_then(|rest| rest.strip_suffix('>')) {
            // httpd ignores the case of section names.
            let closes = open.last().is_some_and(|(_, open)| open.eq_ignore_ascii_case(name));
            match open.pop_if(|_| closes) {
                Some((head, _)) => {
                    reading.leave(RestKind::Lost, head.span(), "lvsgen does not evaluate sections");
                    reading.leave(RestKind::Unused, line.span(), "the end of a section");
                }
                None => {
                    let reason = "no section of this name is open";
                    reading.leave(RestKind::Refused, line.span(), reason);
                }
            }
        } else if let Some(section) = line.text.strip_prefix('<') {
            let name = section.split([' ', '>']).next().expect("a split gives at least one part");
            if section.ends_with('>') {
                open.push((line, name));
            } else {
                reading.leave(RestKind::Refused, line.span(), "the section has no `>`");
            }
        } else {
            directive(&line, &mut reading);
        }
    }
    for (line, _) in open {
        reading.leave(RestKind::Refused, line.span(), "the section is not closed");
    }
    reading
}

fn directive(line: &Line<'_>, reading: &mut Reading) {
    let tokens: Vec<&str> = line.tokens().map(|token| token.text).collect();
    match tokens.as_slice() {
        ["Header", "always", "set" | "add", header, node] if *header == NODE_HEADER => {
            reading.fact(Fact::NodeName(node.trim_matches('"').to_owned()), line.span());
        }
        ["SSLCertificateFile", path] => {
            reading.fact(Fact::Certificate(path.trim_matches('"').to_owned()), line.span());
        }
        ["Listen", port] => match port.parse() {
            Ok(port) => reading.fact(Fact::Listens { port, tls: false }, line.span()),
            Err(_) => {
                reading.leave(RestKind::Lost, line.span(), "lvsgen does not read this directive");
            }
        },
        [name, ..] if name.bytes().all(|byte| byte.is_ascii_alphanumeric()) => {
            reading.leave(RestKind::Lost, line.span(), "lvsgen does not read this directive");
        }
        _ => reading.leave(RestKind::Refused, line.span(), "the line is not a directive"),
    }
}
