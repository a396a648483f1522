//! A shell script, for example rc.local or a script with `start` and `stop`. lvsgen reads a script and never runs it.
//!
//! Understood are plain commands, variables, `for` over a list, functions that are called, and the branch `start` of `case "$1"` (POSIX sh,
//! 2.9). A condition is not evaluated.

mod command;
mod document;
mod expand;
mod syntax;

use std::collections::BTreeMap;

use self::command::{Command, file_of};
use self::document::HereDocument;
use self::expand::{Variables, assignment};
use self::syntax::{end_of, function, loop_parts, parts, word};
use super::lines::{Line, lines};
use super::written::{self, READ_APART, WrittenFile};
use crate::facts::{FactAt, Reading, RestKind};

/// The largest number of rounds of all loops that lvsgen reads.
const MOST_ROUNDS: usize = 1_000;

/// The number of levels that a script needs is below this number.
const DEEPEST: usize = 16;

/// Reads a script. The kernel starts a script only if the file begins with `#!`.
pub fn read(text: &str) -> Reading {
    run_through(text).reading
}

/// The files that a script writes.
pub fn written(text: &str) -> Vec<WrittenFile> {
    run_through(text).files
}

/// Follows a script from its first line to its last.
fn run_through(text: &str) -> Script<'_> {
    let mut all: Vec<Line<'_>> = lines(text).flat_map(loop_parts).collect();
    let mut script = Script {
        text,
        files: Vec::new(),
        reading: Reading::default(),
        variables: Variables::new(),
        rounds: MOST_ROUNDS,
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
    script
}

/// A function of the script.
struct Function<'a> {
    body: Vec<Line<'a>>,
    /// Whether a line called it, so that its lines are in the reading.
    called: bool,
}

/// The state while a script is read.
struct Script<'a> {
    text: &'a str,
    /// The files that the script writes.
    files: Vec<WrittenFile>,
    reading: Reading,
    variables: Variables<'a>,
    /// The rounds of loops that lvsgen may still read.
    rounds: usize,
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
        if HereDocument::of(first.text).is_some() {
            return self.document(all);
        }
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

    /// A here-document: `cat > FILE << END`.
    fn document(&mut self, all: &[Line<'a>]) {
        match self.document_to(all) {
            Ok((path, text, append)) => {
                let (kind, reason) = self.write(&path, &text, append);
                self.leave_all(all, kind, &reason);
            }
            Err(reason) => self.leave_all(all, RestKind::Unread, &reason),
        }
    }

    /// Writes a file. Gives the kind of the lines that write it, and the reason.
    fn write(&mut self, path: &str, text: &str, append: bool) -> (RestKind, String) {
        match written::write(&mut self.files, path, text, append) {
            true => (RestKind::Unused, READ_APART.to_owned()),
            false => (RestKind::Lost, format!("lvsgen does not read `{path}`")),
        }
    }

    /// The file of a here-document, its text, and whether the file keeps its lines.
    fn document_to(&mut self, all: &[Line<'a>]) -> Result<(String, String, bool), String> {
        let (first, last) = (&all[0], &all[all.len() - 1]);
        let document = HereDocument::of(first.text).ok_or("lvsgen does not read this document")?;
        let command = self.variables.expand(&format!("{} {}", document.before, document.after))?;
        let tokens: Vec<&str> = command.split_ascii_whitespace().collect();
        let (path, append) =
            file_of(&tokens).ok_or("lvsgen reads a here-document of `cat > FILE` or `tee FILE`")?;
        let text = document.text(self.text, first, last);
        let text = if document.quoted { text } else { self.variables.expand_document(&text)? };
        Ok((path.to_owned(), text, append))
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
        let list = parts.map(|(name, list)| (name.trim(), self.variables.expand(list)));
        let (Some((name, Ok(list))), Some(body)) = (list, all.get(from..all.len() - 1)) else {
            let reason = "lvsgen does not know the values of this loop";
            return self.leave_all(all, RestKind::Unread, reason);
        };
        for frame in all[..from].iter().chain(all.last()) {
            self.leave(frame, RestKind::Unused, "the frame of a loop");
        }
        let values: Vec<&str> = list.split_ascii_whitespace().collect();
        if values.is_empty() {
            self.leave_all(body, RestKind::Unused, "a loop without a round");
        }
        if values.len() > self.rounds {
            return self.too_many_rounds(&all[0], body);
        }
        self.rounds -= values.len();
        let before = self.again;
        for (round, value) in values.into_iter().enumerate() {
            self.variables.set(name, Some(value.to_owned()));
            self.again = before || round > 0;
            self.block(body, depth + 1);
        }
        self.again = before;
    }

    /// Leaves the lines of a loop that is too long, also in a further round of the loop around it.
    fn too_many_rounds(&mut self, first: &Line<'a>, body: &[Line<'a>]) {
        let reason = format!("the loops of the script have more than {MOST_ROUNDS} rounds");
        match self.again {
            true if self.rounds > 0 => {
                self.reading.leave(RestKind::Unread, first.start..first.start, reason);
            }
            true => {}
            false => self.leave_all(body, RestKind::Unread, &reason),
        }
        // No loop is read after the first loop that is too long.
        self.rounds = 0;
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
            let value = self.variables.expand(written);
            match &value {
                Ok(_) => self.leave(line, RestKind::Unused, "a variable"),
                Err(reason) => self.leave(line, RestKind::Unread, reason),
            }
            self.variables.set(name, value.ok());
            return;
        }
        // The program may be unknown even if a value is.
        match self.variables.expand(line.text).map(|text| command::read(&text)) {
            Ok(Command::Fact(fact)) => {
                let spans = if self.again { Vec::new() } else { vec![line.span()] };
                self.reading.facts.push(FactAt { fact, spans });
            }
            Ok(Command::Write { path, text, append }) => {
                let (kind, reason) = self.write(&path, &text, append);
                self.leave(line, kind, &reason);
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
