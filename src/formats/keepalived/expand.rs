//! The lines of keepalived.conf(5) as keepalived reads them: with included files, macros, sequences and conditions.
//!
//! Takes the files and the name that conditions compare; gives the tokens of each line. The rules come from `read_line` and
//! `replace_param` of `lib/parser.c` in keepalived 2.2 and 2.3.

use std::collections::BTreeSet;

use super::files::{File, Files, include};
use super::macros::{Body, Definition, LONGEST, Macros, Use, definition};
use super::pieces::{Pieces, Token, comment};
use super::sequence::{Sequence, grouped, nested};
use crate::facts::{Reading, RestKind};
use crate::formats::lines::lines;

/// The largest number of lines after macros and sequences.
const MOST_LINES: u64 = 200_000;

/// The number of levels of includes, macros and sequences that a person needs is below this number.
const DEEPEST: usize = 32;

/// Gives the tokens of all lines. Comments, definitions and faults go to the reading. `id` is the name that conditions compare.
pub(super) fn expand(
    files: &Files<'_>,
    id: Option<&str>,
    reading: &mut Reading,
) -> Vec<Vec<Token>> {
    let mut expander = Expander {
        files,
        macros: Macros::new(id),
        goes_on: false,
        lines: Vec::new(),
        reading,
        open: Vec::new(),
        left: MOST_LINES,
    };
    expander.file(files.main);
    let Expander { macros, lines, reading, .. } = expander;
    for Definition { place, used, .. } in macros.into_definitions() {
        match used {
            true => reading.leave(RestKind::Unused, place, "the definition of a macro"),
            false => reading.leave(RestKind::NoEffect, place, "no line uses the macro"),
        }
    }
    lines
}

struct Expander<'f, 'r> {
    files: &'f Files<'f>,
    macros: Macros<'f>,
    /// Whether the definition goes on in the next line.
    goes_on: bool,
    lines: Vec<Vec<Token>>,
    reading: &'r mut Reading,
    /// The positions of the files that are read now.
    open: Vec<usize>,
    /// The number of lines that lvsgen may still read.
    left: u64,
}

impl Expander<'_, '_> {
    fn file(&mut self, file: File<'_>) {
        let folder = file.path.rsplit_once('/').map_or("", |(folder, _)| folder).to_owned();
        let outer = std::mem::replace(&mut self.macros.folder, folder);
        self.open.push(file.start);
        let mut end = 0;
        for line in lines(file.text) {
            // A blank line ends a definition.
            self.goes_on &= file.text[end..line.start].matches('\n').count() < 2;
            end = line.span().end;
            let span = file.start + line.start..file.start + end;
            if line.text.len() > LONGEST {
                let reason = format!("keepalived ignores a line of more than {LONGEST} bytes");
                self.reading.leave(RestKind::Refused, span, reason);
            } else if self.left == 0 {
                let reason =
                    format!("the lines before are more than {} already", grouped(MOST_LINES));
                self.reading.leave_inside(RestKind::Refused, span, reason);
            } else {
                self.written(line.text, span.start, file);
            }
        }
        self.open.pop();
        self.macros.folder = outer;
    }

    /// Reads a line of a file.
    fn written(&mut self, text: &str, start: usize, file: File<'_>) {
        let mut pieces = Pieces::literal(text, start);
        self.uncomment(&mut pieces);
        let text = pieces.text();
        match text.is_empty() {
            _ if self.goes_on => self.define_further(&text, &pieces),
            true => {}
            false => self.line(pieces, file, 0),
        }
        if self.left == 0 {
            let reason = format!("more than {} lines", grouped(MOST_LINES));
            self.reading.leave(RestKind::Refused, start..start, reason);
        }
    }

