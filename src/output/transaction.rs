//! Writes all files or none: it writes every file under a temporary name, then renames it.
//!
//! A new directory also gets a temporary name. One rename moves it to its final path.

use std::collections::BTreeSet;
use std::fs::{self, DirBuilder, File};
use std::io::{self, Write as _};
use std::os::fd::{BorrowedFd, OwnedFd};
use std::os::unix::fs::{DirBuilderExt as _, PermissionsExt as _};
use std::path::{Path, PathBuf};

use rayon::prelude::*;
use rustix::fs::{
    AtFlags, CWD, FlockOperation, Mode as Permissions, OFlags, fchmod, flock, openat, renameat,
    unlinkat,
};
use rustix::io::Errno;
use walkdir::WalkDir;

use super::tree::{self, Present};
use super::walk::{Found, Root, Umask, Walk};
use super::{Manifest, OutputError, Watch};
use crate::delivery::{OutputFile, Owner};
use crate::file::Hash;

/// The number of files that a thread writes in one batch.
const CHUNK: usize = 128;

/// The changes of a directory that are not executed yet.
pub(super) struct Transaction<'a> {
    files: Vec<Placement<'a>>,
    removals: Vec<String>,
}

/// A file, and the information that gives its temporary path.
struct Placement<'a> {
    file: &'a OutputFile,
    /// The topmost missing directory: its path is the first `top` bytes of the file's path. None if the directory
    /// of the file exists.
    top: Option<usize>,
}

impl Placement<'_> {
    /// The temporary path of the file.
    fn first(&self) -> String {
        let path = &self.file.path;
        match self.top {
            Some(end) => beside(&path[..end]) + &path[end..],
            None => beside(path),
        }
    }
}

impl<'a> Transaction<'a> {
    pub(super) fn new() -> Self {
        Self { files: Vec::new(), removals: Vec::new() }
    }

    /// Adds a file to write.
    pub(super) fn put(&mut self, file: &'a OutputFile, top: Option<usize>) {
        self.files.push(Placement { file, top });
    }

    /// Adds a file to remove.
    pub(super) fn remove(&mut self, path: String) {
        self.removals.push(path);
    }

    /// Executes the changes, if the manifest has not changed since the comparison. It writes the journal, and
    /// then the temporary files. It renames the temporary files, and removes the old files. At the end, it writes
    /// the final manifest.
    pub(super) fn commit(
        &self,
        path: &Path,
        lock: Option<&Lock>,
        seen: Option<Hash>,
        journal: OutputFile,
        manifest: &Manifest,
        watch: Watch<'_>,
    ) -> Result<(), OutputError> {
        let umask = Umask::current();
        let made = make_root(path, umask)?;
        let root = Root::open(path)?;
        // If the directory did not exist, `compare` could not lock it. The directory exists now, so lock it, and
        // then read the manifest again: meanwhile, another render may have written a manifest.
        let _lock = if lock.is_none() { Some(Lock::take(path)?) } else { None };
        let before = tree::read(&root, &journal.path)?;
        if before.as_ref().map(|file| Hash::of(&file.contents)) != seen {
            return Err(OutputError::Busy(path.to_owned()));
        }
        let written =
            put_now(&root, &journal, umask).and_then(|()| self.write(&root, umask, watch));
        if let Err(error) = written {
            // Remove the temporary files first: on a full disk, this frees space for the manifest.
            self.take_back(&root);
            restore(&root, &journal.path, before, umask);
            for directory in made.iter().rev() {
                let _ = fs::remove_dir(directory);
            }
            return Err(error);
        }
        self.rename(&root)?;
        for removal in &self.removals {
            remove_file(&root, removal)?;
        }
        // Free the journal before the final manifest is made. The journal and the manifest each have a tenth of
        // the size of all output.
        drop(journal);
        put_now(&root, &manifest.file(), umask)
    }

    /// The topmost missing directories, without duplicates. The write creates each of them with all its files.
    fn tops(&self) -> BTreeSet<&str> {
        self.files
            .iter()
            .filter_map(|placement| Some(&placement.file.path[..placement.top?]))
            .collect()
    }

