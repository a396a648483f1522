//! The only module that writes: a rendered tree, all of it or nothing.
//!
//! Takes the files of a delivery and a directory; gives a [`Counts`]. It writes beside the old
//! files and renames when all are written, overwrites nothing that a person changed, removes
//! nothing that it did not write, and follows no symbolic link below the directory.

mod manifest;
mod transaction;
mod tree;
mod walk;

use std::borrow::Cow;
use std::io;
use std::path::{Path, PathBuf};

use rayon::prelude::*;

pub use manifest::{Entry, Manifest};
pub use tree::{Present, files_below};

use self::transaction::{Lock, Transaction};
use self::tree::At;
use self::walk::{Root, Walk};
use crate::delivery::{Delivery, OutputFile, Owner};
use crate::diagnostic::{Finding, Rule, Severity};
use crate::file::Hash;
use crate::model::{ClusterName, HostName};

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
    /// Another render writes to the directory, or has written to it meanwhile.
    #[error("another render writes to `{}`", .0.display())]
    Busy(PathBuf),
    /// A part of a path is a symbolic link, or a directory where a file belongs.
    #[error("`{}` is {what}; lvsgen writes only to plain files and directories", .path.display())]
    InTheWay {
        /// The path.
        path: PathBuf,
        /// The kind of the file there.
        what: &'static str,
    },
    /// A newer lvsgen wrote the manifest.
    #[error("`{}` was written by a newer lvsgen (format {format})", .path.display())]
    Newer {
        /// Its path.
        path: PathBuf,
        /// The number of its format.
        format: u32,
    },
    /// The manifest is there and cannot be read.
    #[error("`{}` is damaged: {why}", .path.display())]
    Manifest {
        /// Its path.
        path: PathBuf,
        /// The reason.
        why: String,
    },
    /// The system refused.
    #[error("cannot {doing} `{}`: {error}", .path.display())]
    Io {
        /// The action.
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

/// The part of the directory that a render replaces.
#[derive(Clone, Debug, Default)]
pub struct Scope {
    /// The hosts; all hosts and the files of the whole cluster where the list is empty.
    pub hosts: Vec<HostName>,
    /// The deliveries: files of any other delivery stay as they are.
    pub deliveries: Vec<Delivery>,
}

impl Scope {
    /// Whether a file belongs to the part.
    pub fn holds(&self, owner: &Owner) -> bool {
        let host = match &owner.host {
            _ if self.hosts.is_empty() => true,
            Some(host) => self.hosts.contains(host),
            None => false,
        };
        host && owner.delivery.is_none_or(|delivery| self.deliveries.contains(&delivery))
    }
}

/// The effect of a write, as numbers of files.
#[derive(Clone, Copy, Debug, Default)]
pub struct Counts {
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

/// Is called whenever a file is written.
pub type Watch<'a> = &'a (dyn Fn() + Sync);

/// The differences between a directory and the files of a cluster.
#[derive(Debug)]
pub struct Pending<'a> {
    root: &'a Path,
    purpose: Purpose,
    /// Held from the comparison on where a write may follow; a directory that is not there has none.
    lock: Option<Lock>,
    /// Of the manifest's file, as it was read.
    seen: Option<Hash>,
    old: Manifest,
    new: Manifest,
    differences: Vec<Difference<'a>>,
    unchanged: usize,
    kept: Vec<Delivery>,
}

/// One path at which a directory differs from what it should hold.
#[derive(Debug)]
pub struct Difference<'a> {
    /// The path below the directory.
    pub path: Cow<'a, str>,
    /// The file that is there, if any.
    pub before: Option<Present>,
    /// The file that should be, if any.
    pub after: Option<&'a OutputFile>,
    /// Whose file it is.
    pub owner: Owner,
    /// Whose work would be lost with the file that is there, if anybody's.
    pub loss: Option<Box<Finding>>,
    /// Whether it is only a mode that Git does not keep, so that a checkout has lost it: a write
    /// restores it, and no message names it.
    pub lost_by_git: bool,
    /// How many bytes of the path name the topmost directory that is missing.
    top: Option<usize>,
}

