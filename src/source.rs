//! The text that a user wrote, and places in it.
//!
//! Takes a name and bytes; gives [`Source`], whose [`Span`]s become lines and columns. Reads no
//! files: `cli` does that.

use std::ops::Deref;

/// A range of bytes in a [`Source`].
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord)]
pub struct Span {
    /// The first byte.
    pub start: usize,
    /// One past the last byte.
    pub end: usize,
}

/// A value together with the place where it was written.
///
/// It derefs to the value, so that only code that reports a place has to know of it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Located<T> {
    /// What was written.
    pub value: T,
    /// Where it was written.
    pub span: Span,
}

impl<T> Located<T> {
    /// Joins a value with its place.
    pub fn new(value: T, span: Span) -> Self {
        Self { value, span }
    }
}

impl<T> Deref for Located<T> {
    type Target = T;

    fn deref(&self) -> &T {
        &self.value
    }
}

/// A named text with an index of its lines.
#[derive(Clone, Debug)]
pub struct Source {
    name: String,
    text: String,
    /// The byte at which each line starts.
    lines: Vec<usize>,
}

impl Source {
    /// Takes a text and the name under which messages speak of it.
    pub fn new(name: impl Into<String>, text: impl Into<String>) -> Self {
        let text = text.into();
        let breaks = text.bytes().enumerate().filter(|(_, byte)| *byte == b'\n');
        let lines = std::iter::once(0).chain(breaks.map(|(at, _)| at + 1)).collect();
        Self { name: name.into(), text, lines }
    }

    /// The name under which messages speak of it, often a path.
    pub fn name(&self) -> &str {
        &self.name
    }

    /// The whole text.
    pub fn text(&self) -> &str {
        &self.text
    }

    /// The line of a byte, counted from 1.
    pub fn line(&self, byte: usize) -> usize {
        self.lines.partition_point(|start| *start <= byte)
    }

    /// The line and the column (in characters) of a byte, both counted from 1.
    pub fn position(&self, byte: usize) -> (usize, usize) {
        let line = self.line(byte);
        let start = self.lines[line - 1];
        let upto = self.text.get(start..byte.min(self.text.len())).unwrap_or_default();
        (line, upto.chars().count() + 1)
    }

    /// The bytes of the lines `first..=last` (counted from 1), without the last line break.
    pub fn lines(&self, first: usize, last: usize) -> Span {
        let start = self.lines[first - 1];
        let end = self.lines.get(last).map_or(self.text.len(), |next| next - 1);
        Span { start, end }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_position_counts_characters_not_bytes() {
        let source = Source::new("a", "x: 节点\ny: 2\n");
        assert_eq!(source.position(3), (1, 4));
        assert_eq!(source.position(6), (1, 5));
        assert_eq!(source.position(10), (2, 1));
        assert_eq!(source.position(999), (3, 1));
    }

    #[test]
    fn lines_leave_out_the_last_break() {
        let source = Source::new("a", "one\ntwo\nthree");
        let span = source.lines(2, 3);
        assert_eq!(&source.text()[span.start..span.end], "two\nthree");
        let span = source.lines(1, 1);
        assert_eq!(&source.text()[span.start..span.end], "one");
    }
}
