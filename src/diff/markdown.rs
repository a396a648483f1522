//! The changes as a comment on a pull request: what they mean first, then the files, folded, each
//! change once for all hosts that have it.

use std::fmt::Write as _;

use super::groups::{HostGroup, groups};
use super::meaning::{Statement, Step};
use super::{Change, stat, unified, visible};

/// Most bytes of a comment: GitHub takes 65,536 characters, and more is read by nobody.
const MOST: usize = 60_000;

/// Bytes without which no fold is begun: its title, and a path or two.
const FOLD: usize = 2_000;

/// A diff of so many lines is shown without a click, where it is the only one.
const SHORT: usize = 20;

/// Gives the comment: of a rendered directory, or of the files of one host. The meaning is left out
/// where nothing is known of it.
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
            text += &format!("\n… and {} more folds like these\n", groups.len() - at);
            break;
        }
        text += &fold(group, host, open, room);
    }
    if !alone && !rest.is_empty() {
        text += &deliveries(&rest);
    }
    text
}

/// The statements as a list.
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
    let notes = &mut while_applied.iter().map(|one| escaped(&one.to_string()));
    section(&mut text, "\nWhile it is applied:\n\n", notes);
    text
}

/// One fold: hosts, and the changes that all of them have.
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
            // A path may be anybody's in a directory that anybody wrote to.
            let _ = writeln!(text, "\n{}: too long to be shown here", escaped(&change.path));
        }
        if text.len() > room {
            break;
        }
    }
    text + "\n</details>\n"
}

/// A line without what would hide its text or that of its neighbours.
fn shown_line(line: &str) -> String {
    let text = visible(line.trim_end_matches('\n'));
    if line.ends_with('\n') { text + "\n" } else { text }
}

/// The files of deliveries that repeat the hosts' files.
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
    format!("\nThe same in what carries it to the hosts ({count} {plural}): {}\n", paths.join(", "))
}

/// A fence that nothing within ends.
fn fence(text: &str) -> String {
    let longest =
        text.split(|c| c != '`').map(str::len).max().expect("a split gives at least one part");
    "`".repeat(longest.max(2) + 1)
}

/// Text that Markdown leaves as it is; `@` would call somebody.
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
