//! The only module that writes files. It writes a complete rendered tree, or nothing.
//!
//! Takes a directory, and the rendered files; gives a [`Counts`]. It writes temporary files next to the old
//! files. When all temporary files are written, it renames them. Without [`Purpose::Force`], it does not
//! overwrite or remove a file that a person made or changed. It follows no symbolic link below the directory.

mod manifest;
mod refusal;
mod transaction;
mod tree;
mod walk;

use std::borrow::Cow;
use std::io;
use std::path::{Path, PathBuf};

use rayon::prelude::*;

pub use manifest::{Entry, Manifest};
pub use tree::{Present, files_below};

use self::refusal::{admit, loss};
use self::transaction::{Lock, Transaction};
use self::tree::PathState;
use self::walk::{Root, Walk};
use crate::delivery::{Delivery, OutputFile, Owner};
use crate::diagnostic::{Finding, Rule, Severity};
use crate::file::Hash;
use crate::model::{ClusterName, HostName};

/// A person changed a file after lvsgen wrote it.
pub static EDITED_BY_HAND: Rule = Rule {
    code: "edited-by-hand",
    severity: Severity::Error,
    doc: include_str!("output/edited-by-hand.md"),
};

/// lvsgen would overwrite a file that it did not write.
pub static NOT_OURS: Rule =
    Rule { code: "not-ours", severity: Severity::Error, doc: include_str!("output/not-ours.md") };

/// The rules of writing.
pub static RULES: [&Rule; 2] = [&EDITED_BY_HAND, &NOT_OURS];

/// The reason why a comparison or a write failed.
#[derive(Debug, thiserror::Error)]
pub enum OutputError {
    /// The path goes back with `..` from a directory that does not exist.
    #[error("`{}` goes back from a directory that does not exist", .0.display())]
    NoWayBack(PathBuf),
    /// Files that a person made or changed would be lost.
    #[error("{} files would be lost", .0.len())]
    Refused(Vec<Finding>),
    /// The directory is not empty, and lvsgen never wrote to it.
    #[error("`{}` is not empty, and lvsgen did not make it", .0.display())]
    ForeignDirectory(PathBuf),
    /// The directory holds another cluster.
    #[error("`{}` holds the cluster `{name}`, which this render would remove", .path.display())]
    OtherCluster {
        /// The directory.
        path: PathBuf,
        /// The name of the cluster in the directory.
        name: String,
    },
    /// Another render writes to the directory now, or wrote to it after this render had read the directory.
    #[error("another render writes to `{}`", .0.display())]
    Busy(PathBuf),
    /// A path or a part of it is not the expected plain file or directory: for example, it is a symbolic link.
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
    /// The manifest exists, but its text is not valid.
    #[error("`{}` is damaged: {why}", .path.display())]
    Manifest {
        /// Its path.
        path: PathBuf,
        /// The reason.
        why: String,
    },
    /// A system call failed.
    #[error("cannot {doing} `{}`: {error}", .path.display())]
    Io {
        /// The action.
        doing: &'static str,
        /// The path of the file or directory.
        path: PathBuf,
        /// The error of the system call.
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
    /// The hosts. If the list is empty, the render replaces the files of all hosts and of the whole cluster.
    pub hosts: Vec<HostName>,
    /// The deliveries. The files of all other deliveries stay as they are.
    pub deliveries: Vec<Delivery>,
}

impl Scope {
    /// Whether the render replaces a file of this owner.
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
    /// Files that are already up to date.
    pub unchanged: usize,
    /// Files that are removed because the cluster no longer needs them.
    pub removed: usize,
    /// Whether an earlier write was interrupted, and this write completes it.
    pub resumed: bool,
}

/// A function that is called for each written file.
pub type Watch<'a> = &'a (dyn Fn() + Sync);

/// The differences between a directory and the files of a cluster.
#[derive(Debug)]
pub struct Pending<'a> {
    root: &'a Path,
    purpose: Purpose,
    /// Held from the comparison until the write. None if no write follows, or if the directory
    /// does not exist yet.
    lock: Option<Lock>,
    /// The hash of the manifest's file when it was read.
    seen: Option<Hash>,
    old: Manifest,
    new: Manifest,
    differences: Vec<Difference<'a>>,
    unchanged: usize,
    kept: Vec<Delivery>,
}

/// One path at which a directory differs from the expected files.
#[derive(Debug)]
pub struct Difference<'a> {
    /// The path below the directory.
    pub path: Cow<'a, str>,
    /// The present file, if any.
    pub before: Option<Present>,
    /// The expected file, if any.
    pub after: Option<&'a OutputFile>,
    /// The host and the delivery to which the file belongs.
    pub owner: Owner,
    /// The error to report if a write would lose a file that a person made or changed.
    pub loss: Option<Box<Finding>>,
    /// Whether both files differ only in mode bits that Git does not store. A Git checkout lost these bits, and
    /// a write restores them. `diff` and `render --check` do not report such a difference.
    pub lost_by_git: bool,
    /// The topmost missing directory: its path is the first `top` bytes of `path`. None if the directory of the
    /// file exists.
    top: Option<usize>,
}