    fn write(&self, root: &Root, umask: Umask, watch: Watch<'_>) -> Result<(), OutputError> {
        for top in self.tops() {
            // A killed run may have left files in the temporary directory. Remove them: otherwise the rename
            // would also move these files.
            clear(&root.path().join(beside(top)))
                .map_err(|error| root.refused("create", top, error))?;
        }
        self.files.par_chunks(CHUNK).try_for_each(|chunk| {
            let mut walk = Walk::new(root);
            chunk.iter().try_for_each(|placement| {
                let first = placement.first();
                let directory = walk.make(&first, umask)?;
                write_new(directory, name_of(&first), placement.file, umask)
                    .map_err(|error| root.refused("write", &placement.file.path, error))?;
                watch();
                Ok(())
            })
        })
    }

    fn rename(&self, root: &Root) -> Result<(), OutputError> {
        let own: Vec<&Placement<'_>> = self.files.iter().filter(|one| one.top.is_none()).collect();
        own.par_chunks(CHUNK).try_for_each(|chunk| {
            let mut walk = Walk::new(root);
            chunk.iter().try_for_each(|placement| rename(root, &mut walk, &placement.file.path))
        })?;
        let mut walk = Walk::new(root);
        self.tops().into_iter().try_for_each(|top| rename(root, &mut walk, top))
    }

    #[expect(clippy::disallowed_methods, reason = "this is the module that writes")]
    fn take_back(&self, root: &Root) {
        // An error here is ignored: the caller reports the first error.
        for top in self.tops() {
            let _ = clear(&root.path().join(beside(top)));
        }
        for placement in self.files.iter().filter(|placement| placement.top.is_none()) {
            let _ = fs::remove_file(root.path().join(placement.first()));
        }
    }
}

/// Creates the directory and its missing parents. Returns the directories that it created.
fn make_root(path: &Path, umask: Umask) -> Result<Vec<PathBuf>, OutputError> {
    let missing = path.ancestors().take_while(|one| !one.as_os_str().is_empty() && !one.is_dir());
    let mut made: Vec<PathBuf> = missing.map(Path::to_owned).collect();
    made.reverse();
    for directory in &made {
        DirBuilder::new()
            .mode(0o755)
            .create(directory)
            .and_then(|()| match umask.takes_from(0o755) {
                true => fs::set_permissions(directory, fs::Permissions::from_mode(0o755)),
                false => Ok(()),
            })
            .map_err(OutputError::io("create", directory))?;
    }
    Ok(made)
}

