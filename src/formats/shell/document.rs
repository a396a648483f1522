//! Here-documents: texts inside a script (POSIX sh, 2.7.4).

use super::super::lines::Line;
use super::syntax::word;

/// The first line of a here-document.
pub(super) struct HereDocument<'a> {
    /// The command before the document.
    pub(super) before: &'a str,
    /// The rest of the command, after the document.
    pub(super) after: &'a str,
    /// The last line.
    pub(super) end: &'a str,
    /// Whether the end is quoted: the text has no variables.
    pub(super) quoted: bool,
    /// Whether the shell removes the tabs at the begin of each line.
    tabs: bool,
}

impl<'a> HereDocument<'a> {
    /// Reads the line that begins a document.
    pub(super) fn of(line: &'a str) -> Option<Self> {
        let (before, rest) = line.split_once("<<").filter(|(_, rest)| !rest.starts_with('<'))?;
        let (rest, tabs) = rest.strip_prefix('-').map_or((rest, false), |rest| (rest, true));
        let rest = rest.trim_start();
        let written = word(rest);
        let end = written.trim_matches(['"', '\'', '\\']);
        let after = &rest[written.len()..];
        (!end.is_empty()).then_some(Self { before, after, end, quoted: end != written, tabs })
    }

    /// The text between the first and the last line, as the script has it.
    pub(super) fn text(&self, script: &str, first: &Line<'_>, last: &Line<'_>) -> String {
        let after = first.span().end;
        let begin = script[after..].find('\n').map_or(after, |at| after + at + 1);
        let end = script[..last.start].rfind('\n').map_or(begin, |at| at + 1).max(begin);
        let lines = script[begin..end].split_inclusive('\n');
        let tabs = |line| if self.tabs { str::trim_start_matches(line, '\t') } else { line };
        lines.map(tabs).collect()
    }
}