    fn include(&mut self, keyword: &str, path: &str, pieces: &Pieces, file: File<'_>) {
        let mut found = self.files.included(file, path);
        let (kind, reason) = if self.open.len() >= DEEPEST {
            (RestKind::Refused, "the includes are too deep")
        } else if found.iter().any(|one| self.open.contains(&one.start)) {
            (RestKind::Refused, "the file includes itself")
        } else if self.files.leads_out(file, path) {
            let reason = "the file is outside of the given folder, and lvsgen does not read it";
            (RestKind::Unknown, reason)
        } else if !found.is_empty() {
            (RestKind::Unused, "keepalived reads the file here")
        } else if self.files.root.is_none() {
            (RestKind::Lost, "the included file is not given")
        } else if keyword == "include" {
            (RestKind::NoEffect, "no file has this path, and keepalived ignores the statement")
        } else {
            (RestKind::Refused, "no file has this path")
        };
        self.leave(pieces, kind, reason);
        // A file that includes itself may include others too.
        found.retain(|one| !self.open.contains(&one.start));
        if self.open.len() < DEEPEST {
            found.into_iter().for_each(|file| self.file(file));
        }
    }

    /// Reads a line of a file, of a macro or of a sequence.
    fn line(&mut self, mut pieces: Pieces, file: File<'_>, depth: usize) {
        self.left = self.left.saturating_sub(1);
        if self.left == 0 || depth >= DEEPEST {
            let reason = "the macros or the lines are too many";
            return self.leave(&pieces, RestKind::Refused, reason);
        }
        let (mut following, mut replaced, mut compared) = (Vec::new(), 0, false);
        loop {
            let text = pieces.text();
            if text.starts_with('@') && !pieces.is_fault(0) && !compared {
                compared = true;
                match self.condition(&mut pieces, &text) {
                    true => continue,
                    false => return,
                }
            }
            if let Some((name, value)) = definition(&text) {
                return self.define(name, value, &pieces);
            }
            if Sequence::begins(&text) {
                return self.sequence(pieces, file, depth);
            }
            let Some(found) = self.macros.next_use(&text, &pieces) else { break };
            replaced += 1;
            self.replace(&mut pieces, &found, replaced, &mut following);
        }
        if replaced > 0 {
            self.uncomment(&mut pieces);
        }
        let text = pieces.text();
        if let Some((keyword, path)) = include(&text) {
            return self.include(keyword, path, &pieces, file);
        }
        let tokens = pieces.tokens();
        self.lines.extend((!tokens.is_empty()).then_some(tokens));
        for body in following.into_iter().rev() {
            self.line(body, file, depth + 1);
        }
    }

    /// Compares the name of a condition, and removes the condition from the line. `false`: keepalived ignores the line.
    fn condition(&mut self, pieces: &mut Pieces, text: &str) -> bool {
        let Some((word, after)) = text.split_once([' ', '\t']) else {
            self.leave(pieces, RestKind::Refused, "nothing stands after the condition");
            return false;
        };
        let Some(id) = self.macros.id else {
            let reason = "keepalived compares the condition with the name of the host";
            self.leave(pieces, RestKind::Condition, reason);
            return false;
        };
        let (name, wanted) = condition(word);
        if (name == id) != wanted {
            self.leave(pieces, RestKind::Unused, "the line is for another host");
            return false;
        }
        let rest = pieces.split_off(text.len() - after.trim_start().len());
        self.leave(pieces, RestKind::Unused, "the condition of a line");
        *pieces = rest;
        true
    }

    /// Notes a definition.
    fn define(&mut self, name: &str, value: &str, pieces: &Pieces) {
        let (body, goes_on) = match value.strip_suffix('\\') {
            Some(first) => {
                let first = first.trim_end();
                (Body::Lines(vec![first.to_owned()]), true)
            }
            None => (Body::Text(value.to_owned()), false),
        };
        let place = pieces.joined().map(|piece| piece.at()).unwrap_or_default();
        self.macros.note(name, Definition { body, place, used: false });
        self.goes_on = goes_on;
    }

