//! Files of sections and assignments. systemd (systemd.syntax(7)) and GLib's key files share this syntax.

use super::lines::{Line, statements, without_joined};
use crate::facts::{Reading, RestKind, Span};

/// One assignment.
#[derive(Clone, Copy, Debug)]
pub(super) struct IniEntry<'a> {
    pub(super) line: Line<'a>,
    pub(super) section: &'a str,
    /// The number of the section in the file, counted from 1. networkd accepts several sections with one name.
    pub(super) section_number: usize,
    pub(super) key: &'a str,
    pub(super) value: &'a str,
}

impl IniEntry<'_> {
    pub(super) fn span(&self) -> Span {
        self.line.span()
    }
}

/// Reads the assignments. The head of a section has no effect by itself.
pub(super) fn entries<'a>(text: &'a str, reading: &mut Reading) -> Vec<IniEntry<'a>> {
    let mut section = "";
    let mut section_number = 0;
    let mut entries = Vec::new();
    let single = statements(text, &['#', ';'], reading);
    for line in without_joined(single, reading) {
        if let Some(name) = line.text.strip_prefix('[').and_then(|rest| rest.strip_suffix(']')) {
            section = name;
            section_number += 1;
            reading.leave(RestKind::Unused, line.span(), "the head of a section");
            continue;
        }
        let Some((key, value)) = line.split_once('=') else {
            reading.leave(RestKind::Refused, line.span(), "the line is not `KEY=VALUE`");
            continue;
        };
        if section.is_empty() {
            reading.leave(RestKind::Refused, line.span(), "the line is outside of a section");
        } else {
            let (key, value) = (key.text, value.text);
            entries.push(IniEntry { line, section, section_number, key, value });
        }
    }
    entries
}

/// Adds an entry to the rest, because the entry is not a fact. The kind depends on whether the format has the
/// section and the key.
pub(super) fn leave(
    entry: &IniEntry<'_>,
    known: &[(&str, &[&str])],
    unused: &[&str],
    reading: &mut Reading,
) {
    let keys = known.iter().find(|(section, _)| *section == entry.section).map(|(_, keys)| keys);
    let (kind, reason) = match keys {
        // Other programs may add sections that begin with `X-` (systemd.syntax(7)).
        None if entry.section.starts_with("X-") => (RestKind::Unused, "a section of another tool"),
        None => (RestKind::Unknown, "the format has no such section"),
        Some(_) if unused.contains(&entry.key) => (RestKind::Unused, "no address and no route"),
        Some(keys) if keys.contains(&entry.key) => {
            (RestKind::Lost, "lvsgen does not read this key")
        }
        Some(_) => (RestKind::Unknown, "the section has no such key"),
    };
    reading.leave(kind, entry.span(), reason);
}
