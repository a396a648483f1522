//! The report while the files are read: its entries, and the lines that are taken or lost.

use std::collections::{BTreeMap, BTreeSet};

use crate::diagnostic::{Finding, Report, Rule, cite};
use crate::source::{Source, Span};

/// The entries of the report, and the lines.
pub(super) struct Notes<'s> {
    source: &'s Source,
    pub(super) findings: Vec<Finding>,
    pub(super) lines: BTreeSet<usize>,
    pub(super) lost: BTreeSet<usize>,
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
        Self { source, findings: Vec::new(), lines, lost }
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
        let words: Vec<&str> = text.split_ascii_whitespace().take(3).collect();
        let message = format!("{}: {reason}", cite(&words.join(" ")));
        self.findings.push(Finding::at(rule, span, message));
    }
}

/// Joins the entries that several files have with the same message: the first one names the other files.
pub(super) fn folded(report: &Report, source: &Source) -> Report {
    let mut all: Vec<(Finding, Vec<String>)> = Vec::new();
    let mut known: BTreeMap<(&str, &str), Vec<usize>> = BTreeMap::new();
    let sorted = report.sorted();
    let file = |finding: &Finding| {
        let place = finding.place.as_ref();
        place.map(|place| source.file(place.span.start).name().to_owned()).unwrap_or_default()
    };
    for finding in sorted {
        let own = file(finding);
        let same = known.entry((finding.rule.code, &finding.message)).or_default();
        // Two equal lines of one file are two entries.
        let first =
            same.iter().copied().find(|at| file(&all[*at].0) != own && !all[*at].1.contains(&own));
        match first {
            Some(at) => all[at].1.push(own),
            None => {
                same.push(all.len());
                all.push((finding.clone(), Vec::new()));
            }
        }
    }
    let mut report = Report::default();
    report.extend(all.into_iter().map(|(mut finding, others)| {
        match others.as_slice() {
            [] => {}
            [one] => finding.message += &format!(" (also in {one})"),
            [one, rest @ ..] => {
                finding.message += &format!(" (also in {one}, and {} more)", rest.len());
            }
        }
        finding
    }));
    report
}
