//! What differs between two sets of files, as a review reads it.
//!
//! Takes the files as they are and as they would be; gives [`Change`]s sorted by path.

use std::collections::{BTreeMap, BTreeSet};

use similar::TextDiff;

use crate::artifact::Mode;
use crate::pack::OutputFile;

/// One file's difference.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Change {
    /// The file's path.
    pub path: String,
    /// What became of it.
    pub kind: Kind,
}

/// What became of a file.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Kind {
    /// It is new, with this content.
    Added(String),
    /// It is gone, with this content.
    Removed(String),
    /// Its contents differ.
    Contents {
        /// Before.
        old: String,
        /// After.
        new: String,
    },
    /// Its permissions differ.
    Mode {
        /// Before.
        old: Mode,
        /// After.
        new: Mode,
    },
}

/// Compares two sets of files; their order does not matter.
pub fn compare(old: &[OutputFile], new: &[OutputFile]) -> Vec<Change> {
    let by_path = |files| -> BTreeMap<&str, &OutputFile> {
        let files: &[OutputFile] = files;
        files.iter().map(|file| (file.path.as_str(), file)).collect()
    };
    let (old, new) = (by_path(old), by_path(new));
    let paths: BTreeSet<&str> = old.keys().chain(new.keys()).copied().collect();
    let mut changes = Vec::new();
    for path in paths {
        let mut change = |kind| {
            changes.push(Change { path: path.to_owned(), kind });
        };
        match (old.get(path), new.get(path)) {
            (None, Some(new)) => change(Kind::Added(new.contents.clone())),
            (Some(old), None) => change(Kind::Removed(old.contents.clone())),
            (Some(old), Some(new)) => {
                if old.contents != new.contents {
                    let (old, new) = (old.contents.clone(), new.contents.clone());
                    change(Kind::Contents { old, new });
                }
                if old.mode != new.mode {
                    change(Kind::Mode { old: old.mode, new: new.mode });
                }
            }
            (None, None) => {}
        }
    }
    changes
}

impl Change {
    /// The difference as a unified diff, in Git's form.
    pub fn unified(&self) -> String {
        let path = &self.path;
        let hunks = |old: &str, new: &str, from: &str, to: &str| {
            let diff = TextDiff::from_lines(old, new);
            diff.unified_diff().context_radius(3).header(from, to).to_string()
        };
        let (before, after) = (format!("a/{path}"), format!("b/{path}"));
        match &self.kind {
            Kind::Added(new) => hunks("", new, "/dev/null", &after),
            Kind::Removed(old) => hunks(old, "", &before, "/dev/null"),
            Kind::Contents { old, new } => hunks(old, new, &before, &after),
            Kind::Mode { old, new } => format!("{path}: mode {old} becomes {new}\n"),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn file(path: &str, contents: &str, mode: u32) -> OutputFile {
        OutputFile { path: path.into(), mode: Mode::of_bits(mode), contents: contents.into() }
    }

    #[test]
    fn every_kind_of_difference_is_seen() {
        let old = [file("same", "x\n", 0o644), file("gone", "x\n", 0o644)];
        let new = [file("new", "x\n", 0o644), file("same", "x\n", 0o644)];
        let kinds: Vec<_> = compare(&old, &new).into_iter().map(|change| change.kind).collect();
        assert_eq!(kinds, [Kind::Removed("x\n".into()), Kind::Added("x\n".into())]);

        let byte = compare(&[file("f", "ab\n", 0o644)], &[file("f", "aB\n", 0o644)]);
        assert!(matches!(byte[..], [Change { kind: Kind::Contents { .. }, .. }]));
        let mode = compare(&[file("f", "x\n", 0o600)], &[file("f", "x\n", 0o644)]);
        assert_eq!(mode[0].unified(), "f: mode 0600 becomes 0644\n");
        assert!(compare(&old, &old).is_empty());
    }

    #[test]
    fn a_unified_diff_names_both_sides() {
        let change = &compare(&[file("f", "a\nb\n", 0o644)], &[file("f", "a\nc\n", 0o644)])[0];
        assert_eq!(change.unified(), "--- a/f\n+++ b/f\n@@ -1,2 +1,2 @@\n a\n-b\n+c\n");
    }
}
