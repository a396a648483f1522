//! Places in the form that programs read: lines and columns. Both numbers start at 1. Columns count characters.

use serde::Serialize;

use super::Label;
use crate::source::Source;

/// A range in a text. Its end is the position after the last character.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub(super) struct PrintedPlace {
    /// The name of the text that contains the range.
    pub(super) file: String,
    pub(super) line: usize,
    pub(super) column: usize,
    pub(super) end_line: usize,
    pub(super) end_column: usize,
}

impl PrintedPlace {
    pub(super) fn of(label: &Label, source: &Source) -> Self {
        let text = source.file(label.span.start);
        let (line, column) = text.position(label.span.start);
        let (end_line, end_column) = text.position(label.span.end);
        let file = text.name().to_owned();
        Self { file, line, column, end_line, end_column }
    }
}
