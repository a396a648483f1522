//! Reads what is in a directory, without following symbolic links.

use std::fs;
use std::io;
use std::os::unix::fs::PermissionsExt as _;
use std::path::Path;

use walkdir::WalkDir;

use super::OutputError;
use crate::artifact::Mode;

/// A file that is there.
#[derive(Debug)]
pub struct Present {
    /// Its permissions.
    pub mode: Mode,
    /// Its contents.
    pub contents: Vec<u8>,
}

/// Whether a directory is empty or not there; what makes it a part of a repository (`.git`,
/// `.gitkeep`) does not count.
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

/// Reads a file below the root, where there is one.
pub(super) fn read(root: &Path, path: &str) -> Result<Option<Present>, OutputError> {
    let mut at = root.to_owned();
    let mut parts = path.split('/').peekable();
    while let Some(part) = parts.next() {
        at.push(part);
        let metadata = match fs::symlink_metadata(&at) {
            Ok(metadata) => metadata,
            Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(None),
            // A part above is a file.
            Err(error) if error.kind() == io::ErrorKind::NotADirectory => return Ok(None),
            Err(error) => return Err(OutputError::io("look at", &at)(error)),
        };
        let kind = metadata.file_type();
        let last = parts.peek().is_none();
        let what = match (kind.is_symlink(), kind.is_dir(), last) {
            (true, ..) => "a symbolic link",
            (_, true, true) => "a directory",
            (_, false, false) => "a file where a directory belongs",
            _ if last && !kind.is_file() => "no plain file",
            _ if last => {
                let contents = fs::read(&at).map_err(OutputError::io("read", &at))?;
                let mode = Mode::of_bits(metadata.permissions().mode());
                return Ok(Some(Present { mode, contents }));
            }
            _ => continue,
        };
        return Err(OutputError::InTheWay { path: at, what });
    }
    Ok(None)
}

/// Gives the paths of all files below a directory, sorted, with `/` between the parts.
///
/// # Errors
/// What the system refuses to show.
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
