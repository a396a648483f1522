//! The report while the files are read: its entries, and the lines that are taken or lost.

use std::collections::{BTreeMap, BTreeSet};
use std::ops::Range;

use super::rules;
use crate::diagnostic::{Finding, Report, Rule, cite};
use crate::facts::{Rest, RestKind};
use crate::source::{File, Source, Span};

/// The entries of the report, and the lines.
pub(super) struct Notes<'s> {
    source: &'s Source,
    pub(super) findings: Vec<Finding>,
    pub(super) lines: BTreeSet<usize>,
    pub(super) lost: BTreeSet<usize>,
    /// The places of the entries.
    places: BTreeSet<Option<Span>>,
}

/// The position of the line that has a byte.
pub(super) fn line_of(source: &Source, span: Span) -> usize {
    let file = source.file(span.start);
    let line = file.line(span.start);
    file.lines(line, line).start
}

impl<'s> Notes<'s> {
    pub(super) fn new(source: &'s Source) -> Self {
        let (lines, lost) = (BTreeSet::new(), BTreeSet::new());
        Self { source, findings: Vec::new(), lines, lost, places: BTreeSet::new() }
    }

    /// Counts the line of a token.
    pub(super) fn line(&mut self, span: Span) {
        self.lines.insert(line_of(self.source, span));
    }

    /// Marks the line of a token as not taken.
    pub(super) fn lose(&mut self, span: Span) {
        self.lost.insert(line_of(self.source, span));
    }

    /// Adds an entry about a text of a file.
    pub(super) fn add(&mut self, rule: &'static Rule, text: &str, reason: &str, span: Span) {
        self.push(Finding::at(rule, span, message(text, reason)));
    }

    /// Adds an entry, unless another host that shares the file has added it already.
    fn push(&mut self, finding: Finding) {
        let place = |one: &Finding| one.place.as_ref().map(|place| place.span);
        let same = |one: &Finding| place(one) == place(&finding) && one.message == finding.message;
        if self.places.contains(&place(&finding)) && self.findings.iter().any(same) {
            return;
        }
        self.places.insert(place(&finding));
        self.findings.push(finding);
    }

    /// Notes a token that is not part of a fact. `at` gives its place in the source.
    pub(super) fn rest(&mut self, rest: &Rest, at: impl Fn(&Range<usize>) -> Span) {
        let rule = match rest.kind {
            RestKind::Unused => return,
            RestKind::NoEffect => &rules::NO_EFFECT,
            RestKind::Lost => &rules::LOST,
            RestKind::Unread | RestKind::Unknown => &rules::UNKNOWN,
            RestKind::Refused => &rules::REFUSED,
            RestKind::Condition => &rules::CONDITION,
        };
        let span = at(&rest.span);
        if rest.kind != RestKind::NoEffect {
            self.lose(span);
        }
        if rest.inside {
            return;
        }
        let text = self.source.file(span.start).slice(span);
        let finding = Finding::at(rule, span, message(text, &rest.reason));
        self.push(match &rest.definition {
            Some(definition) => finding.related(at(definition), "the macro is defined here"),
            None => finding,
        });
    }
}

/// The first tokens of a text, and a reason.
fn message(text: &str, reason: &str) -> String {
    let words: Vec<&str> = text.split_ascii_whitespace().take(3).collect();
    match words.is_empty() {
        true => reason.to_owned(),
        false => format!("{}: {reason}", cite(&words.join(" "))),
    }
}

/// The number of equal entries in which an entry of another file is searched.
const MOST_SEARCHED: usize = 64;

/// Joins the entries that several files have with the same message: the first one names the other files.
pub(super) fn folded(report: &Report, source: &Source) -> Report {
    let mut all: Vec<(Finding, Vec<&File>)> = Vec::new();
    let mut known: BTreeMap<(&str, &str), Vec<usize>> = BTreeMap::new();
    for finding in report.sorted() {
        let own = finding.place.as_ref().map(|place| source.file(place.span.start));
        let same = known.entry((finding.rule.code, &finding.message)).or_default();
        // Two equal lines of one file are two entries. Several hosts may have the same file.
        let has = |at: &usize| {
            all[*at].1.iter().any(|file| own.is_some_and(|own| own.start() == file.start()))
        };
        // Many equal entries of one file are no entries of several hosts.
        match (same.iter().take(MOST_SEARCHED).copied().find(|at| !has(at)), own) {
            (Some(at), Some(own)) => all[at].1.push(own),
            _ => {
                same.push(all.len());
                all.push((finding.clone(), own.into_iter().collect()));
            }
        }
    }
    let mut report = Report::default();
    report.extend(all.into_iter().map(|(mut finding, files)| {
        match files.get(1..).unwrap_or_default() {
            [] => {}
            [one] => finding.message += &format!(" (also in {})", one.name()),
            [one, rest @ ..] => {
                finding.message += &format!(" (also in {}, and {} more)", one.name(), rest.len());
            }
        }
        finding
    }));
    report
}
