//! A shell script, for example rc.local or a script with `start` and `stop`. lvsgen reads a script and never runs it.
//!
//! Understood are plain commands, variables, `for` over a list, functions that are called, and the branch `start` of `case "$1"` (POSIX sh,
//! 2.9). A condition is not evaluated.

mod command;
mod expand;

use std::collections::BTreeMap;

use self::command::Command;
use self::expand::{Variables, assignment, expand};
use super::lines::{Line, lines, trimmed};
use crate::facts::{FactAt, Reading, RestKind, Span};

/// The largest number of rounds of a loop that lvsgen reads.
const MOST_ROUNDS: usize = 1_000;

/// The number of levels that a script needs is below this number.
const DEEPEST: usize = 16;

/// Reads a script. The kernel starts a script only if the file begins with `#!`.
pub fn read(text: &str) -> Reading {
    let mut all: Vec<Line<'_>> = lines(text).collect();
    let mut script = Script {
        reading: Reading::default(),
        variables: Variables::new(),
        functions: BTreeMap::new(),
        again: false,
    };
    if !all.is_empty() {
        let first = all.remove(0);
        if first.text.starts_with("#!") && first.start == 0 {
            script.reading.leave(RestKind::Unused, first.span(), "the interpreter");
        } else {
            let reason =
                "a script must begin with `#!`, or else the kernel does not run the script";
            script.reading.leave(RestKind::Refused, first.span(), reason);
        }
    }
    script.block(&all, 0);
    for function in std::mem::take(&mut script.functions).into_values().filter(|one| !one.called) {
        let reason = "no line that starts the service calls this function";
        script.leave_all(&function.body, RestKind::NoEffect, reason);
    }
    script.reading
}

/// A function of the script.
struct Function<'a> {
    body: Vec<Line<'a>>,
    /// Whether a line called it, so that its lines are in the reading.
    called: bool,
}

/// The state while a script is read.
struct Script<'a> {
    reading: Reading,
    variables: Variables<'a>,
    functions: BTreeMap<&'a str, Function<'a>>,
    /// Whether this is a further round of a loop: its lines are in the reading already.
    again: bool,
}

