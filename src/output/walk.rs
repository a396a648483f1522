//! Opens the directories of paths, and keeps their handles. For each path, it opens only the directories that
//! the last path did not have.
//!
//! Takes paths below a root; gives the handle of each path's directory. Sorted paths need the fewest calls of
//! openat(2). The module follows no symbolic link below the root.

use std::io;
use std::os::fd::{AsFd as _, BorrowedFd, OwnedFd};
use std::path::{Path, PathBuf};

use rustix::fs::{AtFlags, CWD, FileType, Mode, OFlags, chmodat, mkdirat, openat, statat};
use rustix::io::Errno;

use super::OutputError;

/// The directory to which all paths are relative.
#[derive(Debug)]
pub(super) struct Root {
    path: PathBuf,
    /// None if the directory does not exist.
    handle: Option<OwnedFd>,
}

impl Root {
    pub(super) fn open(path: &Path) -> Result<Self, OutputError> {
        // An empty path is the working directory.
        let at = if path.as_os_str().is_empty() { Path::new(".") } else { path };
        let handle = match openat(CWD, at, DIRECTORY - OFlags::NOFOLLOW, Mode::empty()) {
            Ok(handle) => Some(handle),
            Err(Errno::NOENT) => None,
            Err(error) => return Err(OutputError::io("open", path)(error.into())),
        };
        Ok(Self { path: path.to_owned(), handle })
    }

    pub(super) fn path(&self) -> &Path {
        &self.path
    }

    pub(super) fn handle(&self) -> Option<BorrowedFd<'_>> {
        self.handle.as_ref().map(OwnedFd::as_fd)
    }

    /// Makes the error of a system call at a path below the root.
    pub(super) fn refused(
        &self,
        doing: &'static str,
        path: &str,
        error: impl Into<io::Error>,
    ) -> OutputError {
        OutputError::io(doing, &self.path.join(path))(error.into())
    }
}

const DIRECTORY: OFlags =
    OFlags::PATH.union(OFlags::DIRECTORY).union(OFlags::NOFOLLOW).union(OFlags::CLOEXEC);

/// The result of a search for the directory of a path.
#[derive(Clone, Copy, Debug)]
pub(super) enum Found<'w> {
    /// The directory exists.
    Directory(BorrowedFd<'w>),
    /// The directory is missing. The first bytes of the path name the topmost missing directory; the number is
    /// their count. The number is 0 if the root itself is missing.
    Missing(usize),
}

/// The directories of the last path.
pub(super) struct Walk<'r> {
    root: &'r Root,
    /// The names and handles of the directories, from the root down. The last directory may be missing.
    open: Vec<(String, Option<OwnedFd>)>,
}

impl<'r> Walk<'r> {
    pub(super) fn new(root: &'r Root) -> Self {
        Self { root, open: Vec::new() }
    }

    /// Finds the directory of a file.
    pub(super) fn find(&mut self, path: &str) -> Result<Found<'_>, OutputError> {
        self.go(path, None)
    }

    /// Finds the directory of a file, and creates the missing directories.
    pub(super) fn make(&mut self, path: &str, umask: Umask) -> Result<BorrowedFd<'_>, OutputError> {
        let root = self.root;
        match self.go(path, Some(umask))? {
            Found::Directory(handle) => Ok(handle),
            Found::Missing(end) => Err(root.refused("create", &path[..end], Errno::NOENT)),
        }
    }

    fn go(&mut self, path: &str, make: Option<Umask>) -> Result<Found<'_>, OutputError> {
        let directory = path.rsplit_once('/').map_or("", |(directory, _)| directory);
        let mut names = directory.split('/').filter(|name| !name.is_empty()).peekable();
        let mut depth = 0;
        let mut end = 0;
        while let (Some(name), Some((open, handle))) = (names.peek(), self.open.get(depth)) {
            if open != name || handle.is_none() && make.is_some() {
                break;
            }
            end += name.len() + usize::from(depth > 0);
            depth += 1;
            names.next();
        }
        self.open.truncate(depth);
        for name in names {
            let Some(parent) = self.deepest() else { break };
            end += name.len() + usize::from(!self.open.is_empty());
            let handle = self.step(parent, name, &path[..end], make)?;
            self.open.push((name.to_owned(), handle));
        }
        match self.deepest() {
            Some(handle) => Ok(Found::Directory(handle)),
            None => {
                let above = self.open.iter().map(|(name, _)| name.len() + 1).sum::<usize>();
                Ok(Found::Missing(above.saturating_sub(1)))
            }
        }
    }

    fn deepest(&self) -> Option<BorrowedFd<'_>> {
        match self.open.last() {
            Some((_, handle)) => handle.as_ref().map(OwnedFd::as_fd),
            None => self.root.handle(),
        }
    }

    fn step(
        &self,
        parent: BorrowedFd<'_>,
        name: &str,
        path: &str,
        make: Option<Umask>,
    ) -> Result<Option<OwnedFd>, OutputError> {
        let open = || openat(parent, name, DIRECTORY, Mode::empty());
        let opened = match (open(), make) {
            (Err(Errno::NOENT), Some(umask)) => {
                match mkdirat(parent, name, Mode::from_raw_mode(0o755)) {
                    // `EXIST` means that another thread created the directory.
                    Ok(()) | Err(Errno::EXIST) => {}
                    Err(error) => return Err(self.root.refused("create", path, error)),
                }
                if umask.takes_from(0o755) {
                    chmodat(parent, name, Mode::from_raw_mode(0o755), AtFlags::empty())
                        .map_err(|error| self.root.refused("create", path, error))?;
                }
                open()
            }
            (opened, _) => opened,
        };
        match opened {
            Ok(handle) => Ok(Some(handle)),
            Err(Errno::NOENT) => Ok(None),
            Err(Errno::NOTDIR | Errno::LOOP) => {
                let link = statat(parent, name, AtFlags::SYMLINK_NOFOLLOW)
                    .is_ok_and(|stat| FileType::from_raw_mode(stat.st_mode).is_symlink());
                let what = if link { "a symbolic link" } else { "not a directory" };
                Err(OutputError::InTheWay { path: self.root.path().join(path), what })
            }
            Err(error) => Err(self.root.refused("open", path, error)),
        }
    }
}

/// The bits that the system removes from the mode of a new file or directory (umask(2)).
#[derive(Clone, Copy, Debug)]
pub(super) struct Umask(u32);

impl Umask {
    /// The umask of the process, as the kernel shows it. If the kernel does not show the umask, lvsgen assumes
    /// that all bits are removed, and sets the mode of every new file again.
    pub(super) fn current() -> Self {
        let status = std::fs::read_to_string("/proc/self/status").unwrap_or_default();
        let line = status.lines().find_map(|line| line.strip_prefix("Umask:"));
        Self(line.and_then(|bits| u32::from_str_radix(bits.trim(), 8).ok()).unwrap_or(0o7777))
    }

    /// Whether the umask removes bits of a mode. If it does, the mode of a new file must be set again.
    pub(super) fn takes_from(self, mode: u32) -> bool {
        self.0 & mode != 0
    }
}
