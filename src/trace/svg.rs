//! A trace as a drawing in SVG: a column for each host, and a row for each message.

use std::fmt::Write as _;

use super::diagram::{Diagram, Kind, Row};
use super::hosts::Hosts;
use super::human::socket;
use super::walk::Trace;
use crate::plan::Html;

/// The distance of two columns, in pixels: a line of a text between them has about 30 letters.
const COLUMN: usize = 210;

/// The height of a line of text.
const LINE: usize = 15;

/// The space above and below the texts of a row.
const GAP: usize = 14;

/// The number of letters of a line of text.
const LETTERS: usize = 28;

/// The height of the title and of the names of the hosts.
const HEAD: usize = 90;

/// The style stands in the drawing, so that it needs no other file.
const STYLE: &str = "svg { font: 12px sans-serif; background: white; color: #222; }\n\
    text { fill: #222; text-anchor: middle; }\n.title { font-size: 14px; font-weight: bold; text-anchor: start; }\n\
    .name { font-weight: bold; }\n.host { fill: #eef2f7; stroke: #8a9bb0; }\n.life { stroke: #c3ccd8; stroke-dasharray: 4 4; }\n\
    .sent { stroke: #1f5fa8; }\n.answer { stroke: #2c7a3f; stroke-dasharray: 6 3; }\n.lost { stroke: #b3261e; stroke-width: 2; }\n\
    .note { fill: #fff8dc; stroke: #d6c98a; }\n.dead { fill: #b3261e; font-weight: bold; }";

/// Writes the first way of a trace.
pub fn write(trace: &Trace, hosts: &Hosts) -> String {
    let diagram = Diagram::new(trace, hosts);
    let width = COLUMN * diagram.participants.len().max(2);
    let mut body = String::new();
    let mut y = HEAD;
    for row in &diagram.rows {
        y = match row {
            Row::Message { from, to, kind, text } => {
                message(&mut body, y, (*from, *to), *kind, text)
            }
            Row::Note { over, text } => note(&mut body, y, *over, text),
        };
    }
    let height = y + GAP;
    let client = trace.paths.first().map_or("", |path| path.client.name.as_str());
    let title = Html::escape(&format!("{} from {client}", socket(trace)));
    let title = title.as_str();
    let mut text = format!(
        "<svg xmlns=\"http://www.w3.org/2000/svg\" viewBox=\"0 0 {width} {height}\" width=\"{width}\" height=\"{height}\" role=\"img\">\n\
         <title>{title}</title>\n<style>{STYLE}</style>\n\
         <rect width=\"{width}\" height=\"{height}\" fill=\"white\"/>\n\
         <defs><marker id=\"end\" viewBox=\"0 0 8 8\" refX=\"7\" refY=\"4\" markerWidth=\"8\" markerHeight=\"8\" orient=\"auto\">\
         <path d=\"M0 0L8 4L0 8z\" fill=\"#444\"/></marker></defs>\n<text class=\"title\" x=\"12\" y=\"24\">{title}</text>\n"
    );
    for (at, name) in diagram.participants.iter().enumerate() {
        let (x, left) = (middle(at), middle(at) - 80);
        let name = Html::escape(name);
        let name = name.as_str();
        put(
            &mut text,
            &format!("<line class=\"life\" x1=\"{x}\" x2=\"{x}\" y1=\"66\" y2=\"{height}\"/>"),
        );
        put(
            &mut text,
            &format!(
                "<rect class=\"host\" x=\"{left}\" y=\"40\" width=\"160\" height=\"26\" rx=\"4\"/>"
            ),
        );
        put(&mut text, &format!("<text class=\"name\" x=\"{x}\" y=\"57\">{name}</text>"));
    }
    text + &body + "</svg>\n"
}

fn middle(column: usize) -> usize {
    COLUMN * column + COLUMN / 2
}

/// Draws a message below `y`; gives the position below it.
fn message(
    body: &mut String,
    y: usize,
    (from, to): (usize, usize),
    kind: Kind,
    text: &str,
) -> usize {
    let (start, end) = (middle(from), middle(to));
    let columns = from.abs_diff(to).max(1);
    let lines = wrapped(text, LETTERS * columns);
    let below = texts(body, (start + end) / 2, y, &lines, kind == Kind::Lost);
    let class = match kind {
        Kind::Sent => "sent",
        Kind::Answer => "answer",
        Kind::Lost => "lost",
    };
    // A lost packet ends before its receiver, with a cross.
    let stop = match kind {
        Kind::Lost if end > start => end - 12,
        Kind::Lost => end + 12,
        Kind::Sent | Kind::Answer => end,
    };
    let marker = if kind == Kind::Lost { "" } else { " marker-end=\"url(#end)\"" };
    put(
        body,
        &format!(
            "<line class=\"{class}\" x1=\"{start}\" y1=\"{below}\" x2=\"{stop}\" y2=\"{below}\"{marker}/>"
        ),
    );
    if kind == Kind::Lost {
        let (left, right, up, down) = (stop - 5, stop + 5, below - 5, below + 5);
        put(
            body,
            &format!(
                "<path class=\"lost\" d=\"M{left} {up}L{right} {down}M{left} {down}L{right} {up}\"/>"
            ),
        );
    }
    below + GAP
}

/// Draws a note below `y`; gives the position below it.
fn note(body: &mut String, y: usize, over: usize, text: &str) -> usize {
    let lines = wrapped(text, LETTERS);
    let height = lines.len() * LINE + 8;
    let left = middle(over) - COLUMN / 2 + 6;
    let wide = COLUMN - 12;
    put(
        body,
        &format!(
            "<rect class=\"note\" x=\"{left}\" y=\"{}\" width=\"{wide}\" height=\"{height}\" rx=\"3\"/>",
            y + 2
        ),
    );
    texts(body, middle(over), y + 3, &lines, false);
    y + height + GAP
}

/// Draws lines of text below `y`; gives the position below them.
fn texts(body: &mut String, x: usize, y: usize, lines: &[String], dead: bool) -> usize {
    let class = if dead { " class=\"dead\"" } else { "" };
    for (at, line) in lines.iter().enumerate() {
        let y = y + LINE * (at + 1);
        put(
            body,
            &format!("<text{class} x=\"{x}\" y=\"{y}\">{}</text>", Html::escape(line).as_str()),
        );
    }
    y + LINE * lines.len() + 7
}

/// Splits a text into lines at blanks.
fn wrapped(text: &str, letters: usize) -> Vec<String> {
    let mut lines = vec![String::new()];
    for token in text.split(' ') {
        let last = lines.last_mut().expect("the list has a line");
        if last.is_empty() {
            *last = token.to_owned();
        } else if last.chars().count() + token.chars().count() < letters {
            last.push(' ');
            last.push_str(token);
        } else {
            lines.push(token.to_owned());
        }
    }
    lines
}

fn put(text: &mut String, written: &str) {
    writeln!(text, "{written}").expect("a write to a String cannot fail");
}
