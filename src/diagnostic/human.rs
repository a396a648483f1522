//! Findings for people at a terminal, in the format of rustc's messages. A caret marks the place in a line of the
//! input.
//!
//! Takes a [`Report`] and its [`Source`]; gives styled text. The caller removes the colours if the output
//! is not a terminal.

use std::collections::{BTreeMap, BTreeSet};

use annotate_snippets::{AnnotationKind, Group, Level, Renderer, Snippet};

use super::{Finding, Label, Report, Severity};
use crate::source::{File, Source, Span};

/// The largest distance between labels in one snippet, in lines. If the distance is larger, each label gets its own
/// snippet.
const ONE_SNIPPET: usize = 12;

/// The amount of a report.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum View {
    /// The same mistake at many places is one finding, and beside errors, a warning is one line.
    Folded,
    /// Every finding, in full.
    Whole,
}

/// The width of a text that no terminal shows, in columns.
pub const WIDTH: usize = 140;

/// The largest number of findings with the same mistake that [`View::Folded`] shows in full.
const SAME: usize = 3;

/// Gives the findings of the report, without a summary: notes, warnings, then errors, each sorted by place. The errors thus
/// stand next to the summary, which the caller prints below. `width` is the number of columns of the terminal.
pub fn report(report: &Report, source: Option<&Source>, view: View, width: usize) -> String {
    let mut findings = report.sorted();
    findings.sort_by_key(|finding| std::cmp::Reverse(finding.rule.severity));
    if view == View::Whole {
        return findings.into_iter().map(|one| finding(one, &[], source, width)).collect();
    }
    let short = |one: &Finding| report.has_errors() && one.rule.severity != Severity::Error;
    let (lines, blocks): (Vec<_>, Vec<_>) =
        same(findings, source).into_iter().partition(|mistake| short(mistake[0]));
    let mut text: String = lines.iter().map(|mistake| line(mistake, source, width)).collect();
    if !text.is_empty() {
        text.push('\n');
    }
    text.extend(blocks.iter().map(|mistake| finding(mistake[0], &mistake[1..], source, width)));
    text
}

/// Puts the findings of the same mistake together: those with the same code and the same remedy on different lines, if there are
/// many. The mistakes have the order of their first findings.
fn same<'a>(findings: Vec<&'a Finding>, source: Option<&Source>) -> Vec<Vec<&'a Finding>> {
    let key = |one: &'a Finding| (one.rule.code, one.help.as_deref());
    let line = |one: &Finding| {
        let (place, source) = one.place.as_ref().zip(source)?;
        let file = source.file(place.span.start);
        Some((file.start(), file.line(place.span.start)))
    };
    let mut lines: BTreeMap<_, BTreeSet<_>> = BTreeMap::new();
    for one in &findings {
        lines.entry(key(one)).or_default().insert(line(one));
    }
    let mut mistakes: Vec<Vec<&Finding>> = Vec::new();
    let mut known: BTreeMap<_, usize> = BTreeMap::new();
    for one in findings {
        let many = lines[&key(one)].len() > SAME && one.help.is_some();
        match known.get(&key(one)) {
            // Several names of a line may be wrong, and each has its own finding.
            Some(at) if many && mistakes[*at].last().is_none_or(|last| line(last) != line(one)) => {
                mistakes[*at].push(one);
            }
            _ => {
                known.entry(key(one)).or_insert(mistakes.len());
                mistakes.push(vec![one]);
            }
        }
    }
    mistakes
}

/// Gives a mistake as one line.
fn line(mistake: &[&Finding], source: Option<&Source>, width: usize) -> String {
    let first = mistake[0];
    let place = first.place.as_ref().zip(source).map(|(place, source)| {
        let file = source.file(place.span.start);
        format!(" ({}:{})", file.name(), file.line(place.span.start))
    });
    let more = match mistake.len() {
        1 => String::new(),
        count => format!(", and {} more", count - 1),
    };
    let text = format!("{}{}{more}", first.message, place.unwrap_or_default());
    let title = level(first).primary_title(text.as_str()).id(first.rule.code);
    format!("{}\n", renderer(width).render(&[Group::with_title(title)]))
}

/// Cuts a line of the input that is longer than `width` columns, so that the terminal does not wrap it away from its marks.
fn renderer(width: usize) -> Renderer {
    Renderer::styled().term_width(width)
}

fn level(finding: &Finding) -> Level<'static> {
    match finding.rule.severity {
        Severity::Error => Level::ERROR,
        Severity::Warning => Level::WARNING,
        Severity::Note => Level::NOTE,
    }
}

