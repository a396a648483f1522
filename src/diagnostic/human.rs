//! Findings for people at a terminal, in the format of rustc's messages. A caret marks the place in a line of the
//! input.
//!
//! Takes a [`Report`] and its [`Source`]; gives styled text. The caller removes the colours if the output
//! is not a terminal.

use annotate_snippets::{AnnotationKind, Group, Level, Renderer, Snippet};

use super::{Finding, Label, Report, Severity};
use crate::source::{File, Source, Span};

/// The largest distance between labels in one snippet, in lines. If the distance is larger, each label gets its own
/// snippet.
const ONE_SNIPPET: usize = 12;

/// Gives every finding of the report, sorted, without a summary.
pub fn report(report: &Report, source: Option<&Source>) -> String {
    report.sorted().into_iter().map(|one| finding(one, source)).collect()
}

/// Gives one finding, with a final blank line.
pub fn finding(finding: &Finding, source: Option<&Source>) -> String {
    let level = match finding.rule.severity {
        Severity::Error => Level::ERROR,
        Severity::Warning => Level::WARNING,
        Severity::Note => Level::NOTE,
    };
    let title = level.primary_title(finding.message.as_str()).id(finding.rule.code);
    let mut group = Group::with_title(title);
    if let (Some(source), Some(place)) = (source, &finding.place) {
        let labels = std::iter::once((AnnotationKind::Primary, place))
            .chain(finding.related.iter().map(|label| (AnnotationKind::Context, label)))
            .collect::<Vec<_>>();
        group = group.elements(snippets(source, &labels));
    }
    if let Some(help) = &finding.help {
        group = group.element(Level::HELP.message(help.as_str()));
    }
    format!("{}\n\n", Renderer::styled().render(&[group]))
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
