//! The syntax of a script: the commands of a line, and the lines of a compound command.

use super::super::lines::{Line, trimmed};
use super::document::HereDocument;
use crate::facts::Span;

/// The name and the lines of a function: `NAME() {`, or with the brace on the next line.
pub(super) fn function<'a, 's>(all: &'s [Line<'a>]) -> Option<(&'a str, &'s [Line<'a>])> {
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
pub(super) fn parts<'a>(line: &Line<'a>) -> Vec<(Line<'a>, Option<Span>)> {
    let (mut quote, mut inside) = (None, 0_usize);
    let (mut all, mut from) = (Vec::new(), 0);
    let mut end_command = |at: usize, length: usize| {
        let part = trimmed(&line.text[from..at], line.start + from);
        all.push((part, Some(line.start + at..line.start + at + length)));
        from = at + length;
    };
    for (at, c) in line.text.char_indices() {
        match (quote, c) {
            (None, '\'' | '"' | '`') => quote = Some(c),
            (Some(open), _) if open == c => quote = None,
            (None, '(') => inside += 1,
            (None, ')') => inside = inside.saturating_sub(1),
            (None, ';') if inside == 0 => end_command(at, 1),
            // The next command runs if this command worked.
            (None, '&') if inside == 0 && line.text[at..].starts_with("&&") => end_command(at, 2),
            _ => {}
        }
    }
    all.push((trimmed(&line.text[from..], line.start + from), None));
    all
}

/// The parts of a loop that stands on one line: its head, its commands, its end. Any other line is one part.
pub(super) fn loop_parts(line: Line<'_>) -> Vec<Line<'_>> {
    let text = line.text;
    let is_loop = word(text) == "for" && text.ends_with("done");
    let Some(head) = text.find("; do ").filter(|_| is_loop).map(|at| at + "; do".len()) else {
        return vec![line];
    };
    let end = text.len() - "done".len();
    let part = |from: usize, to: usize| trimmed(&text[from..to], line.start + from);
    let parts = [part(0, head), part(head, end.max(head)), part(end.max(head), text.len())];
    parts.into_iter().filter(|part| !part.text.is_empty()).collect()
}

/// The first token of a line.
pub(super) fn word(text: &str) -> &str {
    text.split_ascii_whitespace().next().unwrap_or_default()
}

/// The number of lines of the compound command that begins with the first line; `None`: the line is a plain command, or the end is
/// missing.
pub(super) fn end_of(all: &[Line<'_>]) -> Option<usize> {
    if let Some(document) = HereDocument::of(all.first()?.text) {
        return all.iter().skip(1).position(|line| line.text == document.end).map(|at| at + 2);
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
