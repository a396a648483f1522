//! The text that a user wrote, and places in it.
//!
//! Takes a name and a text; gives a [`Source`], which converts [`Span`]s to lines and columns. This
//! module reads no files: `cli` reads them.

use std::collections::BTreeMap;
use std::ops::Deref;

/// A range of bytes in a [`Source`]. The count of bytes continues from one text of the source to the next.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord)]
pub struct Span {
    /// The first byte.
    pub start: usize,
    /// The position after the last byte.
    pub end: usize,
}

/// A value together with the place where it was written.
///
/// It dereferences to the value. Only code that reports a place needs to know this type.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Located<T> {
    /// The value.
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

/// The user's text, and the texts that it includes. All texts share one count of bytes, so a [`Span`] also
/// identifies its text.
#[derive(Clone, Debug)]
pub struct Source {
    main: File,
    included: Vec<File>,
    /// For each path as written: the index in `included`, or the reason why the text is missing.
    by_path: BTreeMap<String, Result<usize, String>>,
}

/// A named text with an index of its lines.
#[derive(Clone, Debug)]
pub struct File {
    name: String,
    text: String,
    /// The place of its first byte.
    start: usize,
    /// The place at which each line starts.
    lines: Vec<usize>,
}

impl Source {
    /// Takes a text and its name in messages.
    pub fn new(name: impl Into<String>, text: impl Into<String>) -> Self {
        let main = File::new(name.into(), text.into(), 0);
        Self { main, included: Vec::new(), by_path: BTreeMap::new() }
    }

    /// Adds a text that the main text includes by a path. `read` is the name and the contents of that text,
    /// or the reason why it cannot be read.
    pub fn include(&mut self, path: &str, read: Result<(String, String), String>) {
        let read = read.map(|(name, text)| {
            let last = self.included.last().unwrap_or(&self.main);
            self.included.push(File::new(name, text, last.end() + 1));
            self.included.len() - 1
        });
        self.by_path.insert(path.to_owned(), read);
    }

    /// The text that is included by a path.
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

    /// The text that includes the others.
    pub fn main(&self) -> &File {
        &self.main
    }

    /// The text that contains a place.
    pub fn file(&self, byte: usize) -> &File {
        let at = self.included.partition_point(|file| file.start <= byte);
        if at == 0 { &self.main } else { &self.included[at - 1] }
    }

    /// The name of the text that includes the others.
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

    /// The name of the text in messages, often a path.
    pub fn name(&self) -> &str {
        &self.name
    }

    /// The whole text.
    pub fn text(&self) -> &str {
        &self.text
    }

    /// The place of its first byte.
    pub fn start(&self) -> usize {
        self.start
    }

    /// The place after its last byte.
    pub fn end(&self) -> usize {
        self.start + self.text.len()
    }

    /// The text at a place.
    pub fn slice(&self, span: Span) -> &str {
        let at = |byte: usize| byte.saturating_sub(self.start);
        let slice = self.text.get(at(span.start)..at(span.end));
        slice.expect("a span lies within its text, between characters")
    }

    /// The line of a byte, counted from 1.
    pub fn line(&self, byte: usize) -> usize {
        self.lines.partition_point(|start| *start <= byte).max(1)
    }

    /// The line and the column (in characters) of a byte, both counted from 1.
    pub fn position(&self, byte: usize) -> (usize, usize) {
        let line = self.line(byte);
        let start = self.lines[line - 1];
        let upto = self.slice(Span { start, end: byte.min(self.end()) });
        (line, upto.chars().count() + 1)
    }

    /// The place of the lines `first..=last` (counted from 1), without the last line break.
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
