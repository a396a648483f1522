//! The only room that writes: a rendered tree, all of it or nothing.
//!
//! Takes the files of a delivery and a directory; gives a [`Summary`]. It writes beside the old
//! files and renames when all are written, overwrites nothing that a person changed, removes
//! nothing that it did not write, and follows no symbolic link below the directory.

mod manifest;
mod stage;
mod tree;

use std::io;
use std::path::{Path, PathBuf};

pub use manifest::{Entry, Manifest};
pub use tree::{Present, files_below};

use self::stage::Stage;
use crate::diagnostic::{Finding, Rule, Severity};
use crate::model::ClusterName;
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
    /// The directory holds another cluster.
    #[error("`{}` holds the cluster `{name}`, which this render would remove", .path.display())]
    OtherCluster {
        /// The directory.
        path: PathBuf,
        /// The cluster that it holds.
        name: String,
    },
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

/// What a write does, as numbers of files.
#[derive(Clone, Copy, Debug, Default)]
pub struct Summary {
    /// Files that are new.
    pub added: usize,
    /// Files whose contents or mode change.
    pub changed: usize,
    /// Files that are right already.
    pub unchanged: usize,
    /// Files that go because nothing makes them any more.
    pub removed: usize,
    /// Whether an earlier write had been cut off, and is finished by this one.
    pub resumed: bool,
}

/// What a directory lacks to hold the files of a cluster, and what it has too much.
#[derive(Debug)]
pub struct Pending<'a> {
    root: &'a Path,
    old: Manifest,
    new: Manifest,
    journal: Manifest,
    differences: Vec<Difference<'a>>,
    unchanged: usize,
}

/// One path at which a directory differs from what it should hold.
#[derive(Debug)]
pub struct Difference<'a> {
    /// The path below the directory.
    pub path: String,
    /// The file that is there, if any.
    pub before: Option<Present>,
    /// The file that should be, if any.
    pub after: Option<&'a OutputFile>,
    /// Whose work would be lost with the file that is there, if anybody's.
    pub loss: Option<Finding>,
    /// Whether it is only a mode that Git does not keep, so that a checkout has lost it: a write
    /// mends it, and nobody need be told.
    pub lost_by_git: bool,
}

/// Compares a directory with the files of a cluster.
///
/// # Errors
/// A directory that is somebody else's or another cluster's (unless `force`), and whatever the
/// system refuses.
pub fn compare<'a>(
    root: &'a Path,
    cluster: &ClusterName,
    files: &'a [OutputFile],
    scope: &Scope,
    force: bool,
) -> Result<Pending<'a>, OutputError> {
    let old = Manifest::read(root)?;
    admit(root, cluster, old.as_ref(), force)?;
    let old = old.unwrap_or_default();
    let mut new = Manifest::of(cluster, files);
    let mut journal = new.clone();
    journal.begin();
    let mut differences = Vec::new();
    let mut unchanged = 0;
    for file in files {
        let Some(present) = tree::read(root, &file.path)? else {
            let path = file.path.clone();
            let (before, after, loss) = (None, Some(file), None);
            differences.push(Difference { path, before, after, loss, lost_by_git: false });
            continue;
        };
        let same = present.contents == file.contents.as_bytes();
        if same && present.mode == file.mode {
            unchanged += 1;
            continue;
        }
        let mut loss = None;
        if !same {
            loss = self::loss(root, &old, &file.path, &present);
            journal.remember(&file.path, manifest::sha256(&present.contents));
        }
        let wrote_mode = old.get(&file.path).is_some_and(|entry| entry.mode == file.mode);
        let lost_by_git = same && wrote_mode && present.mode.is_same_to_git(file.mode);
        let path = file.path.clone();
        let (before, after) = (Some(present), Some(file));
        differences.push(Difference { path, before, after, loss, lost_by_git });
    }
    for (path, entry) in old.iter().filter(|(path, _)| new.get(path).is_none()) {
        if !scope.holds(path) {
            journal.keep(path, entry.clone());
        } else if let Some(present) = tree::read(root, path)? {
            let loss = loss(root, &old, path, &present);
            journal.keep(path, entry.clone());
            let (path, before) = (path.to_owned(), Some(present));
            differences.push(Difference { path, before, after: None, loss, lost_by_git: false });
        }
    }
    new.keep_all(&journal, |path| !scope.holds(path));
    differences.sort_by(|a, b| a.path.cmp(&b.path));
    Ok(Pending { root, old, new, journal, differences, unchanged })
}