/// The purpose of a comparison.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Purpose {
    /// To be looked at.
    Look,
    /// To be written.
    Write,
    /// To be written although a file or a directory of somebody else is overwritten.
    Force,
}

/// Files that one thread compares before it asks for more.
const CHUNK: usize = 256;

/// Compares a directory with the files of a cluster, which are sorted by path.
///
/// # Errors
/// A directory that is somebody else's or another cluster's (unless forced), or to which somebody
/// else is writing, and whatever the system refuses.
pub fn compare<'a>(
    path: &'a Path,
    cluster: &ClusterName,
    files: &'a [OutputFile],
    scope: &Scope,
    purpose: Purpose,
) -> Result<Pending<'a>, OutputError> {
    let root = Root::open(path)?;
    // Read while somebody writes, the old and the new would be taken for a change by hand.
    let writes = purpose != Purpose::Look && root.handle().is_some();
    let lock = if writes { Some(Lock::take(path)?) } else { None };
    let force = purpose == Purpose::Force;
    let mut new = Manifest::of(cluster, files);
    let (old, seen) = Manifest::read(&root, Some(&new))?.unzip();
    admit(path, cluster, old.as_ref(), force)?;
    let old = old.unwrap_or_default();
    let looked = files.par_chunks(CHUNK).map(|chunk| {
        let mut walk = Walk::new(&root);
        let differing = chunk.iter().map(|file| difference(&root, &mut walk, &old, file));
        differing.filter_map(Result::transpose).collect::<Result<Vec<_>, _>>()
    });
    let looked: Vec<Result<Vec<_>, OutputError>> = looked.collect();
    let count = looked.iter().flatten().map(Vec::len).sum();
    let mut differences = Vec::with_capacity(count);
    for chunk in looked {
        differences.extend(chunk?);
    }
    let unchanged = files.len() - differences.len();
    let mut walk = Walk::new(&root);
    let gone =
        |(path, entry): &(&str, &Entry)| new.get(path).is_none() && scope.holds(&entry.owner);
    for (path, entry) in old.iter().filter(gone) {
        if let At::File(present) = tree::look(&root, &mut walk, path)? {
            let loss = loss(&root, &old, path, &present);
            let (path, before) = (Cow::Owned(path.to_owned()), Some(present));
            let (after, lost_by_git, top) = (None, false, None);
            let owner = entry.owner.clone();
            differences.push(Difference { path, before, after, owner, loss, lost_by_git, top });
        }
    }
    differences.sort_by(|a, b| a.path.cmp(&b.path));
    let kept = new.keep_all(&old, |owner| !scope.holds(owner));
    Ok(Pending { root: path, purpose, lock, seen, old, new, differences, unchanged, kept })
}

/// How what is at a file's path differs from the file, if it does.
fn difference<'a>(
    root: &Root,
    walk: &mut Walk<'_>,
    old: &Manifest,
    file: &'a OutputFile,
) -> Result<Option<Difference<'a>>, OutputError> {
    let (path, after) = (Cow::Borrowed(&*file.path), Some(file));
    let new = |top| {
        let (path, before, loss, lost_by_git) = (path.clone(), None, None, false);
        Difference { path, before, after, owner: file.owner.clone(), loss, lost_by_git, top }
    };
    let present = match tree::look(root, walk, &file.path)? {
        At::File(present) => present,
        At::Nothing => return Ok(Some(new(None))),
        At::NoDirectory(top) => return Ok(Some(new(Some(top)))),
    };
    let same = present.contents == file.contents.as_bytes();
    if same && present.mode == file.mode {
        return Ok(None);
    }
    let loss = if same { None } else { loss(root, old, &file.path, &present) };
    let wrote_mode = old.get(&file.path).is_some_and(|entry| entry.mode == file.mode);
    let lost_by_git = same && wrote_mode && present.mode.is_same_to_git(file.mode);
    let (before, owner) = (Some(present), file.owner.clone());
    Ok(Some(Difference { path, before, after, owner, loss, lost_by_git, top: None }))
}

