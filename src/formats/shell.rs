//! A shell script of plain commands, for example rc.local. Each line holds one command or one assignment (POSIX sh, 2.9.1). lvsgen reads
//! a script and never runs it.

use std::collections::BTreeMap;

use super::ip_command::{self, Effect};
use super::lines::{Line, lines};
use crate::diagnostic::did_you_mean;
use crate::facts::{Reading, RestKind};

/// Programs whose commands [`ip_command`] reads, also with options that it does not read.
const KNOWN: [&str; 7] = ["ip", "modprobe", "sysctl", "exit", "true", ":", "nft"];

/// Keywords of the grammar, which begin no plain command.
const GRAMMAR: [&str; 15] = [
    "if", "then", "else", "elif", "fi", "for", "while", "until", "do", "done", "case", "esac", "{",
    "}", "function",
];

/// Reads a script. The kernel starts a script only if the file begins with `#!`.
pub fn read(text: &str) -> Reading {
    let mut reading = Reading::default();
    let mut variables: BTreeMap<&str, Option<String>> = BTreeMap::new();
    for (at, line) in lines(text).enumerate() {
        let interpreter = line.text.starts_with("#!") && line.start == 0;
        match (at, line.text.starts_with('#')) {
            (0, true) if interpreter => {
                reading.leave(RestKind::Unused, line.span(), "the interpreter");
            }
            (0, _) => {
                let reason =
                    "a script must begin with `#!`, or else the kernel does not run the script";
                reading.leave(RestKind::Refused, line.span(), reason);
            }
            (_, true) => reading.comments.push(line.span()),
            _ => statement(&line, &mut variables, &mut reading),
        }
    }
    reading
}

/// Reads one line that is no comment. The value of a variable that lvsgen cannot know is `None`.
fn statement<'a>(
    line: &Line<'a>,
    variables: &mut BTreeMap<&'a str, Option<String>>,
    reading: &mut Reading,
) {
    if let Some((name, written)) = assignment(line.text) {
        let value = expand(written, variables);
        match &value {
            Ok(_) => reading.leave(RestKind::Unused, line.span(), "a variable"),
            Err(reason) => reading.leave(RestKind::Unread, line.span(), reason),
        }
        variables.insert(name, value.ok());
        return;
    }
    let word = line.text.split_ascii_whitespace().next().unwrap_or_default();
    let program = word.rsplit('/').next().unwrap_or_default();
    let text = match expand(line.text, variables) {
        Ok(_) if GRAMMAR.contains(&program) || line.text.contains(['|', ';', '&']) => {
            let reason = "lvsgen reads plain commands, one on a line";
            return reading.leave(RestKind::Unread, line.span(), reason);
        }
        Ok(_) if !KNOWN.contains(&program) => {
            let reason = format!("`{program}` is a command that lvsgen does not know");
            return reading.leave(RestKind::Unread, line.span(), reason);
        }
        Ok(text) => text,
        Err(reason) => return reading.leave(RestKind::Unread, line.span(), reason),
    };
    match ip_command::read(&text) {
        Effect::Fact(fact) => reading.fact(fact, line.span()),
        Effect::Rest(kind, reason) => reading.leave(kind, line.span(), reason),
    }
}

/// An assignment alone on its line.
fn assignment(text: &str) -> Option<(&str, &str)> {
    let (name, value) = text.split_once('=')?;
    let letters = |c: char| c.is_ascii_alphanumeric() || c == '_';
    let valid = name.starts_with(|c: char| c.is_ascii_alphabetic() || c == '_');
    let quoted = ['"', '\''].iter().any(|quote| {
        let inside = value.strip_prefix(*quote).and_then(|rest| rest.strip_suffix(*quote));
        inside.is_some_and(|inside| !inside.contains(*quote))
    });
    let one_word = quoted || !value.contains(char::is_whitespace) || value.starts_with("$(");
    (valid && name.chars().all(letters) && one_word).then_some((name, value))
}

/// Puts the values of variables into a text, and removes quotes.
fn expand(text: &str, variables: &BTreeMap<&str, Option<String>>) -> Result<String, String> {
    let mut expanded = String::new();
    let mut rest = text;
    let mut single = false;
    while let Some(c) = rest.chars().next() {
        rest = &rest[c.len_utf8()..];
        match c {
            '\'' => single = !single,
            '"' if !single => {}
            '`' if !single => return Err("the value comes from a command".to_owned()),
            '$' if !single => {
                let (name, after) = variable(rest)?;
                expanded += match variables.get(name) {
                    Some(Some(value)) => value,
                    Some(None) => {
                        return Err(format!("lvsgen does not know the value of `{name}`"));
                    }
                    None => {
                        let known = did_you_mean(name, variables.keys().copied());
                        let known = known.map(|known| format!("; {known}")).unwrap_or_default();
                        return Err(format!("no line before sets `{name}`{known}"));
                    }
                };
                rest = after;
            }
            _ => expanded.push(c),
        }
    }
    Ok(expanded)
}

/// The name of a variable after its `$`, and the text after the name.
fn variable(rest: &str) -> Result<(&str, &str), String> {
    let letters = |c: char| c.is_ascii_alphanumeric() || c == '_';
    if let Some(inside) = rest.strip_prefix('{') {
        let (name, after) = inside.split_once('}').ok_or("a brace is not closed")?;
        if !name.is_empty() && name.chars().all(letters) {
            return Ok((name, after));
        }
        return Err(format!("lvsgen does not evaluate `${{{name}}}`"));
    }
    let end = rest.find(|c| !letters(c)).unwrap_or(rest.len());
    match end {
        0 if rest.starts_with('(') => Err("the value comes from a command".to_owned()),
        0 => Err("the value comes from the call of the script".to_owned()),
        _ => Ok((&rest[..end], &rest[end..])),
    }
}