impl<'a> Pending<'a> {
    /// Every path that differs, sorted.
    pub fn differences(&self) -> &[Difference<'a>] {
        &self.differences
    }

    /// Whether the directory is not what a render would make of it.
    pub fn is_stale(&self) -> bool {
        self.new != self.old || self.differences.iter().any(|one| !one.lost_by_git)
    }

    /// What a write would do.
    pub fn summary(&self) -> Summary {
        let mut summary = Summary { unchanged: self.unchanged, ..Summary::default() };
        summary.resumed = self.old.under_way();
        for Difference { before, after, .. } in &self.differences {
            *match (before, after) {
                (None, _) => &mut summary.added,
                (_, None) => &mut summary.removed,
                _ => &mut summary.changed,
            } += 1;
        }
        summary
    }

    /// Makes the directory hold the files.
    ///
    /// The manifest is written twice: first as a journal that knows each file as it was and as it
    /// will be, so that a write that is cut off leaves nothing that the next one does not know,
    /// then as it is.
    ///
    /// # Errors
    /// Whatever would lose somebody's work (unless `force`), and whatever the system refuses. While
    /// files are written beside the old ones, an error takes everything back; after that only
    /// renames and removals are left, and the next run finishes what one of them could not.
    pub fn write(self, force: bool) -> Result<Summary, OutputError> {
        let summary = self.summary();
        let mut stage = Stage::new(self.root);
        let mut lost = Vec::new();
        for difference in self.differences {
            match difference.after {
                Some(file) => stage.put(file),
                None => stage.remove(difference.path),
            }
            lost.extend(difference.loss);
        }
        if !force && !lost.is_empty() {
            return Err(OutputError::Refused(lost));
        }
        if self.new != self.old || !stage.is_empty() {
            stage.commit(&self.journal.file()?, &self.new.file()?)?;
        }
        if summary.resumed {
            stage::sweep(self.root)?;
        }
        Ok(summary)
    }
}

/// Writes a file of a user's own that is not there yet.
///
/// # Errors
/// `AlreadyExists` where it is there, and whatever the system refuses.
pub fn write_once(path: &Path, text: &str) -> io::Result<()> {
    use std::io::Write as _;
    let mut file = std::fs::OpenOptions::new().write(true).create_new(true).open(path)?;
    file.write_all(text.as_bytes())
}

/// Refuses a directory that is somebody else's, or another cluster's.
fn admit(
    root: &Path,
    cluster: &ClusterName,
    old: Option<&Manifest>,
    force: bool,
) -> Result<(), OutputError> {
    match old {
        _ if force => Ok(()),
        None if tree::is_empty(root)? => Ok(()),
        None => Err(OutputError::ForeignDirectory(root.to_owned())),
        Some(old) if old.cluster() == cluster.as_str() => Ok(()),
        Some(old) => Err(OutputError::OtherCluster {
            path: root.to_owned(),
            name: old.cluster().escape_debug().to_string(),
        }),
    }
}

/// Says whose work overwriting or removing a present file would lose, if anybody's.
fn loss(root: &Path, old: &Manifest, path: &str, present: &tree::Present) -> Option<Finding> {
    let shown = root.join(path);
    let shown = shown.display();
    match old.get(path) {
        Some(entry) if entry.wrote(&manifest::sha256(&present.contents)) => None,
        Some(_) => {
            let message = format!("`{shown}` was changed by hand since lvsgen wrote it");
            let help = "move the change into the model, or give up the file with `--force`";
            Some(Finding::new(&EDITED_BY_HAND, message).help(help))
        }
        None => {
            let message = format!("`{shown}` stands where a file of the render belongs");
            let help = "move it away, or give it up with `--force`";
            Some(Finding::new(&NOT_OURS, message).help(help))
        }
    }
}
