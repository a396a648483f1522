//! A unified diff, which `git apply` and `patch` accept. The diff for a terminal also marks the parts of
//! a line that differ.

use std::fmt::Write as _;

use anstyle::{AnsiColor, Style};
use similar::ChangeTag;

use super::{Change, visible};

/// The number of unchanged lines before and after a change.
const AROUND: usize = 3;

const TITLE: Style = Style::new().bold();
const PLACE: Style = AnsiColor::Cyan.on_default();
const REMOVED: Style = AnsiColor::Red.on_default();
const ADDED: Style = AnsiColor::Green.on_default();

/// The diff as plain text.
pub fn plain(change: &Change) -> String {
    let mut text = remarks(change);
    let (before, after) = titles(change);
    let diff = change.lines();
    text += &diff.unified_diff().context_radius(AROUND).header(&before, &after).to_string();
    text
}

/// The diff with colours. Control characters of the files are escaped.
pub fn styled(change: &Change) -> String {
    let mut text = remarks(change);
    let diff = change.lines();
    let mut unified = diff.unified_diff();
    let hunks = unified.context_radius(AROUND);
    let mut hunks = hunks.iter_hunks().peekable();
    if hunks.peek().is_some() {
        let (before, after) = titles(change);
        // Writing to a string cannot fail.
        let _ = writeln!(text, "{TITLE}--- {before}{TITLE:#}\n{TITLE}+++ {after}{TITLE:#}");
    }
    for hunk in hunks {
        let _ = writeln!(text, "{PLACE}{}{PLACE:#}", hunk.header());
        for op in hunk.ops() {
            // The search for the parts that differ has no time limit (`None`). With a limit, a slow machine could
            // show the same change differently.
            for line in diff.iter_inline_changes_deadline(op, None) {
                let (sign, style) = match line.tag() {
                    ChangeTag::Delete => ('-', REMOVED),
                    ChangeTag::Insert => ('+', ADDED),
                    ChangeTag::Equal => (' ', Style::new()),
                };
                let _ = write!(text, "{style}{sign}{style:#}");
                for (marked, part) in line.iter_strings_lossy() {
                    if part.trim_end_matches('\n').is_empty() {
                        continue;
                    }
                    let style = if marked { style.invert() } else { style };
                    let _ =
                        write!(text, "{style}{}{style:#}", visible(part.trim_end_matches('\n')));
                }
                text.push('\n');
                if line.missing_newline() {
                    text += "\\ No newline at end of file\n";
                }
            }
        }
    }
    text
}

fn titles(change: &Change) -> (String, String) {
    let title = |side: bool, letter| match side {
        true => format!("{letter}/{}", change.path),
        false => "/dev/null".to_owned(),
    };
    (title(change.before.is_some(), 'a'), title(change.after.is_some(), 'b'))
}

fn remarks(change: &Change) -> String {
    change.remarks().iter().map(|remark| format!("{}: {remark}\n", change.path)).collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::delivery::Owner;
    use crate::diff::Side;
    use crate::file::Mode;

    fn change(before: &str, after: &str) -> Change {
        let side = |text: &str| Some(Side::of(Mode::file(), text));
        let (before, after) = (side(before), side(after));
        Change { path: "f".into(), owner: Owner::default(), before, after, by_hand: false }
    }

    #[test]
    fn a_unified_diff_names_both_sides() {
        let text = plain(&change("a\nb\n", "a\nc\n"));
        assert_eq!(text, "--- a/f\n+++ b/f\n@@ -1,2 +1,2 @@\n a\n-b\n+c\n");
        let new = Change { before: None, ..change("", "a\n") };
        assert_eq!(plain(&new), "--- /dev/null\n+++ b/f\n@@ -0,0 +1 @@\n+a\n");
        let mode = Some(Side::of(Mode::program(), "a\n"));
        let mode = Change { after: mode, by_hand: true, ..change("a\n", "") };
        let remarks = "f: changed by hand since lvsgen wrote it\nf: mode 0644 becomes 0755\n";
        assert_eq!((plain(&mode), styled(&mode)), (remarks.into(), remarks.into()));
    }

    #[test]
    fn a_terminal_sees_the_words_that_differ_and_obeys_none() {
        let text = styled(&change("-a x -w 1\n", "-a x -w 3\n"));
        let marked = "\u{1b}[7m\u{1b}[31m1";
        assert!(text.contains(marked), "{text:?}");
        assert!(!text.contains("\u{1b}[7m\u{1b}[31m-a"), "{text:?}");
        let text = styled(&change("", "\u{1b}]0;title\u{7}\n"));
        assert!(text.contains("\\u{1b}]0;title\\u{7}"), "{text:?}");
    }
}
