//! `KEY=VALUE` lines: a shell reads the assignments (`. FILE`), or systemd reads them as an environment file.

use super::lines::{Line, statements};
use crate::facts::{Fact, Reading, RestKind};

/// One assignment.
pub(super) struct Assignment<'a> {
    pub(super) line: Line<'a>,
    pub(super) key: &'a str,
    /// The value without its quotes.
    pub(super) value: &'a str,
}

/// Reads the assignments. A line is refused if its value is not plain text: a shell would evaluate the value.
pub(super) fn assignments<'a>(text: &'a str, reading: &mut Reading) -> Vec<Assignment<'a>> {
    let mut assignments = Vec::new();
    for line in statements(text, &['#'], reading) {
        let Some((key, written)) = line.text.split_once('=') else {
            reading.leave(RestKind::Refused, line.span(), "the line is not `KEY=VALUE`");
            continue;
        };
        let quoted =
            ['"', '\''].iter().find_map(|quote| written.strip_prefix(*quote)?.strip_suffix(*quote));
        let value = quoted.unwrap_or(written);
        let name = |byte: u8| byte.is_ascii_alphanumeric() || byte == b'_';
        let special: &[char] = &['"', '\'', '$', '`', '\\', ';', '&', '|', '<', '>', '(', ')'];
        let blank = quoted.is_none() && value.contains(char::is_whitespace);
        if key.is_empty() || !key.bytes().all(name) {
            reading.leave(RestKind::Refused, line.span(), "the name of the variable is not valid");
        } else if blank || value.contains(special) || value.contains(" #") {
            let reason = "the value is not plain text: a shell would evaluate it";
            reading.leave(RestKind::Refused, line.span(), reason);
        } else {
            assignments.push(Assignment { line, key, value });
        }
    }
    assignments
}

/// The variables of ipvsadm's service files. The list omits `IPVSADM_CONFIG`, which names the table.
const IPVSADM: [&str; 5] = ["AUTO", "DAEMON", "IFACE", "SYNCID", "IPVSADM_OPTS"];

/// Reads an environment file. Only the variable that names the table file becomes a fact.
pub fn read(text: &str) -> Reading {
    let mut reading = Reading::default();
    for Assignment { line, key, value } in assignments(text, &mut reading) {
        match key {
            "IPVSADM_CONFIG" => reading.fact(Fact::TableFile(value.to_owned()), line.span()),
            key if IPVSADM.contains(&key) => {
                reading.leave(RestKind::Unused, line.span(), "an option of ipvsadm's service");
            }
            _ => reading.leave(RestKind::Lost, line.span(), "lvsgen does not read this variable"),
        }
    }
    reading
}
