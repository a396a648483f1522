//! The only room that writes: a rendered tree, all of it or nothing.
//!
//! Takes the files of a delivery and a directory; gives a [`Summary`]. It writes beside the old
//! files and renames when all are written, overwrites nothing that a person changed, removes
//! nothing that it did not write, and follows no symbolic link.

mod manifest;
mod stage;
mod tree;

use std::collections::BTreeSet;
use std::io;
use std::path::{Path, PathBuf};

pub use manifest::{Entry, Manifest};
pub use tree::files_below;

use self::stage::Stage;
use crate::diagnostic::{Finding, Rule, Severity};
use crate::pack::OutputFile;

/// A file that lvsgen wrote was changed by hand since.
pub static EDITED_BY_HAND: Rule = Rule {
    code: "edited-by-hand",
    severity: Severity::Error,
    doc: include_str!("output/edited-by-hand.md"),
};

/// A file stands where lvsgen would write one, and lvsgen did not write it.
pub static NOT_OURS: Rule =
    Rule { code: "not-ours", severity: Severity::Error, doc: include_str!("output/not-ours.md") };

/// The rules of writing.
pub static RULES: [&Rule; 2] = [&EDITED_BY_HAND, &NOT_OURS];

/// Why nothing was written.
#[derive(Debug, thiserror::Error)]
pub enum OutputError {
    /// Files that a person made or changed would be lost.
    #[error("{} files would be lost", .0.len())]
    Refused(Vec<Finding>),
    /// The directory holds something, and lvsgen never wrote to it.
    #[error("`{}` is not empty, and lvsgen did not make it", .0.display())]
    ForeignDirectory(PathBuf),
    /// A part of a path is a symbolic link, or a directory where a file belongs.
    #[error("`{}` is {what}; lvsgen writes only to plain files and directories", .path.display())]
    InTheWay {
        /// The path.
        path: PathBuf,
        /// What stands there.
        what: &'static str,
    },
    /// The manifest is there and cannot be read.
    #[error("`{}` is damaged: {why}", .path.display())]
    Manifest {
        /// Its path.
        path: PathBuf,
        /// What is wrong with it.
        why: String,
    },
    /// The system refused.
    #[error("cannot {doing} `{}`: {error}", .path.display())]
    Io {
        /// What was tried.
        doing: &'static str,
        /// On what.
        path: PathBuf,
        /// Its answer.
        error: io::Error,
    },
}

impl OutputError {
    fn io(doing: &'static str, path: &Path) -> impl FnOnce(io::Error) -> Self {
        let path = path.to_owned();
        move |error| Self::Io { doing, path, error }
    }
}

/// What of the directory a render speaks for.
#[derive(Clone, Debug)]
pub enum Scope {
    /// All of it: whatever the manifest lists beside the new files is stale.
    Everything,
    /// What lies below these paths (`hosts/web1/`): the rest stays as it is.
    Below(Vec<String>),
}

impl Scope {
    fn holds(&self, path: &str) -> bool {
        match self {
            Self::Everything => true,
            Self::Below(roots) => roots.iter().any(|root| path.starts_with(root.as_str())),
        }
    }
}

/// What a write did, as paths below the directory.
#[derive(Debug, Default)]
pub struct Summary {
    /// Files that are new.
    pub added: Vec<String>,
    /// Files whose contents or mode changed.
    pub changed: Vec<String>,
    /// How many files were right already.
    pub unchanged: usize,
    /// Files that are gone because nothing makes them any more.
    pub removed: Vec<String>,
}

/// Makes the directory hold the files.
///
/// # Errors
/// Whatever would lose somebody's work (unless `force`), and whatever the system refuses. After an
/// error the directory is as it was.
pub fn write(
    root: &Path,
    files: &[OutputFile],
    scope: &Scope,
    force: bool,
) -> Result<Summary, OutputError> {
    let old = Manifest::read(root)?;
    if old.is_none() && !tree::is_empty(root)? {
        return Err(OutputError::ForeignDirectory(root.to_owned()));
    }
    let old = old.unwrap_or_default();
    let mut summary = Summary::default();
    let mut stage = Stage::new(root);
    let mut lost = Vec::new();
    for file in files {
        let Some(present) = tree::read(root, &file.path)? else {
            stage.put(file.clone());
            summary.added.push(file.path.clone());
            continue;
        };
        let same = present.contents == file.contents.as_bytes();
        if same && present.mode == file.mode {
            summary.unchanged += 1;
            continue;
        }
        if !same {
            lost.extend(loss(root, &old, &file.path, &present));
        }
        stage.put(file.clone());
        summary.changed.push(file.path.clone());
    }

    let wanted: BTreeSet<&str> = files.iter().map(|file| file.path.as_str()).collect();
    let mut new = Manifest::of(files);
    for (path, entry) in old.iter().filter(|(path, _)| !wanted.contains(path)) {
        if !scope.holds(path) {
            new.keep(path, entry.clone());
        } else if let Some(present) = tree::read(root, path)? {
            lost.extend(loss(root, &old, path, &present));
            stage.remove(path);
            summary.removed.push(path.to_owned());
        }
    }
    if !force && !lost.is_empty() {
        return Err(OutputError::Refused(lost));
    }
    if new != old || !Manifest::path(root).exists() {
        stage.put(new.file());
    }
    stage.commit()?;
    Ok(summary)
}

/// Says whose work overwriting or removing a present file would lose, if anybody's.
fn loss(root: &Path, old: &Manifest, path: &str, present: &tree::Present) -> Option<Finding> {
    let shown = root.join(path);
    let shown = shown.display();
    let help = "move the change into the model, or give up the file with `--force`";
    match old.get(path) {
        Some(entry) if entry.sha256 == manifest::sha256(&present.contents) => None,
        Some(_) => {
            let message = format!("`{shown}` was changed by hand since lvsgen wrote it");
            Some(Finding::new(&EDITED_BY_HAND, message).help(help))
        }
        None => {
            let message = format!("`{shown}` stands where a file of the render belongs");
            Some(
                Finding::new(&NOT_OURS, message).help("move it away, or give it up with `--force`"),
            )
        }
    }
}
