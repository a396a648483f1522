//! Lines and columns of a span.

use super::Span;

/// A place in a file, for people. Lines and columns are counted from 1. A column is one character.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Place {
    /// The line.
    pub line: usize,
    /// The first column.
    pub column: usize,
    /// The column after the last column, on the same line.
    pub end_column: usize,
}

impl Place {
    /// The place of a span. If the span has several lines, the place ends with the first line.
    pub fn of(text: &str, span: &Span) -> Self {
        let start = span.start.min(text.len());
        let before = &text[..start];
        let line_start = before.rfind('\n').map_or(0, |at| at + 1);
        let line_end = text[start..].find('\n').map_or(text.len(), |at| start + at);
        let end = span.end.clamp(start, line_end);
        let column = text[line_start..start].chars().count() + 1;
        Self {
            line: before.matches('\n').count() + 1,
            column,
            end_column: column + text[start..end].chars().count(),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn places_count_characters() {
        let text = "节: x\nab cd\n";
        assert_eq!(Place::of(text, &(5..6)), Place { line: 1, column: 4, end_column: 5 });
        let span = text.find("cd").unwrap();
        assert_eq!(Place::of(text, &(span..span + 2)), Place { line: 2, column: 4, end_column: 6 });
    }
}
