//! The differences between two sets of files, and between two clusters, for a review.
//!
//! Takes the current files and the new files. Gives [`Change`]s, sorted by path. The changes can be
//! shown as a unified diff, counts, JSON or Markdown. [`meaning`] takes two summaries instead of files,
//! and reports the changes of the cluster.

pub mod glance;
mod groups;
pub mod json;
pub mod markdown;
pub mod meaning;
pub mod on_host;
pub mod stat;
pub mod unified;

use std::collections::{BTreeMap, BTreeSet};

use similar::{ChangeTag, TextDiff};

use crate::delivery::{OutputFile, Owner};
use crate::file::Mode;
use crate::model::hides;

/// One side of a difference.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Side {
    /// The file's permissions.
    pub mode: Mode,
    /// The file's owner and group; none if the owner and the group are not compared.
    pub owner: Option<(u32, u32)>,
    /// The file's contents.
    pub contents: String,
}

impl Side {
    /// A file of a rendered tree. Its owner is not compared.
    pub fn of(mode: Mode, contents: impl Into<String>) -> Self {
        Self { mode, owner: None, contents: contents.into() }
    }
}

/// The difference of one file.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Change {
    /// The file's path.
    pub path: String,
    /// The host and the delivery to which the file belongs.
    pub owner: Owner,
    /// The current file; none if the file is new.
    pub before: Option<Side>,
    /// The new file; none if the file is removed.
    pub after: Option<Side>,
    /// Whether somebody changed the file by hand. A render refuses to overwrite such a file.
    pub by_hand: bool,
}

/// The change of a file.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Kind {
    /// The file is new.
    Added,
    /// The file is changed.
    Changed,
    /// The file is removed.
    Removed,
}

impl Kind {
    /// The name of the kind.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Added => "added",
            Self::Changed => "changed",
            Self::Removed => "removed",
        }
    }
}

/// Compares two sets of files. The order of the files does not matter.
pub fn compare(old: &[OutputFile], new: &[OutputFile]) -> Vec<Change> {
    let by_path = |files| -> BTreeMap<&str, &OutputFile> {
        let files: &[OutputFile] = files;
        files.iter().map(|file| (file.path.as_str(), file)).collect()
    };
    let (old, new) = (by_path(old), by_path(new));
    let paths: BTreeSet<&str> = old.keys().chain(new.keys()).copied().collect();
    let changes = paths.into_iter().filter_map(|path| {
        let (before, after) = (old.get(path), new.get(path));
        let side =
            |file: Option<&&OutputFile>| file.map(|one| Side::of(one.mode, one.contents.text()));
        let same = match (before, after) {
            (Some(before), Some(after)) => {
                before.contents == after.contents && before.mode == after.mode
            }
            _ => false,
        };
        let change = || Change {
            path: path.to_owned(),
            owner: after.or(before).expect("each path comes from a side").owner.clone(),
            before: side(before),
            after: side(after),
            by_hand: false,
        };
        (!same).then(change)
    });
    changes.collect()
}

impl Change {
    /// The kind of the change.
    pub fn kind(&self) -> Kind {
        match (&self.before, &self.after) {
            (None, _) => Kind::Added,
            (_, None) => Kind::Removed,
            _ => Kind::Changed,
        }
    }

    /// Remarks about the change for people, for example a new mode. The lines of the diff do not show
    /// these facts.
    pub fn remarks(&self) -> Vec<String> {
        let mut remarks = Vec::new();
        if self.path.ends_with('/') && self.before.is_none() {
            remarks.push("the directory is missing".to_owned());
        }
        if self.by_hand {
            remarks.push("changed by hand since lvsgen wrote it".to_owned());
        }
        if let (Some(before), Some(after)) = (&self.before, &self.after) {
            if self.is_binary() {
                remarks.push("the contents differ and are not text".to_owned());
            }
            if before.mode != after.mode {
                remarks.push(format!("mode {} becomes {}", before.mode, after.mode));
            }
            if let (Some(old), Some(new)) = (before.owner, after.owner)
                && old != new
            {
                remarks.push(format!("owner {}:{} becomes {}:{}", old.0, old.1, new.0, new.1));
            }
        }
        remarks
    }

    /// The contents of both sides. A missing file has empty contents.
    fn texts(&self) -> (&str, &str) {
        (text(self.before.as_ref()), text(self.after.as_ref()))
    }

    /// Whether the contents differ, and at least one side holds a NUL byte. Archives and programs hold
    /// such bytes.
    fn is_binary(&self) -> bool {
        let (old, new) = self.texts();
        old != new && (old.contains('\0') || new.contains('\0'))
    }

    fn lines(&self) -> TextDiff<'_, '_, str> {
        let (old, new) = if self.is_binary() { ("", "") } else { self.texts() };
        TextDiff::from_lines(old, new)
    }

    /// The number of added lines and the number of removed lines.
    pub fn counts(&self) -> (usize, usize) {
        let diff = self.lines();
        let count = |tag| diff.iter_all_changes().filter(|line| line.tag() == tag).count();
        (count(ChangeTag::Insert), count(ChangeTag::Delete))
    }
}

fn text(side: Option<&Side>) -> &str {
    side.map_or("", |side| side.contents.as_str())
}

/// Escapes control characters, which a terminal would obey, and characters that hide the text around
/// them. A file from another author may hold such characters.
pub fn visible(text: &str) -> String {
    let shown = |c: char| match c {
        '\t' => "\t".to_owned(),
        c if c.is_control() || hides(c) => c.escape_debug().to_string(),
        c => c.to_string(),
    };
    text.chars().map(shown).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn file(path: &str, contents: &str, mode: u32) -> OutputFile {
        let mode = Mode::of_bits(mode);
        let owner = Owner::default();
        OutputFile { path: path.into(), mode, contents: contents.into(), owner }
    }

    #[test]
    fn every_kind_of_difference_is_seen() {
        let old = [file("same", "x\n", 0o644), file("gone", "x\n", 0o644)];
        let new = [file("new", "x\n", 0o644), file("same", "x\n", 0o644)];
        let kinds: Vec<_> = compare(&old, &new).iter().map(Change::kind).collect();
        assert_eq!(kinds, [Kind::Removed, Kind::Added]);

        let byte = compare(&[file("f", "ab\n", 0o644)], &[file("f", "aB\n", 0o644)]);
        assert_eq!((byte[0].kind(), byte[0].counts()), (Kind::Changed, (1, 1)));
        let mode = compare(&[file("f", "x\n", 0o600)], &[file("f", "x\n", 0o644)]);
        assert_eq!(mode[0].remarks(), ["mode 0600 becomes 0644"]);
        assert!(compare(&old, &old).is_empty());
    }
}
