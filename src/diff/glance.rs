//! The changes of the cluster for a terminal: a line for each statement, and for each step of the rollout.
//!
//! Takes statements and steps; gives text, with or without colours. A line that is longer than the terminal continues with an indent.

use anstyle::{AnsiColor, Style};

use super::meaning::{self, Statement, Step};

const CHANGE: Style = Style::new().bold();
const TRAFFIC: Style = AnsiColor::Yellow.on_default();
const PLAIN: Style = Style::new();
const MOMENT: Style = AnsiColor::Cyan.on_default();

/// The indent of the continuation of a line.
const INDENT: &str = "    ";

/// The terminal that shows the lines.
#[derive(Clone, Copy, Debug, Default)]
pub struct Screen {
    /// Whether the lines have colours.
    pub colour: bool,
    /// The number of columns. None for a file, whose lines have any length.
    pub columns: Option<usize>,
}

/// Gives the lines. The tasks before the rollout stand before the steps of the rollout.
pub fn lines(statements: &[Statement], steps: &[Step], screen: Screen) -> String {
    let statements_lines = statements.iter().map(|one| {
        let traffic = one.traffic.as_ref().map(|text| (TRAFFIC, format!(" {text}")));
        let end = if traffic.is_some() { ";" } else { "" };
        let change = [(CHANGE, one.change.clone()), (PLAIN, end.to_owned())];
        screen.line(change.into_iter().chain(traffic))
    });
    let moment = |screen: Screen, moment: &str, task: String| {
        screen.line([(MOMENT, moment.to_owned()), (PLAIN, format!(": {task}"))])
    };
    let drain = meaning::drain(statements).into_iter();
    let drain = drain.map(|task| moment(screen, "before the rollout", task));
    // A person may paste the command of a step: a line break would change it.
    let whole = Screen { columns: None, ..screen };
    let steps = steps.iter().map(|step| moment(whole, "during the rollout", step.to_string()));
    statements_lines.chain(drain).chain(steps).collect()
}

impl Screen {
    /// One line of parts with their styles. It breaks at a blank, where the next word does not fit.
    fn line(self, parts: impl IntoIterator<Item = (Style, String)>) -> String {
        // The column of the first word in this line of the terminal.
        let (mut line, mut column, mut first) = (String::new(), 0, 0);
        for (style, text) in parts {
            let mut shown = String::new();
            for word in text.split_inclusive(' ') {
                let length = word.trim_end().chars().count();
                let full = self.columns.is_some_and(|columns| column + length > columns);
                // A punctuation mark stays at its word, and a word that is too long for a line stays whole.
                if full && column > first && shown.ends_with(' ') {
                    shown.truncate(shown.trim_end().len());
                    shown += &format!("\n{INDENT}");
                    (column, first) = (INDENT.len(), INDENT.len());
                }
                shown += word;
                column += word.chars().count();
            }
            line += &match self.colour && !shown.is_empty() && style != PLAIN {
                true => format!("{style}{shown}{style:#}"),
                false => shown,
            };
        }
        line + "\n"
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn line(columns: usize, colour: bool) -> String {
        let screen = Screen { colour, columns: Some(columns) };
        screen.line([
            (CHANGE, "a new server web1".to_owned()),
            (PLAIN, ";".to_owned()),
            (TRAFFIC, " gets traffic".to_owned()),
        ])
    }

    #[test]
    fn a_long_line_breaks_between_words() {
        assert_eq!(line(80, false), "a new server web1; gets traffic\n");
        assert_eq!(line(20, false), "a new server web1;\n    gets traffic\n");
        assert_eq!(line(12, false), "a new server\n    web1;\n    gets\n    traffic\n");
        // A word is never cut.
        assert_eq!(line(3, false), "a\n    new\n    server\n    web1;\n    gets\n    traffic\n");
    }

    #[test]
    fn colours_change_no_break() {
        let plain = |text: &str| anstream::adapter::strip_str(text).to_string();
        for columns in [3, 12, 17, 18, 19, 20, 80] {
            assert_eq!(plain(&line(columns, true)), line(columns, false), "{columns}");
        }
    }
}
