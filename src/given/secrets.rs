//! Passwords: they are removed from a text before lvsgen reads it, so that no message and no model can show them.

use super::placed::Placed;
use crate::formats::Format;
use crate::formats::keepalived::Files;
use crate::source::Span;

/// The keys of secrets, in lower case: keepalived.conf(5), profiles of NICs, and options of programs in scripts.
const SECRETS: [&str; 6] = ["auth_pass", "psk", "passwd", "password", "passphrase", "private-key"];

/// The text in the place of a secret.
const HIDDEN: &str = "HIDDEN";

/// Removes the passwords from a text, so that no message and no model can show them.
pub fn without_secrets(text: &str) -> String {
    let mut clean = String::with_capacity(text.len());
    for line in text.split_inclusive('\n') {
        match secret(line) {
            Some(value) => {
                clean.push_str(&line[..value.start]);
                clean.push_str(HIDDEN);
                clean.push_str(&line[value.end..]);
            }
            None => clean.push_str(line),
        }
    }
    clean
}

/// The place of a secret in a line: the rest of the line after its key.
fn secret(line: &str) -> Option<std::ops::Range<usize>> {
    let lower = line.to_ascii_lowercase();
    let after_key = SECRETS.iter().find_map(|key| {
        let end = lower.find(key)? + key.len();
        let rest = &line[end..];
        let value = rest.trim_start_matches([' ', '\t', '=', ':']);
        (value.len() < rest.len()).then_some(end + rest.len() - value.len())
    });
    let option = || lower.contains("mysql").then(|| lower.find(" -p").map(|at| at + 3)).flatten();
    let start = after_key.or_else(option)?;
    let end = start + line[start..].trim_end().len();
    (start < end && !line[start..].starts_with("@LVSGEN_SECRET:")).then_some(start..end)
}

/// The places of the passwords that [`without_secrets`] removed.
pub fn passwords(placed: &Placed, format: Format) -> Vec<Span> {
    if format != Format::Keepalived {
        return Vec::new();
    }
    let Files { main, others, .. } = placed.of_keepalived();
    let files = std::iter::once(main).chain(others);
    let found = files.flat_map(|file| {
        let all = file.text.match_indices("auth_pass").map(move |(at, word)| (at, at + word.len()));
        let hidden = all.filter(move |(_, end)| {
            file.text[*end..].lines().next().is_some_and(|line| line.contains(HIDDEN))
        });
        hidden.map(move |(from, to)| Span { start: file.start + from, end: file.start + to })
    });
    found.collect()
}
