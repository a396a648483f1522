//! The text that a user wrote, and places in this text.
//!
//! Takes a name and a text; gives a [`Source`], which converts [`Span`]s to lines and columns. This
//! module does not read files. The module `cli` reads them.

use std::collections::BTreeMap;
use std::ops::Deref;

/// A range of bytes in a [`Source`]. A source can contain several texts, and each byte of each text has a different
/// position.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord)]
pub struct Span {
    /// The first byte.
    pub start: usize,
    /// The position after the last byte.
    pub end: usize,
}

impl Span {
    /// Whether another place is a part of this place.
    pub fn contains(self, other: Self) -> bool {
        self.start <= other.start && other.end <= self.end
    }
}

/// A value, with the place of the value in the source.
///
/// This type dereferences to the value. Code that does not report a place can thus use it like the value.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Located<T> {
    /// The value.
    pub value: T,
    /// The place of the value.
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

/// The user's text, and the texts that this text includes. The positions of an included text are larger than the
/// positions of all texts before it. A [`Span`] thus also identifies its text.
#[derive(Clone, Debug)]
pub struct Source {
    main: File,
    included: Vec<File>,
    /// For each path, as the user wrote it: the index in `included`, or the reason why the text is missing.
    by_path: BTreeMap<String, Result<usize, String>>,
}

/// A text with its name and the positions of its lines.
#[derive(Clone, Debug)]
pub struct File {
    name: String,
    text: String,
    /// The position of its first byte in the source.
    start: usize,
    /// The position of the first byte of each line.
    lines: Vec<usize>,
}

impl Source {
    /// Takes a text, and the name that messages use for this text.
    pub fn new(name: impl Into<String>, text: impl Into<String>) -> Self {
        let main = File::new(name.into(), text.into(), 0);
        Self { main, included: Vec::new(), by_path: BTreeMap::new() }
    }

    /// Adds a text that the main text includes. `path` is the path in the main text. `read` contains the name and
    /// the contents of the included text, or the reason why the caller could not read the text.
    pub fn include(&mut self, path: &str, read: Result<(String, String), String>) {
        let read = read.map(|(name, text)| {
            let last = self.included.last().unwrap_or(&self.main);
            self.included.push(File::new(name, text, last.end() + 1));
            self.included.len() - 1
        });
        self.by_path.insert(path.to_owned(), read);
    }

    /// The included text for a path in the main text.
    ///
    /// # Errors
    /// The reason why the text could not be read.
    pub fn included(&self, path: &str) -> Result<&File, &str> {
        match self.by_path.get(path) {
            Some(Ok(at)) => Ok(&self.included[*at]),
            Some(Err(why)) => Err(why),
            None => Err("the file was not read"),
        }
    }

    /// The main text, which includes the other texts.
    pub fn main(&self) -> &File {
        &self.main
    }

    /// The text that contains the byte at a position.
    pub fn file(&self, byte: usize) -> &File {
        let at = self.included.partition_point(|file| file.start <= byte);
        if at == 0 { &self.main } else { &self.included[at - 1] }
    }

    /// The name of the main text.
    pub fn name(&self) -> &str {
        &self.main.name
    }
}

impl File {
    fn new(name: String, text: String, start: usize) -> Self {
        let breaks = text.bytes().enumerate().filter(|(_, byte)| *byte == b'\n');
        let lines = std::iter::once(start).chain(breaks.map(|(at, _)| start + at + 1)).collect();
        Self { name, text, start, lines }
    }

    /// The name that messages use for the text. It is often a path.
    pub fn name(&self) -> &str {
        &self.name
    }

    /// The whole text.
    pub fn text(&self) -> &str {
        &self.text
    }

    /// The position of its first byte in the source.
    pub fn start(&self) -> usize {
        self.start
    }

    /// The position after its last byte.
    pub fn end(&self) -> usize {
        self.start + self.text.len()
    }

    /// The text at a place.
    pub fn slice(&self, span: Span) -> &str {
        let at = |byte: usize| byte.saturating_sub(self.start);
        let slice = self.text.get(at(span.start)..at(span.end));
        slice.expect("a span lies within its text, between characters")
    }

    /// The number of the line that contains a byte. The first line has the number 1.
    pub fn line(&self, byte: usize) -> usize {
        self.lines.partition_point(|start| *start <= byte).max(1)
    }

    /// The line and the column of a byte. Both numbers start at 1. The column counts characters, not bytes.
    pub fn position(&self, byte: usize) -> (usize, usize) {
        let line = self.line(byte);
        let start = self.lines[line - 1];
        let upto = self.slice(Span { start, end: byte.min(self.end()) });
        (line, upto.chars().count() + 1)
    }

    /// The place of the lines `first..=last`, without the line break after `last`. The first line of a text has
    /// the number 1.
    pub fn lines(&self, first: usize, last: usize) -> Span {
        let start = self.lines[first - 1];
        let end = self.lines.get(last).map_or(self.end(), |next| next - 1);
        Span { start, end }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_position_counts_characters_not_bytes() {
        let source = Source::new("a", "x: 节点\ny: 2\n");
        assert_eq!(source.main().position(3), (1, 4));
        assert_eq!(source.main().position(6), (1, 5));
        assert_eq!(source.main().position(10), (2, 1));
        assert_eq!(source.main().position(999), (3, 1));
    }

    #[test]
    fn lines_leave_out_the_last_break() {
        let source = Source::new("a", "one\ntwo\nthree");
        let span = source.main().lines(2, 3);
        assert_eq!(source.main().slice(span), "two\nthree");
        let span = source.main().lines(1, 1);
        assert_eq!(source.main().slice(span), "one");
    }

    #[test]
    fn a_place_tells_its_text() {
        let mut source = Source::new("a", "one\n");
        source.include("b", Ok(("b".into(), "two\nthree\n".into())));
        source.include("c", Ok(("c".into(), String::new())));
        source.include("d", Err("it is away".into()));
        let file = source.included("b").unwrap();
        let span = file.lines(2, 2);
        assert_eq!((source.file(span.start).name(), file.slice(span)), ("b", "three"));
        assert_eq!(file.position(span.start + 1), (2, 2));
        assert_eq!(source.file(4).name(), "a");
        assert_eq!(source.file(source.included("c").unwrap().start()).name(), "c");
        assert_eq!(source.included("d").unwrap_err(), "it is away");
    }
}