    /// Adds a line to the definition before it.
    fn define_further(&mut self, text: &str, pieces: &Pieces) {
        self.leave(pieces, RestKind::Unused, "a line of a macro");
        self.goes_on = text.ends_with('\\');
        self.macros.continue_last(text.trim_end_matches('\\').trim_end());
    }

    /// Reads the rest of a line once for each value of a sequence.
    fn sequence(&mut self, mut pieces: Pieces, file: File<'_>, depth: usize) {
        while let Some(found) = self.macros.next_use(&pieces.text(), &pieces)
            && pieces.text().find(')').is_some_and(|close| found.range.start < close)
        {
            self.replace(&mut pieces, &found, 1, &mut Vec::new());
        }
        let text = pieces.text();
        let Some(sequence) = Sequence::read(&text) else {
            return self.leave(&pieces, RestKind::Refused, "the sequence is not valid");
        };
        let count = nested(&text);
        if count > MOST_LINES {
            let most = grouped(MOST_LINES);
            let reason = format!("{} lines (the limit is {most})", grouped(count));
            return self.leave(&pieces, RestKind::Refused, &reason);
        }
        let rest = pieces.split_off(sequence.length);
        self.leave(&pieces, RestKind::Unused, "a sequence");
        let place = pieces.joined().map(|piece| piece.at()).unwrap_or_default();
        for values in sequence.rounds() {
            for (name, value) in sequence.names.iter().zip(values) {
                let (body, place) = (Body::Text(value), place.clone());
                self.macros.note(name, Definition { body, place, used: true });
            }
            if self.left == 0 {
                return;
            }
            self.line(rest.clone(), file, depth + 1);
        }
    }

    /// Puts the text of a macro into a line. The further lines of the macro come first in `following`, in reverse order.
    fn replace(
        &mut self,
        pieces: &mut Pieces,
        found: &Use,
        replaced: usize,
        following: &mut Vec<Pieces>,
    ) {
        let after = pieces.split_off(found.range.end);
        let Some(using) = pieces.split_off(found.range.start).joined() else { return };
        let length = found.range.start + after.text().len();
        let new = match self.macros.value(found, replaced, length) {
            Ok((mut lines, place)) => {
                let first = if lines.is_empty() { String::new() } else { lines.remove(0) };
                let rest = lines.iter().rev();
                following.extend(rest.map(|one| Pieces::one(using.replaced(one, place.clone()))));
                using.replaced(&first, place)
            }
            Err(fault) => using.at_fault(fault),
        };
        pieces.append(Pieces::one(new));
        pieces.append(after);
    }

    /// Removes the comment at the end of a line.
    fn uncomment(&mut self, pieces: &mut Pieces) {
        if let Some(at) = comment(&pieces.text()) {
            let comment = pieces.split_off(at);
            self.reading.comments.extend(comment.spans());
        }
        pieces.trim_end();
    }

    /// Leaves a line, and the places of its parts.
    fn leave(&mut self, pieces: &Pieces, kind: RestKind, reason: &str) {
        if let Some(piece) = pieces.joined() {
            self.reading.leave(kind, piece.at(), reason);
        }
    }
}

/// The names that the conditions of all files compare.
pub fn names(files: &Files<'_>) -> BTreeSet<String> {
    let texts = std::iter::once(files.main.text).chain(files.others.iter().map(|one| one.text));
    let words = texts.flat_map(str::lines).filter_map(|line| line.split_ascii_whitespace().next());
    let names = words.filter(|word| word.starts_with('@')).map(|word| condition(word).0);
    names.filter(|name| !name.is_empty()).map(str::to_owned).collect()
}

/// The name of a condition, and whether the line is for this host; else it is for all others.
fn condition(word: &str) -> (&str, bool) {
    match word.strip_prefix("@^") {
        Some(name) => (name, false),
        None => (word.strip_prefix('@').unwrap_or(word), true),
    }
}