impl<'a> Pending<'a> {
    /// Every path that differs, sorted.
    pub fn differences(&self) -> &[Difference<'a>] {
        &self.differences
    }

    /// The deliveries in the directory that the render leaves as they are.
    pub fn kept(&self) -> &[Delivery] {
        &self.kept
    }

    /// Whether the directory is not what a render would make of it.
    pub fn is_stale(&self) -> bool {
        self.new != self.old || self.differences.iter().any(|one| !one.lost_by_git)
    }

    /// The effect that a write would have.
    pub fn counts(&self) -> Counts {
        let mut counts = Counts { unchanged: self.unchanged, ..Counts::default() };
        counts.resumed = self.old.under_way();
        for Difference { before, after, .. } in &self.differences {
            *match (before, after) {
                (None, _) => &mut counts.added,
                (_, None) => &mut counts.removed,
                _ => &mut counts.changed,
            } += 1;
        }
        counts
    }

    /// Makes the directory hold the files.
    ///
    /// The manifest is written twice: first as a journal that knows each file as it was and as it
    /// will be, so that a write that is cut off leaves nothing that the next one does not know,
    /// then as it is.
    ///
    /// # Errors
    /// Whatever would lose somebody's work (unless forced), and whatever the system refuses. While
    /// files are written beside the old ones, an error takes everything back; after that only
    /// renames and removals are left, and the next run finishes what one of them could not.
    pub fn write(mut self, watch: Watch<'_>) -> Result<Counts, OutputError> {
        let counts = self.counts();
        let lost = self.differences.iter_mut().filter_map(|one| one.loss.take());
        let lost: Vec<Finding> = lost.map(|finding| *finding).collect();
        if self.purpose != Purpose::Force && !lost.is_empty() {
            return Err(OutputError::Refused(lost));
        }
        if self.new != self.old || !self.differences.is_empty() {
            let journal = self.new.journal(&self.old, &self.differences).file();
            let mut transaction = Transaction::new();
            for difference in self.differences {
                match difference.after {
                    Some(file) => transaction.put(file, difference.top),
                    None => transaction.remove(difference.path.into_owned()),
                }
            }
            let lock = self.lock.as_ref();
            transaction.commit(self.root, lock, self.seen, journal, &self.new, watch)?;
        }
        if counts.resumed {
            transaction::sweep(self.root)?;
        }
        Ok(counts)
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

/// The deliveries that an earlier render wrote to a directory; none where there was no render.
///
/// # Errors
/// A manifest that cannot be read.
pub fn deliveries(path: &Path) -> Result<Option<Vec<Delivery>>, OutputError> {
    let manifest = Manifest::read(&Root::open(path)?, None)?;
    Ok(manifest.map(|(manifest, _)| manifest.deliveries()))
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
fn loss(root: &Root, old: &Manifest, path: &str, present: &Present) -> Option<Box<Finding>> {
    let shown = root.path().join(path);
    let shown = shown.display();
    match old.get(path) {
        Some(entry) if entry.wrote(Hash::of(&present.contents)) => None,
        Some(_) => {
            let message = format!("`{shown}` was changed by hand since lvsgen wrote it");
            let help = "move the change into the model, or overwrite the file with `--force`";
            Some(Box::new(Finding::new(&EDITED_BY_HAND, message).help(help)))
        }
        None => {
            let message = format!("`{shown}` stands where a file of the render belongs");
            let help = "move it away, or overwrite it with `--force`";
            Some(Box::new(Finding::new(&NOT_OURS, message).help(help)))
        }
    }
}
