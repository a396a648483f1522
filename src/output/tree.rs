//! Reads what is in a directory, without following symbolic links.

use std::fs::{self, File};
use std::io::{self, Read as _};
use std::os::fd::BorrowedFd;
use std::path::Path;

use rustix::fs::{FileType, Mode as Permissions, OFlags, fstat, openat};
use rustix::io::Errno;
use walkdir::WalkDir;

use super::OutputError;
use super::walk::{Found, Root, Walk};
use crate::file::Mode;

/// An existing file.
#[derive(Debug)]
pub struct Present {
    /// Its permissions.
    pub mode: Mode,
    /// Its contents.
    pub contents: Vec<u8>,
}

/// The file at a path.
pub(super) enum PathState {
    /// A file.
    File(Present),
    /// No file, but its directory exists.
    Nothing,
    /// No file, and its directory is missing too. The first bytes of the path name the topmost missing directory;
    /// the number is their count.
    NoDirectory(usize),
}

/// Whether a directory is empty or missing. Names that begin with a dot do not count: an empty
/// repository may have `.git` and `.gitkeep`.
pub(super) fn is_empty(root: &Path) -> Result<bool, OutputError> {
    match fs::read_dir(root) {
        Ok(entries) => {
            let mut names = entries.filter_map(|entry| entry.ok().map(|entry| entry.file_name()));
            Ok(names.all(|name| name.to_string_lossy().starts_with('.')))
        }
        Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(true),
        Err(error) => Err(OutputError::io("read", root)(error)),
    }
}

/// Reads a file below the root, if the file exists.
pub(super) fn read(root: &Root, path: &str) -> Result<Option<Present>, OutputError> {
    Ok(match look(root, &mut Walk::new(root), path)? {
        PathState::File(present) => Some(present),
        PathState::Nothing | PathState::NoDirectory(_) => None,
    })
}

/// Reads the file at a path. If there is no file, finds the missing part of the path.
pub(super) fn look(root: &Root, walk: &mut Walk<'_>, path: &str) -> Result<PathState, OutputError> {
    let directory = match walk.find(path)? {
        Found::Directory(directory) => directory,
        // The root itself is missing. A write creates the root separately (`make_root`).
        Found::Missing(0) => {
            return Ok(path.find('/').map_or(PathState::Nothing, PathState::NoDirectory));
        }
        Found::Missing(end) => return Ok(PathState::NoDirectory(end)),
    };
    let name = path.rsplit('/').next().expect("a split gives at least one part");
    let in_the_way = |what| OutputError::InTheWay { path: root.path().join(path), what };
    match open(directory, name) {
        Ok(None) => Ok(PathState::Nothing),
        Ok(Some(Opened::File(present))) => Ok(PathState::File(present)),
        Ok(Some(Opened::Other(what))) => Err(in_the_way(what)),
        Err(error) => Err(root.refused("read", path, error)),
    }
}

enum Opened {
    File(Present),
    Other(&'static str),
}

fn open(directory: BorrowedFd<'_>, name: &str) -> io::Result<Option<Opened>> {
    // Without `NONBLOCK`, open(2) would wait if the file is a pipe that has no writer.
    let flags = OFlags::RDONLY | OFlags::NOFOLLOW | OFlags::NONBLOCK | OFlags::CLOEXEC;
    let opened = match openat(directory, name, flags, Permissions::empty()) {
        Ok(opened) => opened,
        Err(Errno::NOENT) => return Ok(None),
        Err(Errno::LOOP) => return Ok(Some(Opened::Other("a symbolic link"))),
        Err(error) => return Err(error.into()),
    };
    let stat = fstat(&opened)?;
    match FileType::from_raw_mode(stat.st_mode) {
        FileType::RegularFile => {}
        FileType::Directory => return Ok(Some(Opened::Other("a directory"))),
        _ => return Ok(Some(Opened::Other("not a plain file"))),
    }
    // The buffer has one byte more than the file. Without this byte, the buffer would have to grow before the
    // read finds the end of the file.
    let size = usize::try_from(stat.st_size).expect("a size is not negative (stat(2))");
    let mut contents = Vec::with_capacity(size + 1);
    File::from(opened).read_to_end(&mut contents)?;
    Ok(Some(Opened::File(Present { mode: Mode::of_bits(stat.st_mode), contents })))
}

/// Gives the paths of all files below a directory, sorted, with `/` between the parts.
///
/// # Errors
/// The system refuses to list a directory.
pub fn files_below(root: &Path) -> Result<Vec<String>, OutputError> {
    let mut files = Vec::new();
    for entry in WalkDir::new(root).sort_by_file_name() {
        let entry = entry.map_err(|error| OutputError::Io {
            doing: "read",
            path: root.to_owned(),
            error: error.into(),
        })?;
        let Ok(path) = entry.path().strip_prefix(root) else {
            continue;
        };
        if !entry.file_type().is_dir() {
            files.push(path.to_string_lossy().into_owned());
        }
    }
    files.sort_unstable();
    Ok(files)
}
