//! The changes as a comment on a pull request. The comment begins with the meaning of the changes.
//! The files follow in folds (`<details>`). Each change is shown once for all hosts that have the change.

use std::fmt::Write as _;

use super::groups::{HostGroup, groups};
use super::meaning::{self, Statement, Step};
use super::{Change, stat, unified, visible};

/// The maximum number of bytes of a comment. GitHub accepts 65,536 characters, and nobody reads more.
const MOST: usize = 60_000;

/// The number of free bytes that a new fold needs: enough for its title and one or two paths.
const FOLD: usize = 2_000;

/// If a comment has only one fold, and the fold has at most this number of changed lines, the fold is open.
const SHORT: usize = 20;

/// Gives the comment for a rendered directory, or for the files of one host. If the meaning is unknown,
/// `meaning` is empty and adds no text.
pub fn comment(
    host: Option<&str>,
    changes: &[Change],
    meaning: &[Statement],
    while_applied: &[Step],
) -> String {
    let mut text = match changes {
        [] => "**lvsgen**: no file changes\n".to_owned(),
        changes => format!("**lvsgen**: {}\n", stat::files(changes)),
    };
    text += &self::meaning(meaning, while_applied);
    let (hosts, rest): (Vec<&Change>, Vec<&Change>) =
        changes.iter().partition(|change| change.owner.is_tree());
    let alone = hosts.is_empty();
    let groups = groups(if alone { rest.clone() } else { hosts });
    let short = |one: &HostGroup<'_>| one.lines().0 + one.lines().1 <= SHORT;
    let open = matches!(&groups[..], [one] if short(one));
    for (at, group) in groups.iter().enumerate() {
        let room = MOST.saturating_sub(text.len());
        if room < FOLD {
            text += &format!("\n… and {} more groups, not shown here\n", groups.len() - at);
            break;
        }
        text += &fold(group, host, open, room);
    }
    if !alone && !rest.is_empty() {
        text += &deliveries(&rest);
    }
    text
}

/// The statements and the steps as lists.
pub fn meaning(meaning: &[Statement], while_applied: &[Step]) -> String {
    let mut text = String::new();
    let section = |text: &mut String, title: &str, items: &mut dyn Iterator<Item = String>| {
        for (at, item) in items.enumerate() {
            if at == 0 {
                *text += title;
            }
            if text.len() + item.len() > MOST / 2 {
                *text += "- …\n";
                return;
            }
            *text += &format!("- {item}\n");
        }
    };
    section(
        &mut text,
        "\n",
        &mut meaning.iter().map(|one| {
            let traffic = one.traffic.iter().map(|traffic| format!("; {}", escaped(traffic)));
            format!("**{}**{}", escaped(&one.change), traffic.collect::<String>())
        }),
    );
    let drain = &mut meaning::drain(meaning).into_iter().map(|line| escaped(&line));
    section(&mut text, "\nBefore it is applied:\n\n", drain);
    let notes = &mut while_applied.iter().map(|one| escaped(&one.to_string()));
    section(&mut text, "\nWhile it is applied:\n\n", notes);
    text
}

/// One fold: hosts, and the changes that all these hosts have.
fn fold(group: &HostGroup<'_>, host: Option<&str>, open: bool, room: usize) -> String {
    let title = host.map_or_else(|| group.title(), str::to_owned);
    let count = match group.hosts.len() {
        0 | 1 => String::new(),
        count => format!(" ({count} hosts)"),
    };
    let files = stat::files(group.changes.iter().copied());
    let (added, removed) = group.lines();
    let open = if open { " open" } else { "" };
    let mut text = format!(
        "\n<details{open}><summary><b>{title}</b>{count}: {files}, +{added} −{removed} lines</summary>\n"
    );
    for change in &group.changes {
        let diff = unified::plain(change);
        let diff: String = diff.split_inclusive('\n').map(shown_line).collect();
        let fence = fence(&diff);
        let shown = format!("\n{fence}diff\n{diff}{fence}\n");
        if text.len() + shown.len() <= room {
            text += &shown;
        } else {
            // If others can write to the directory, a path may hold any text: escape it.
            let _ = writeln!(text, "\n{}: too long to be shown here", escaped(&change.path));
        }
        if text.len() > room {
            break;
        }
    }
    text + "\n</details>\n"
}

/// Escapes the control characters of a line, and the characters that would hide text. The line keeps its
/// line break.
fn shown_line(line: &str) -> String {
    let text = visible(line.trim_end_matches('\n'));
    if line.ends_with('\n') { text + "\n" } else { text }
}

/// The line that names the files outside the trees of the hosts. These files repeat the changes of the
/// files in the trees.
fn deliveries(changes: &[&Change]) -> String {
    let mut paths: Vec<String> = Vec::new();
    for change in changes {
        let path = change.owner.pattern(&change.path);
        if !paths.contains(&path) {
            paths.push(path);
        }
    }
    let paths: Vec<String> = paths.iter().map(|path| escaped(path)).collect();
    let count = changes.len();
    let plural = if count == 1 { "file" } else { "files" };
    format!("\nOther files that repeat these changes ({count} {plural}): {}\n", paths.join(", "))
}

/// A fence for a code block. The fence has more backticks than each run of backticks in the text.
fn fence(text: &str) -> String {
    let longest =
        text.split(|c| c != '`').map(str::len).max().expect("a split gives at least one part");
    "`".repeat(longest.max(2) + 1)
}

/// Escapes the characters that have a meaning in Markdown. `@` would notify a person.
fn escaped(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    for c in text.chars() {
        match c {
            '&' => out.push_str("&amp;"),
            '<' => out.push_str("&lt;"),
            '@' => out.push_str("&#64;"),
            '\\' | '`' | '*' | '_' | '[' | ']' | '#' | '|' | '~' | '>' => out.extend(['\\', c]),
            c => out.push(c),
        }
    }
    out
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::delivery::Owner;
    use crate::diff::Side;
    use crate::file::Mode;
    use crate::model::HostName;

    fn added(path: &str, contents: &str) -> Change {
        let after = Some(Side::of(Mode::file(), contents));
        let owner = Owner::host(&HostName::new("a").unwrap(), None);
        Change { path: path.into(), owner, before: None, after, by_hand: false }
    }

    #[test]
    fn a_file_that_is_too_long_is_named() {
        let changes =
            [added("hosts/a/long", &"line\n".repeat(20_000)), added("hosts/a/short", "line\n")];
        let comment = comment(None, &changes, &[], &[]);
        assert!(comment.len() < MOST, "{}", comment.len());
        assert!(comment.contains("hosts/a/long: too long to be shown here"), "{comment}");
        assert!(comment.contains("+++ b/hosts/a/short"), "{comment}");
    }

    #[test]
    fn no_text_of_a_file_leaves_its_place() {
        let comment = comment(None, &[added("hosts/a/x", "```\n</details>\n")], &[], &[]);
        assert!(comment.contains("\n````diff\n") && comment.contains("\n````\n"), "{comment}");
        assert_eq!(escaped("a_b <i> @me #1 `x`"), "a\\_b &lt;i\\> &#64;me \\#1 \\`x\\`");
    }
}
