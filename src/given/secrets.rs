//! Passwords: they are removed from a text before lvsgen reads it, so that no message and no model can show them.

use std::collections::BTreeSet;
use std::ops::Range;

use super::placed::Placed;
use crate::formats::Format;
use crate::formats::keepalived::Files;
use crate::source::Span;

/// The keys of secrets, in lower case: keepalived.conf(5), profiles of NICs, and options of programs in scripts.
const SECRETS: [&str; 6] = ["auth_pass", "psk", "passwd", "password", "passphrase", "private-key"];

/// The text in the place of a secret.
const HIDDEN: &str = "HIDDEN";

/// The keys of secrets that begin a line: ldirectord.cf.
const AT_BEGIN: [&str; 2] = ["secret", "login"];

/// The names of the macros of keepalived.conf(5) that stand for passwords.
pub(super) fn secret_macros<'t>(texts: impl Iterator<Item = &'t str>) -> BTreeSet<String> {
    let texts = texts.filter(|text| may_hold_secrets(text));
    let uses = texts.flat_map(str::lines).filter_map(|line| {
        let value = line[value_of(line)?..].trim_start_matches('"');
        let name = value.strip_prefix('$')?.trim_start_matches('{');
        let end = name.find(|c: char| !c.is_ascii_alphanumeric() && c != '_');
        Some(name[..end.unwrap_or(name.len())].to_owned())
    });
    uses.filter(|name| !name.is_empty()).collect()
}

/// Removes the passwords from a text, so that no message and no model can show them. `macros`: names that stand for passwords.
pub(super) fn without_secrets(text: &str, macros: &BTreeSet<String>) -> String {
    if macros.is_empty() && !may_hold_secrets(text) {
        return text.to_owned();
    }
    let mut clean = String::with_capacity(text.len());
    // A line that ends with a backslash goes on in the next line.
    let mut goes_on = false;
    for line in text.split_inclusive('\n') {
        let value = match goes_on {
            true => Some(trimmed(line, line.len() - line.trim_start().len())),
            false => secret(line).or_else(|| definition(line, macros)),
        };
        goes_on = value.is_some() && line.trim_end().ends_with('\\');
        match value.filter(|value| !value.is_empty()) {
            Some(value) => {
                clean.push_str(&line[..value.start]);
                clean.push_str(HIDDEN);
                // The line still goes on.
                clean.push_str(if goes_on { " \\" } else { "" });
                clean.push_str(&line[value.end..]);
            }
            None => clean.push_str(line),
        }
    }
    clean
}

/// The bytes from a position to the end of the text of a line.
fn trimmed(line: &str, start: usize) -> Range<usize> {
    start..start.max(line.trim_end().len())
}

/// Whether a word of secrets is in a text. Most files have none, and are then not read line by line.
fn may_hold_secrets(text: &str) -> bool {
    let lower = text.to_ascii_lowercase();
    SECRETS.iter().chain(&AT_BEGIN).chain(&["mysql"]).any(|word| lower.contains(word))
}

/// The position of the value after a key of secrets.
fn value_of(line: &str) -> Option<usize> {
    let lower = line.to_ascii_lowercase();
    let at_begin = AT_BEGIN.iter().filter(|key| lower.trim_start().starts_with(*key));
    let after_key = SECRETS.iter().chain(at_begin).find_map(|key| {
        let end = lower.find(key)? + key.len();
        let rest = &line[end..];
        let value = rest.trim_start_matches([' ', '\t', '=', ':']);
        (value.len() < rest.len()).then_some(end + rest.len() - value.len())
    });
    let option = || lower.contains("mysql").then(|| lower.find(" -p").map(|at| at + 3)).flatten();
    after_key.or_else(option)
}

/// The place of a secret in a line: the rest of the line after its key. The name of a macro is no secret.
fn secret(line: &str) -> Option<Range<usize>> {
    let start = value_of(line)?;
    let value = line[start..].trim_start_matches('"');
    let named = value.starts_with('$') || value.starts_with("@LVSGEN_SECRET:");
    (!named).then(|| trimmed(line, start)).filter(|range| !range.is_empty())
}

/// The value of a macro, or the values of a list, that stands for a password.
fn definition(line: &str, macros: &BTreeSet<String>) -> Option<Range<usize>> {
    let text = line.trim_start();
    let before = line.len() - text.len();
    if let Some((name, value)) = text.strip_prefix('$').and_then(|rest| rest.split_once('=')) {
        let start = before + text.len() - value.trim_start().len();
        return macros.contains(name.trim()).then(|| trimmed(line, start));
    }
    let list = text.starts_with("~LST").then(|| text.find(')')).flatten()?;
    let mut names = text[..list].split(|c: char| !c.is_ascii_alphanumeric() && c != '_');
    names.any(|name| macros.contains(name)).then(|| before..before + list + 1)
}

/// The places of the passwords that `without_secrets` removed.
pub fn passwords(placed: &Placed, format: Format) -> Vec<Span> {
    if format != Format::Keepalived {
        return Vec::new();
    }
    let Files { main, others, .. } = placed.of_keepalived();
    let files = std::iter::once(main).chain(others);
    let found = files.flat_map(|file| {
        let all = file.text.match_indices("auth_pass").map(move |(at, word)| (at, at + word.len()));
        let hidden = all.filter(move |(_, end)| {
            file.text[*end..]
                .lines()
                .next()
                .is_some_and(|line| line.contains(HIDDEN) || line.contains('$'))
        });
        hidden.map(move |(from, to)| Span { start: file.start + from, end: file.start + to })
    });
    found.collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn no_password_stays() {
        let text = "$P=hunter1\n$Q= \\\n hunter2 \\\n hunter3\nauth_pass $P\n auth_pass \"${Q}\"\nauth_pass hunter4\n\
            ~LST(R, hunter5, hunter6) auth_pass $R\nauth_pass \\\n hunter7\n\tsecret=\"hunter8\"\n\tlogin=\"hunter9\"\n$N=10.0.0.1\n";
        let macros = secret_macros(std::iter::once(text));
        let clean = without_secrets(text, &macros);
        assert!(!clean.contains("hunter"), "{clean}");
        assert!(clean.contains("auth_pass $P") && clean.contains("$N=10.0.0.1"), "{clean}");
        assert_eq!(clean.lines().count(), text.lines().count());
    }
}