/// An exclusive lock on the directory (flock(2)). While one render holds the lock, no other render writes.
#[derive(Debug)]
pub(super) struct Lock(#[expect(dead_code, reason = "closing it frees the lock")] OwnedFd);

impl Lock {
    pub(super) fn take(path: &Path) -> Result<Self, OutputError> {
        let at = if path.as_os_str().is_empty() { Path::new(".") } else { path };
        let flags = OFlags::RDONLY | OFlags::DIRECTORY | OFlags::CLOEXEC;
        let opened = openat(CWD, at, flags, Permissions::empty())
            .map_err(|error| OutputError::io("open", path)(error.into()))?;
        match flock(&opened, FlockOperation::NonBlockingLockExclusive) {
            Ok(()) => Ok(Self(opened)),
            Err(Errno::WOULDBLOCK) => Err(OutputError::Busy(path.to_owned())),
            // If the file system has no locks, continue without a lock.
            Err(_) => Ok(Self(opened)),
        }
    }
}

/// Writes one file in the root under a temporary name, and renames it immediately.
fn put_now(root: &Root, file: &OutputFile, umask: Umask) -> Result<(), OutputError> {
    let refused = |error: io::Error| root.refused("write", &file.path, error);
    let directory = root.handle().ok_or_else(|| refused(Errno::NOENT.into()))?;
    write_new(directory, &beside(&file.path), file, umask).map_err(refused)?;
    renameat(directory, beside(&file.path), directory, &*file.path)
        .map_err(|error| refused(error.into()))
}

/// Restores the old contents of a file in the root, or removes the file if it is new.
#[expect(clippy::disallowed_methods, reason = "this is the module that writes")]
fn restore(root: &Root, path: &str, before: Option<Present>, umask: Umask) {
    // An error here is ignored, as in `take_back`: the caller reports the first error.
    let _ = match before {
        Some(Present { mode, contents }) => {
            let (path, contents) = (path.to_owned(), contents.into());
            let file = OutputFile { path, mode, contents, owner: Owner::default() };
            put_now(root, &file, umask).is_ok()
        }
        None => fs::remove_file(root.path().join(path)).is_ok(),
    };
}

/// Renames a temporary file or directory to its final path.
fn rename(root: &Root, walk: &mut Walk<'_>, path: &str) -> Result<(), OutputError> {
    let refused = |error: Errno| root.refused("write", path, error);
    let Found::Directory(directory) = walk.find(path)? else { return Err(refused(Errno::NOENT)) };
    let name = name_of(path);
    renameat(directory, beside(name), directory, name).map_err(refused)
}

/// Removes a file, and then every parent directory that is empty.
#[expect(clippy::disallowed_methods, reason = "this is the module that writes")]
fn remove_file(root: &Root, path: &str) -> Result<(), OutputError> {
    let file = root.path().join(path);
    fs::remove_file(&file).map_err(OutputError::io("remove", &file))?;
    let above = file.ancestors().skip(1).take_while(|above| *above != root.path());
    for directory in above {
        if fs::remove_dir(directory).is_err() {
            break;
        }
    }
    Ok(())
}

/// The suffix of the temporary names of files and directories.
const BESIDE: &str = ".lvsgen-new";

/// The temporary path for a final path, in the same directory.
fn beside(path: &str) -> String {
    match path.rsplit_once('/') {
        Some((directory, name)) => format!("{directory}/.{name}{BESIDE}"),
        None => format!(".{path}{BESIDE}"),
    }
}

fn name_of(path: &str) -> &str {
    path.rsplit('/').next().expect("a split gives at least one part")
}

/// Removes the temporary files and directories of an interrupted write.
pub(super) fn sweep(root: &Path) -> Result<(), OutputError> {
    let entries = WalkDir::new(root).contents_first(true).into_iter().filter_map(Result::ok);
    let left = entries.filter(|entry| {
        let name = entry.file_name().to_string_lossy();
        name.starts_with('.') && name.ends_with(BESIDE)
    });
    for entry in left {
        clear(entry.path()).map_err(OutputError::io("remove", entry.path()))?;
    }
    Ok(())
}

/// Removes a temporary file or directory of lvsgen, if it exists.
#[expect(clippy::disallowed_methods, reason = "this is the module that writes")]
fn clear(path: &Path) -> io::Result<()> {
    let removed = match fs::symlink_metadata(path) {
        Ok(metadata) if metadata.is_dir() => fs::remove_dir_all(path),
        Ok(_) => fs::remove_file(path),
        Err(error) => Err(error),
    };
    match removed {
        Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(()),
        other => other,
    }
}

fn write_new(
    directory: BorrowedFd<'_>,
    name: &str,
    file: &OutputFile,
    umask: Umask,
) -> io::Result<()> {
    let mode = file.mode.bits();
    // With `EXCL`, open(2) does not follow a symbolic link at this name.
    let flags = OFlags::WRONLY | OFlags::CREATE | OFlags::EXCL | OFlags::CLOEXEC;
    let open = || openat(directory, name, flags, Permissions::from_raw_mode(mode));
    let opened = match open() {
        Err(Errno::EXIST) => {
            // A killed run left a file with this name.
            unlinkat(directory, name, AtFlags::empty())?;
            open()?
        }
        opened => opened?,
    };
    let mut opened = File::from(opened);
    opened.write_all(file.contents.as_bytes())?;
    if umask.takes_from(mode) {
        fchmod(&opened, Permissions::from_raw_mode(mode))?;
    }
    Ok(())
}