/// Gives one finding, with a final blank line. `others` are the findings of the same mistake.
fn finding(
    finding: &Finding,
    others: &[&Finding],
    source: Option<&Source>,
    width: usize,
) -> String {
    let title = level(finding).primary_title(finding.message.as_str()).id(finding.rule.code);
    let mut group = Group::with_title(title);
    if let (Some(source), Some(place)) = (source, &finding.place) {
        let labels = std::iter::once((AnnotationKind::Primary, place))
            .chain(finding.related.iter().map(|label| (AnnotationKind::Context, label)))
            .collect::<Vec<_>>();
        group = group.elements(snippets(source, &labels));
    }
    let others = source.filter(|_| !others.is_empty()).map(|source| {
        let (count, lines) = (others.len(), lines_of(others, source));
        format!("the same mistake stands at {count} more places: {lines}; `--verbose` shows each")
    });
    if let Some(others) = &others {
        group = group.element(Level::NOTE.message(others.as_str()));
    }
    if let Some(help) = &finding.help {
        group = group.element(Level::HELP.message(help.as_str()));
    }
    format!("{}\n\n", renderer(width).render(&[group]))
}

/// The lines of findings, file by file: `lines 4-60, 70`.
fn lines_of(findings: &[&Finding], source: &Source) -> String {
    let mut files: Vec<(&str, Vec<usize>)> = Vec::new();
    for place in findings.iter().filter_map(|one| one.place.as_ref()) {
        let file = source.file(place.span.start);
        if files.last().is_none_or(|(name, _)| *name != file.name()) {
            files.push((file.name(), Vec::new()));
        }
        let lines = &mut files.last_mut().expect("a file was pushed").1;
        lines.push(file.line(place.span.start));
    }
    let main = source.main().name();
    let each = files.iter_mut().map(|(name, lines)| {
        lines.dedup();
        let of = if *name == main { String::new() } else { format!(" of {name}") };
        let lines_word = if lines.len() == 1 { "line" } else { "lines" };
        format!("{lines_word} {}{of}", runs(lines))
    });
    each.collect::<Vec<_>>().join(", ")
}

/// Writes ascending numbers with their runs: `4-60, 70`.
fn runs(numbers: &[usize]) -> String {
    let runs = numbers.chunk_by(|before, after| before + 1 == *after);
    let each = runs.map(|run| match run {
        [only] => only.to_string(),
        [first, .., last] => format!("{first}-{last}"),
        [] => String::new(),
    });
    each.collect::<Vec<_>>().join(", ")
}

/// Makes snippets from the lines near the labels, not from the whole text. The library annotate-snippets reads its
/// whole input. With the whole text of a large model, each finding would take milliseconds.
fn snippets<'a>(
    source: &'a Source,
    labels: &[(AnnotationKind, &'a Label)],
) -> Vec<Snippet<'a, annotate_snippets::Annotation<'a>>> {
    let file = |label: &Label| source.file(label.span.start);
    let one = labels.first().map_or_else(|| source.main(), |(_, label)| file(label));
    let lines = labels.iter().map(|(_, label)| file(label).line(label.span.start));
    let first = lines.clone().min().unwrap_or(1);
    let last = lines.max().unwrap_or(1);
    let together = labels.iter().all(|(_, label)| file(label).start() == one.start());
    if together && last - first <= ONE_SNIPPET {
        return vec![snippet(one, first, last, labels)];
    }
    let each = labels.iter().map(|label| {
        let file = file(label.1);
        let line = file.line(label.1.span.start);
        snippet(file, line, line, std::slice::from_ref(label))
    });
    each.collect()
}

fn snippet<'a>(
    file: &'a File,
    first: usize,
    last: usize,
    labels: &[(AnnotationKind, &'a Label)],
) -> Snippet<'a, annotate_snippets::Annotation<'a>> {
    let window = file.lines(first, last);
    let annotations = labels.iter().map(|(kind, label)| {
        let span = on_its_line(file, label.span);
        let annotation = kind.span(span.start - window.start..span.end - window.start);
        if label.text.is_empty() { annotation } else { annotation.label(label.text.as_str()) }
    });
    Snippet::source(file.slice(window)).line_start(first).path(file.name()).annotations(annotations)
}

/// Shortens a span to its first line. If the span is a whole mapping, the message thus shows only the first line.
fn on_its_line(file: &File, span: Span) -> Span {
    let line = file.line(span.start);
    let end_of_line = file.lines(line, line).end;
    let start = span.start.min(end_of_line);
    Span { start, end: span.end.clamp(start, end_of_line) }
}
