//! Splits texts into lines and tokens. Each line and each token keeps its position in the file.

use crate::facts::{Reading, RestKind, Span};

/// A line or a token, without the blanks around it.
#[derive(Clone, Copy, Debug)]
pub(super) struct Line<'a> {
    /// The text.
    pub(super) text: &'a str,
    /// The position of the text in the file, in bytes.
    pub(super) start: usize,
    /// Whether blanks stand before the text.
    pub(super) indented: bool,
}

impl<'a> Line<'a> {
    /// The bytes of the line.
    pub(super) fn span(&self) -> Span {
        self.start..self.start + self.text.len()
    }

    /// The tokens of the line. Blanks separate the tokens.
    pub(super) fn tokens(&self) -> impl Iterator<Item = Line<'a>> {
        tokens(self.text, self.start)
    }

    /// The texts before and after the first `separator`, without the blanks around each text.
    pub(super) fn split_once(&self, separator: char) -> Option<(Self, Self)> {
        let (left, right) = self.text.split_once(separator)?;
        let after = self.start + left.len() + separator.len_utf8();
        Some((trimmed(left, self.start), trimmed(right, after)))
    }
}

/// Removes the blanks around a text. `start` is the position of the text in the file, in bytes.
pub(super) fn trimmed(text: &str, start: usize) -> Line<'_> {
    let inner = text.trim();
    let before = text.len() - text.trim_start().len();
    Line { text: inner, start: start + before, indented: before > 0 }
}

/// The tokens of a text. Blanks separate the tokens. `start` is the position of the text in the file, in bytes.
pub(super) fn tokens(text: &str, start: usize) -> impl Iterator<Item = Line<'_>> {
    let mut rest = trimmed(text, start);
    std::iter::from_fn(move || {
        let end = rest.text.find(char::is_whitespace).unwrap_or(rest.text.len());
        let token = Line { text: &rest.text[..end], start: rest.start, indented: false };
        rest = trimmed(&rest.text[end..], rest.start + end);
        (!token.text.is_empty()).then_some(token)
    })
}

/// The lines that hold more than blanks.
pub(super) fn lines(text: &str) -> impl Iterator<Item = Line<'_>> {
    let mut start = 0;
    text.split_inclusive('\n').filter_map(move |line| {
        let at = start;
        start += line.len();
        let line = trimmed(line, at);
        (!line.text.is_empty()).then_some(line)
    })
}

/// Removes each line that ends with a backslash, and the line after it. lvsgen does not join such lines. The
/// removed lines become part of the rest.
pub(super) fn without_joined<'a>(lines: Vec<Line<'a>>, reading: &mut Reading) -> Vec<Line<'a>> {
    let mut joins = false;
    let mut single = Vec::new();
    for line in lines {
        let continues = line.text.ends_with('\\');
        if joins || continues {
            reading.leave(RestKind::Lost, line.span(), "lvsgen does not read joined lines");
        } else {
            single.push(line);
        }
        joins = continues;
    }
    single
}

/// Gives the lines that are not comments, and adds the comments to the reading. A comment is a line that
/// begins with one of the given characters.
pub(super) fn statements<'a>(
    text: &'a str,
    comment: &[char],
    reading: &mut Reading,
) -> Vec<Line<'a>> {
    let mut statements = Vec::new();
    for line in lines(text) {
        if line.text.starts_with(comment) {
            reading.comments.push(line.span());
        } else {
            statements.push(line);
        }
    }
    statements
}