impl<'a> Script<'a> {
    /// Reads lines one after the other.
    fn block(&mut self, all: &[Line<'a>], depth: usize) {
        let mut at = 0;
        while let Some(line) = all.get(at) {
            at += match end_of(&all[at..]) {
                Some(count) if depth < DEEPEST => {
                    self.compound(&all[at..at + count], depth);
                    count
                }
                _ => {
                    self.line(line, depth);
                    1
                }
            };
        }
    }

    /// Reads a loop, a `case` or a condition: all lines from its first to its last.
    fn compound(&mut self, all: &[Line<'a>], depth: usize) {
        let first = &all[0];
        match word(first.text) {
            "for" => self.repeat(all, depth),
            "case"
                if matches!(first.text, "case \"$1\" in" | "case $1 in" | "case \"${1}\" in") =>
            {
                self.choose(all, depth);
            }
            "if" | "case" => {
                let reason = "the lines depend on a condition, which lvsgen does not evaluate";
                self.leave_all(all, RestKind::Condition, reason);
            }
            _ => self.define(all),
        }
    }

    /// Notes a function. Its lines are read when a line calls it.
    fn define(&mut self, all: &[Line<'a>]) {
        match function(all) {
            Some((name, body)) if !self.functions.contains_key(name) && !self.again => {
                for frame in all.iter().take(all.len() - 1 - body.len()).chain(all.last()) {
                    self.leave(frame, RestKind::Unused, "the frame of a function");
                }
                let function = Function { body: body.to_vec(), called: false };
                self.functions.insert(name, function);
            }
            _ => {
                let reason = "lvsgen does not read this part of a script";
                self.leave_all(all, RestKind::Unread, reason);
            }
        }
    }

    /// `for NAME in LIST; do`, also with `do` on a line of its own.
    fn repeat(&mut self, all: &[Line<'a>], depth: usize) {
        let head =
            all[0].text.strip_suffix("do").unwrap_or(all[0].text).trim_end().trim_end_matches(';');
        let own_do = all.get(1).is_some_and(|line| line.text == "do");
        let from = if own_do { 2 } else { 1 };
        let parts = head.strip_prefix("for ").and_then(|rest| rest.trim_start().split_once(" in "));
        let list = parts.map(|(name, list)| (name.trim(), expand(list, &self.variables)));
        let (Some((name, Ok(list))), Some(body)) = (list, all.get(from..all.len() - 1)) else {
            let reason = "lvsgen does not know the values of this loop";
            return self.leave_all(all, RestKind::Unread, reason);
        };
        for frame in all[..from].iter().chain(all.last()) {
            self.leave(frame, RestKind::Unused, "the frame of a loop");
        }
        let values: Vec<&str> = list.split_ascii_whitespace().take(MOST_ROUNDS).collect();
        if values.is_empty() {
            self.leave_all(body, RestKind::Unused, "a loop without a round");
        }
        let before = self.again;
        for (round, value) in values.into_iter().enumerate() {
            self.variables.insert(name, Some(value.to_owned()));
            self.again = before || round > 0;
            self.block(body, depth + 1);
        }
        self.again = before;
    }

    /// `case "$1" in`: the branch `start` is that of a running service.
    fn choose(&mut self, all: &[Line<'a>], depth: usize) {
        for frame in all.first().into_iter().chain(all.last()) {
            self.leave(frame, RestKind::Unused, "the frame of the branches");
        }
        let mut rest = &all[1..all.len() - 1];
        while let Some(first) = rest.first() {
            let count =
                rest.iter().position(|line| line.text == ";;").map_or(rest.len(), |at| at + 1);
            let (branch, after) = rest.split_at(count);
            rest = after;
            let ends = branch.last().is_some_and(|line| line.text == ";;");
            let inside = &branch[1..branch.len() - usize::from(ends && branch.len() > 1)];
            let patterns = first.text.strip_suffix(')').map(|all| all.trim_start_matches('('));
            let names: Vec<&str> = patterns.unwrap_or_default().split('|').map(str::trim).collect();
            if patterns.is_none() && first.text.contains(')') {
                let reason = "lvsgen reads a branch whose pattern has a line of its own";
                self.leave_all(branch, RestKind::Unread, reason);
            } else if names.contains(&"start") {
                self.leave(first, RestKind::Unused, "the branch that starts the service");
                self.block(inside, depth + 1);
                if ends {
                    self.leave(&branch[branch.len() - 1], RestKind::Unused, "the end of a branch");
                }
            } else if names.contains(&"*") || first.text == ";;" || first.text.starts_with('#') {
                self.leave_all(branch, RestKind::Unused, "the branch for a wrong call");
            } else {
                self.leave_all(branch, RestKind::NoEffect, "the branch does not start the service");
            }
        }
    }

    /// Reads one line that begins no compound command. `;` separates commands.
    fn line(&mut self, line: &Line<'a>, depth: usize) {
        if line.text.starts_with('#') {
            if !self.again {
                self.reading.comments.push(line.span());
            }
            return;
        }
        for (part, separator) in parts(line) {
            if let Some(separator) = separator.filter(|_| !self.again) {
                self.reading.leave_inside(RestKind::Unused, separator, "the end of a command");
            }
            self.command(&part, depth);
        }
    }

    /// Calls a function of the script. `false`: there is none of this name.
    fn call(&mut self, line: &Line<'a>, depth: usize) -> bool {
        let Some(function) = self.functions.get_mut(line.text) else { return false };
        if depth >= DEEPEST {
            self.leave(line, RestKind::Unread, "the function calls itself");
            return true;
        }
        let body = function.body.clone();
        let again = std::mem::replace(&mut function.called, true);
        self.leave(line, RestKind::Unused, "the call of a function");
        let before = std::mem::replace(&mut self.again, again);
        self.block(&body, depth + 1);
        self.again = before;
        true
    }

    fn command(&mut self, line: &Line<'a>, depth: usize) {
        if line.text.is_empty() || self.call(line, depth) {
            return;
        }
        if let Some((name, written)) = assignment(line.text) {
            let value = expand(written, &self.variables);
            match &value {
                Ok(_) => self.leave(line, RestKind::Unused, "a variable"),
                Err(reason) => self.leave(line, RestKind::Unread, reason),
            }
            self.variables.insert(name, value.ok());
            return;
        }
        // The program may be unknown even if a value is.
        match expand(line.text, &self.variables).map(|text| command::read(&text)) {
            Ok(Command::Fact(fact)) => {
                let spans = if self.again { Vec::new() } else { vec![line.span()] };
                self.reading.facts.push(FactAt { fact, spans });
            }
            Ok(Command::Rest(kind, reason)) => self.leave(line, kind, &reason),
            Err(reason) if word(line.text) == "echo" && !line.text.contains('>') => {
                self.leave(line, RestKind::Unused, &reason);
            }
            Err(reason) => self.leave(line, RestKind::Unread, &reason),
        }
    }

    fn leave(&mut self, line: &Line<'a>, kind: RestKind, reason: &str) {
        if !self.again {
            self.reading.leave(kind, line.span(), reason);
        }
    }

    /// Leaves lines: the first one stands for all.
    fn leave_all(&mut self, all: &[Line<'a>], kind: RestKind, reason: &str) {
        for (at, line) in all.iter().enumerate().filter(|_| !self.again) {
            match at {
                _ if line.text.starts_with('#') => self.reading.comments.push(line.span()),
                0 => self.reading.leave(kind, line.span(), reason),
                _ => self.reading.leave_inside(kind, line.span(), reason),
            }
        }
    }
}

/// The name and the lines of a function: `NAME() {`, or with the brace on the next line.
fn function<'a, 's>(all: &'s [Line<'a>]) -> Option<(&'a str, &'s [Line<'a>])> {
    let first = all.first()?.text;
    let first = first.strip_prefix("function ").unwrap_or(first).trim_start();
    let (head, from) = match first.strip_suffix('{') {
        Some(head) => (head, 1),
        None if all.get(1)?.text == "{" => (first, 2),
        None => return None,
    };
    let name = head.trim_end().trim_end_matches("()").trim_end();
    let plain = |c: char| c.is_ascii_alphanumeric() || "_-".contains(c);
    (!name.is_empty() && name.chars().all(plain) && all.last()?.text == "}")
        .then_some((name, all.get(from..all.len() - 1)?))
}

/// The commands of a line, each with the place of the `;` after it.
fn parts<'a>(line: &Line<'a>) -> Vec<(Line<'a>, Option<Span>)> {
    let (mut all, mut quote, mut inside, mut from) = (Vec::new(), None, 0_usize, 0);
    for (at, c) in line.text.char_indices() {
        match (quote, c) {
            (None, '\'' | '"' | '`') => quote = Some(c),
            (Some(open), _) if open == c => quote = None,
            (None, '(') => inside += 1,
            (None, ')') => inside = inside.saturating_sub(1),
            (None, ';') if inside == 0 => {
                let end = line.start + at;
                let part = trimmed(&line.text[from..at], line.start + from);
                all.push((part, Some(end..end + 1)));
                from = at + 1;
            }
            _ => {}
        }
    }
    all.push((trimmed(&line.text[from..], line.start + from), None));
    all
}

/// The first token of a line.
fn word(text: &str) -> &str {
    text.split_ascii_whitespace().next().unwrap_or_default()
}

/// The number of lines of the compound command that begins with the first line; `None`: the line is a plain command, or the end is
/// missing.
fn end_of(all: &[Line<'_>]) -> Option<usize> {
    if let Some((_, rest)) = all.first()?.text.split_once("<<")
        && !rest.starts_with('<')
    {
        let end = word(rest.trim_start_matches('-')).trim_matches(['"', '\'', '\\']);
        return all.iter().skip(1).position(|line| line.text == end).map(|at| at + 2);
    }
    let end = match word(all.first()?.text) {
        "for" | "while" | "until" => "done",
        "if" => "fi",
        "case" => "esac",
        first if first.ends_with("()") || first == "function" || all[0].text.ends_with('{') => "}",
        _ => return None,
    };
    let begins = |text: &str| match end {
        "done" => matches!(word(text), "for" | "while" | "until"),
        "fi" => word(text) == "if",
        "esac" => word(text) == "case",
        _ => text.ends_with('{'),
    };
    let ends = |text: &str| text.split([' ', ';']).any(|one| one == end);
    let mut open = 0_usize;
    for (at, line) in all.iter().enumerate().filter(|(_, line)| !line.text.starts_with('#')) {
        open += usize::from(begins(line.text));
        // The brace of a function may stand on the next line.
        if ends(line.text) && (open > 0 || at > 0) {
            open = open.saturating_sub(1);
            if open == 0 {
                return Some(at + 1);
            }
        }
    }
    None
}
