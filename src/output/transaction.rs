//! All files or none: everything is written beside its place first, and renamed after.
//!
//! A directory that is new is written beside its place, and takes one rename.

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

/// Files that one thread writes before it asks for more.
const CHUNK: usize = 128;

/// A change of a directory that has not happened yet.
pub(super) struct Transaction<'a> {
    files: Vec<Placement<'a>>,
    removals: Vec<String>,
}

/// A file, and the place where it is written first.
struct Placement<'a> {
    file: &'a OutputFile,
    /// How many bytes of its path name the topmost directory that is not there yet; none where its
    /// own directory is.
    top: Option<usize>,
}

impl Placement<'_> {
    /// The path at which it is written first.
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

    /// Asks for a file to be there.
    pub(super) fn put(&mut self, file: &'a OutputFile, top: Option<usize>) {
        self.files.push(Placement { file, top });
    }

    /// Asks for a file to be gone.
    pub(super) fn remove(&mut self, path: String) {
        self.removals.push(path);
    }

    /// Makes it all happen, where the manifest is still the one that was seen: the journal, the files
    /// beside their places, the renames and removals, and the manifest that ends it.
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
        // A directory that was not there to be locked is there now. Before the manifest is looked at:
        // whoever had the lock may have written it.
        let _lock = if lock.is_none() { Some(Lock::take(path)?) } else { None };
        let before = tree::read(&root, &journal.path)?;
        if before.as_ref().map(|file| Hash::of(&file.contents)) != seen {
            return Err(OutputError::Busy(path.to_owned()));
        }
        let written =
            put_now(&root, &journal, umask).and_then(|()| self.write(&root, umask, watch));
        if let Err(error) = written {
            // The files first: on a full disk the manifest must not be the only file that fits.
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
        // One of the two at a time: each is a tenth of all that is written.
        drop(journal);
        put_now(&root, &manifest.file(), umask)
    }

    /// The directories that are new as a whole.
    fn tops(&self) -> BTreeSet<&str> {
        self.files
            .iter()
            .filter_map(|placement| Some(&placement.file.path[..placement.top?]))
            .collect()
    }

    fn write(&self, root: &Root, umask: Umask, watch: Watch<'_>) -> Result<(), OutputError> {
        for top in self.tops() {
            // The remains of a killed run would be renamed with the new files.
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
        // Nothing is left to be done about a failure here: the first error is reported.
        for top in self.tops() {
            let _ = clear(&root.path().join(beside(top)));
        }
        for placement in self.files.iter().filter(|placement| placement.top.is_none()) {
            let _ = fs::remove_file(root.path().join(placement.first()));
        }
    }
}

/// Makes the directory itself and those above it, and gives what was not there.
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

/// Keeps others from writing to the directory as long as it lives (flock(2)).
#[derive(Debug)]
pub(super) struct Lock(#[expect(dead_code, reason = "closing it gives the lock up")] OwnedFd);

impl Lock {
    pub(super) fn take(path: &Path) -> Result<Self, OutputError> {
        let at = if path.as_os_str().is_empty() { Path::new(".") } else { path };
        let flags = OFlags::RDONLY | OFlags::DIRECTORY | OFlags::CLOEXEC;
        let opened = openat(CWD, at, flags, Permissions::empty())
            .map_err(|error| OutputError::io("open", path)(error.into()))?;
        match flock(&opened, FlockOperation::NonBlockingLockExclusive) {
            Ok(()) => Ok(Self(opened)),
            Err(Errno::WOULDBLOCK) => Err(OutputError::Busy(path.to_owned())),
            // A file system without locks has no lock to wait for.
            Err(_) => Ok(Self(opened)),
        }
    }
}

/// Writes and renames one file of the root at once.
fn put_now(root: &Root, file: &OutputFile, umask: Umask) -> Result<(), OutputError> {
    let refused = |error: io::Error| root.refused("write", &file.path, error);
    let directory = root.handle().ok_or_else(|| refused(Errno::NOENT.into()))?;
    write_new(directory, &beside(&file.path), file, umask).map_err(refused)?;
    renameat(directory, beside(&file.path), directory, &*file.path)
        .map_err(|error| refused(error.into()))
}

/// Gives a file of the root back the contents that it had, or takes it away.
#[expect(clippy::disallowed_methods, reason = "this is the module that writes")]
fn restore(root: &Root, path: &str, before: Option<Present>, umask: Umask) {
    // As in `take_back`, the first error is reported.
    let text = before.map(|present| (present.mode, String::from_utf8(present.contents)));
    let _ = match text {
        Some((mode, Ok(contents))) => {
            let (path, contents) = (path.to_owned(), contents.into());
            let file = OutputFile { path, mode, contents, owner: Owner::default() };
            put_now(root, &file, umask).is_ok()
        }
        _ => fs::remove_file(root.path().join(path)).is_ok(),
    };
}

/// Renames what was written beside a path to it.
fn rename(root: &Root, walk: &mut Walk<'_>, path: &str) -> Result<(), OutputError> {
    let refused = |error: Errno| root.refused("write", path, error);
    let Found::Directory(directory) = walk.find(path)? else { return Err(refused(Errno::NOENT)) };
    let name = name_of(path);
    renameat(directory, beside(name), directory, name).map_err(refused)
}

/// Removes a file, and the directories that it leaves empty.
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

/// How the names of files and directories end that are written beside their places.
const BESIDE: &str = ".lvsgen-new";

/// Where what belongs at a path is written first.
fn beside(path: &str) -> String {
    match path.rsplit_once('/') {
        Some((directory, name)) => format!("{directory}/.{name}{BESIDE}"),
        None => format!(".{path}{BESIDE}"),
    }
}

fn name_of(path: &str) -> &str {
    path.rsplit('/').next().expect("a split gives at least one part")
}

/// Removes what a write that was cut off left beside.
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

/// Removes a file or a directory of lvsgen's own, where it is there.
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
    // `EXCL` follows no symbolic link that somebody put there.
    let flags = OFlags::WRONLY | OFlags::CREATE | OFlags::EXCL | OFlags::CLOEXEC;
    let open = || openat(directory, name, flags, Permissions::from_raw_mode(mode));
    let opened = match open() {
        Err(Errno::EXIST) => {
            // The remains of a killed run.
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
