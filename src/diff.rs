//! The differences between two sets of files, and between two clusters, for a review.
//!
//! Takes the files as they are and as they would be; gives [`Change`]s sorted by path, and their
//! texts: a unified diff, counts, JSON, Markdown. [`meaning`] takes two summaries instead, and says
//! what changes in the cluster.

mod groups;
pub mod json;
pub mod markdown;
pub mod meaning;
pub mod on_host;
mod spans;
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
    /// Its owner and group, where they count.
    pub owner: Option<(u32, u32)>,
    /// Its contents.
    pub contents: String,
}

impl Side {
    /// A file of a rendered tree, whose owner does not count.
    pub fn of(mode: Mode, contents: impl Into<String>) -> Self {
        Self { mode, owner: None, contents: contents.into() }
    }
}

/// One file's difference.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Change {
    /// The file's path.
    pub path: String,
    /// Whose file it is.
    pub owner: Owner,
    /// As it is; none where it is new.
    pub before: Option<Side>,
    /// As it would be; none where it goes.
    pub after: Option<Side>,
    /// Whether somebody changed it by hand, so that a render would refuse to overwrite it.
    pub by_hand: bool,
}

/// The change of a file.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Kind {
    /// It is new.
    Added,
    /// It is another.
    Changed,
    /// It goes.
    Removed,
}

impl Kind {
    /// The word for it.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Added => "added",
            Self::Changed => "changed",
            Self::Removed => "removed",
        }
    }
}

/// Compares two sets of files; their order does not matter.
pub fn compare(old: &[OutputFile], new: &[OutputFile]) -> Vec<Change> {
    let by_path = |files| -> BTreeMap<&str, &OutputFile> {
        let files: &[OutputFile] = files;
        files.iter().map(|file| (file.path.as_str(), file)).collect()
    };
    let (old, new) = (by_path(old), by_path(new));
    let paths: BTreeSet<&str> = old.keys().chain(new.keys()).copied().collect();
    let changes = paths.into_iter().filter_map(|path| {
        let (before, after) = (old.get(path), new.get(path));
        let side = |file: Option<&&OutputFile>| file.map(|one| Side::of(one.mode, &*one.contents));
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

    /// The changes beside the contents, for people.
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
                remarks.push("the contents differ, and are no text".to_owned());
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

    /// Both contents; nothing stands for a file that is not there.
    fn texts(&self) -> (&str, &str) {
        (text(self.before.as_ref()), text(self.after.as_ref()))
    }

    /// Whether either side is no text: an archive, or somebody's program.
    fn is_binary(&self) -> bool {
        let (old, new) = self.texts();
        old != new && (old.contains('\0') || new.contains('\0'))
    }

    fn lines(&self) -> TextDiff<'_, '_, str> {
        let (old, new) = if self.is_binary() { ("", "") } else { self.texts() };
        TextDiff::from_lines(old, new)
    }

    /// How many lines are new, and how many go.
    pub fn counts(&self) -> (usize, usize) {
        let diff = self.lines();
        let count = |tag| diff.iter_all_changes().filter(|line| line.tag() == tag).count();
        (count(ChangeTag::Insert), count(ChangeTag::Delete))
    }
}

fn text(side: Option<&Side>) -> &str {
    side.map_or("", |side| side.contents.as_str())
}

/// Text without what a terminal would obey, or what would hide the text around it: a file of
/// somebody else's may hold that.
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