/// The purpose of a comparison.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Purpose {
    /// Only to report the differences.
    Look,
    /// To write the files.
    Write,
    /// To write the files, even if this overwrites files that a person made or changed.
    Force,
}

/// The number of files that a thread compares in one batch.
const CHUNK: usize = 256;

/// Compares a directory with the files of a cluster. The files are sorted by path.
///
/// # Errors
/// lvsgen did not make the directory, or the directory holds another cluster: both are errors only
/// without [`Purpose::Force`]. Another render writes to the directory, or a system call fails.
pub fn compare<'a>(
    path: &'a Path,
    cluster: &ClusterName,
    files: &'a [OutputFile],
    scope: &Scope,
    purpose: Purpose,
) -> Result<Pending<'a>, OutputError> {
    refuse_way_back(path)?;
    let root = Root::open(path)?;
    // Without the lock, a write by another render would look like a change by hand.
    let writes = purpose != Purpose::Look && root.handle().is_some();
    let lock = if writes { Some(Lock::take(path)?) } else { None };
    let force = purpose == Purpose::Force;
    let mut new = Manifest::of(cluster, files);
    let (old, seen) = Manifest::read(&root, Some(&new))?.unzip();
    admit(&root, cluster, old.as_ref(), force)?;
    let old = old.unwrap_or_default();
    // A directory holds only one cluster, so no file of another cluster stays.
    let replaces = old.iter().next().is_some() && old.cluster() != cluster.as_str();
    let stays = |entry: &Entry| !replaces && !entry.is_going() && !scope.holds(&entry.owner);
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
    let gone = |(path, entry): &(&str, &Entry)| new.get(path).is_none() && !stays(entry);
    for (path, entry) in old.iter().filter(gone) {
        if let PathState::File(present) = tree::look(&root, &mut walk, path)? {
            let loss = loss(&root, &old, path, &present, "remove");
            let (path, before) = (Cow::Owned(path.to_owned()), Some(present));
            let (after, lost_by_git, top) = (None, false, None);
            let owner = entry.owner.clone();
            differences.push(Difference { path, before, after, owner, loss, lost_by_git, top });
        }
    }
    // The chunks are in order, but the removed files come after them.
    differences.sort_by(|a, b| a.path.cmp(&b.path));
    let kept = new.keep_all(&old, stays);
    Ok(Pending { root: path, purpose, lock, seen, old, new, differences, unchanged, kept })
}

/// The kernel does not go back from a directory that does not exist, and creating the directory first would leave it behind.
fn refuse_way_back(path: &Path) -> Result<(), OutputError> {
    let mut missing =
        path.ancestors().take_while(|one| !one.as_os_str().is_empty() && !one.is_dir());
    let back = missing.find(|one| one.ends_with(".."));
    back.map_or(Ok(()), |back| Err(OutputError::NoWayBack(back.to_owned())))
}

/// Compares a file with the present file at its path. Returns the difference, if any.
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
        PathState::File(present) => present,
        PathState::Nothing => return Ok(Some(new(None))),
        PathState::NoDirectory(top) => return Ok(Some(new(Some(top)))),
    };
    let same = present.contents == file.contents.as_bytes();
    if same && present.mode == file.mode {
        return Ok(None);
    }
    let loss = if same { None } else { loss(root, old, &file.path, &present, "overwrite") };
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

    /// Whether a render would change the directory.
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

    /// Executes the changes: adds, overwrites and removes files in the directory.
    ///
    /// It writes the manifest twice. The first manifest is a journal: it lists the old and the new
    /// contents of each file (as hashes). If the write is interrupted, the next run therefore
    /// recognises every file. The second manifest is the final one.
    ///
    /// # Errors
    /// A file that a person made or changed would be lost (unless forced), another render wrote to the directory,
    /// or a system call fails. If the write of a temporary file fails, all changes are undone. After the last
    /// temporary file, only renames, removals and the final manifest remain. If one of these steps fails, the
    /// next run completes the write.
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

/// Creates a file that the user will own and edit. Does not overwrite an existing file.
///
/// # Errors
/// `AlreadyExists` if the file exists, or the error of a failed system call.
pub fn write_once(path: &Path, text: &str) -> io::Result<()> {
    use std::io::Write as _;
    let mut file = std::fs::OpenOptions::new().write(true).create_new(true).open(path)?;
    file.write_all(text.as_bytes())
}

/// Overwrites one file: the file has either its old text or the whole new one.
///
/// # Errors
/// The errors of the system.
pub fn overwrite(path: &Path, text: &str) -> io::Result<()> {
    let name = path.file_name().unwrap_or_default().to_string_lossy();
    let beside = path.with_file_name(format!(".{name}.lvsgen-new"));
    write_once(&beside, text)?;
    std::fs::rename(&beside, path)
}

/// The deliveries that an earlier render wrote to a directory. None if there was no render.
///
/// # Errors
/// The manifest cannot be read.
pub fn deliveries(path: &Path) -> Result<Option<Vec<Delivery>>, OutputError> {
    let manifest = Manifest::read(&Root::open(path)?, None)?;
    Ok(manifest.map(|(manifest, _)| manifest.deliveries()))
}
