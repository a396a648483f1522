//! Places as programs read them: lines and columns, both counted from 1, columns in characters.

use serde::Serialize;

use super::Label;
use crate::source::Source;

/// A range in a text; the end is one past the last character.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
pub(super) struct Place {
    pub(super) line: usize,
    pub(super) column: usize,
    pub(super) end_line: usize,
    pub(super) end_column: usize,
}

impl Place {
    pub(super) fn of(label: &Label, source: &Source) -> Self {
        let (line, column) = source.position(label.span.start);
        let (end_line, end_column) = source.position(label.span.end);
        Self { line, column, end_line, end_column }
    }
}
