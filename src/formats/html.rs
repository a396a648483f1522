//! A page of HTML: its title, and nothing that a host would run.

use super::lines::lines;
use crate::facts::{Fact, Reading, RestKind};

/// Reads the title; the rest of a page changes nothing on a host.
pub fn read(text: &str) -> Reading {
    let mut reading = Reading::default();
    let title = text.find("<title>").map(|at| at + "<title>".len());
    let title = title.and_then(|start| Some(start..start + text[start..].find("</title>")?));
    let title = title.filter(|span| !span.is_empty());
    if !text.trim_start().to_ascii_lowercase().starts_with("<!doctype html>") {
        let span = lines(text).next().map(|line| line.span());
        if let Some(span) = span {
            reading.leave(RestKind::Refused, span, "a page begins with `<!DOCTYPE html>`");
        }
    }
    let first = reading.rest.first().map(|rest| rest.span.clone());
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
    let inside = |title: &crate::facts::Span| {
        first.as_ref().is_none_or(|first| title.start >= first.end || title.end <= first.start)
    };
    if let Some(title) = title.filter(inside) {
        reading.fact(Fact::PageTitle(text[title.clone()].to_owned()), title);
    }
    reading
}
