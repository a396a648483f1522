//! Findings as a person reads them in a terminal: rustc's form, with the line and a caret.
//!
//! Takes a [`Report`] and its [`Source`]; gives styled text (the caller strips colour where no
//! terminal reads it).

use annotate_snippets::{AnnotationKind, Group, Level, Renderer, Snippet};

use super::{Finding, Label, Report, Severity};
use crate::source::{Source, Span};

/// Labels that are further apart than this get a snippet each.
const ONE_SNIPPET: usize = 12;

/// Gives every finding of the report, sorted, and nothing else.
pub fn report(report: &Report, source: Option<&Source>) -> String {
    report.sorted().into_iter().map(|one| finding(one, source)).collect()
}

/// Gives one finding, with a final blank line.
pub fn finding(finding: &Finding, source: Option<&Source>) -> String {
    let level = match finding.rule.severity {
        Severity::Error => Level::ERROR,
        Severity::Warning => Level::WARNING,
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

/// Shows windows of lines, never the whole text: annotate-snippets reads all that it is given,
/// which costs milliseconds per finding on a large model.
fn snippets<'a>(
    source: &'a Source,
    labels: &[(AnnotationKind, &'a Label)],
) -> Vec<Snippet<'a, annotate_snippets::Annotation<'a>>> {
    let lines = labels.iter().map(|(_, label)| source.line(label.span.start));
    let first = lines.clone().min().unwrap_or(1);
    let last = lines.max().unwrap_or(1);
    if last - first <= ONE_SNIPPET {
        return vec![snippet(source, first, last, labels)];
    }
    let each = labels.iter().map(|label| {
        let line = source.line(label.1.span.start);
        snippet(source, line, line, std::slice::from_ref(label))
    });
    each.collect()
}

fn snippet<'a>(
    source: &'a Source,
    first: usize,
    last: usize,
    labels: &[(AnnotationKind, &'a Label)],
) -> Snippet<'a, annotate_snippets::Annotation<'a>> {
    let window = source.lines(first, last);
    let annotations = labels.iter().map(|(kind, label)| {
        let span = on_its_line(source, label.span);
        let annotation = kind.span(span.start - window.start..span.end - window.start);
        if label.text.is_empty() { annotation } else { annotation.label(label.text.as_str()) }
    });
    Snippet::source(&source.text()[window.start..window.end])
        .line_start(first)
        .path(source.name())
        .annotations(annotations)
}

/// Cuts a span at the end of its first line: a mapping is shown by its beginning.
fn on_its_line(source: &Source, span: Span) -> Span {
    let line = source.line(span.start);
    let end_of_line = source.lines(line, line).end;
    let start = span.start.min(end_of_line);
    Span { start, end: span.end.clamp(start, end_of_line) }
}
