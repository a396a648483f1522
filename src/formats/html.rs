//! A page of HTML, of which lvsgen reads only the title.

use super::lines::lines;
use crate::facts::{Fact, Reading, RestKind, Span};

/// Reads the title; the rest of a page changes nothing on a host.
pub fn read(text: &str) -> Reading {
    let mut reading = Reading::default();
    if !text.trim_start().to_ascii_lowercase().starts_with("<!doctype html>") {
        let span = lines(text).next().map(|line| line.span());
        if let Some(span) = span {
            reading.leave(RestKind::Refused, span, "a page must begin with `<!DOCTYPE html>`");
        }
    }
    let first = reading.rest.first().map(|rest| rest.span.clone());
    // A title in the refused line is not a fact, because no byte may belong to both a fact and the rest.
    let after = first.as_ref().map_or(0, |first| first.end);
    let title = title_of(text).filter(|title| title.start >= after);
    for line in lines(text).filter(|line| Some(line.span()) != first) {
        let (start, end) = (line.span().start, line.span().end);
        let cut = title.as_ref().filter(|title| title.start < end && title.end > start);
        let parts = match cut {
            None => [start..end, end..end],
            Some(title) => [start..title.start.max(start), title.end.min(end)..end],
        };
        for part in parts.into_iter().filter(|part| part.start < part.end) {
            reading.leave(RestKind::Unused, part, "text of the page");
        }
    }
    if let Some(title) = title {
        reading.fact(Fact::PageTitle(text[title.clone()].to_owned()), title);
    }
    reading
}

/// The characters between the first `<title>` and the next `</title>`, if there are any.
fn title_of(text: &str) -> Option<Span> {
    let start = text.find("<title>")? + "<title>".len();
    let end = start + text[start..].find("</title>")?;
    (start < end).then_some(start..end)
}
