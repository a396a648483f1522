//! All files or none: everything is written beside its place first, and renamed after.

use std::fs::{self, DirBuilder, OpenOptions, Permissions};
use std::io::{self, Write as _};
use std::os::unix::fs::{DirBuilderExt as _, OpenOptionsExt as _, PermissionsExt as _};
use std::path::{Path, PathBuf};

use super::OutputError;
use super::tree::{self, Present};
use crate::pack::OutputFile;

/// A change of a directory that has not happened yet.
pub(super) struct Stage<'a> {
    root: &'a Path,
    files: Vec<&'a OutputFile>,
    removals: Vec<String>,
    /// What a failure has to take back, in the order in which it was made.
    made: Vec<Made>,
}

enum Made {
    Directory(PathBuf),
    File(PathBuf),
}

impl<'a> Stage<'a> {
    pub(super) fn new(root: &'a Path) -> Self {
        Self { root, files: Vec::new(), removals: Vec::new(), made: Vec::new() }
    }

    /// Asks for a file to be there.
    pub(super) fn put(&mut self, file: &'a OutputFile) {
        self.files.push(file);
    }

    /// Asks for a file to be gone.
    pub(super) fn remove(&mut self, path: String) {
        self.removals.push(path);
    }

    /// Whether nothing was asked for.
    pub(super) fn is_empty(&self) -> bool {
        self.files.is_empty() && self.removals.is_empty()
    }

    /// Makes it all happen: the journal, the files beside their places, the renames and removals,
    /// and the manifest that ends it.
    pub(super) fn commit(
        mut self,
        journal: &OutputFile,
        manifest: &OutputFile,
    ) -> Result<(), OutputError> {
        let before = tree::read(self.root, &journal.path)?;
        let written = self.put_now(journal).and_then(|()| self.write_beside());
        if let Err(error) = written {
            self.restore(&journal.path, before);
            self.take_back();
            return Err(error);
        }
        for file in &self.files {
            let path = self.root.join(&file.path);
            fs::rename(beside(&path), &path).map_err(OutputError::io("write", &path))?;
        }
        for removal in &self.removals {
            self.remove_file(&self.root.join(removal))?;
        }
        self.put_now(manifest)
    }

    /// Writes and renames one file at once.
    fn put_now(&mut self, file: &OutputFile) -> Result<(), OutputError> {
        self.directory(self.root)?;
        let path = self.root.join(&file.path);
        let beside = beside(&path);
        write_new(&beside, file)
            .and_then(|()| fs::rename(&beside, &path))
            .map_err(OutputError::io("write", &path))
    }

    /// Gives a file back the contents that it had, or takes it away.
    #[expect(clippy::disallowed_methods, reason = "this is the room that writes")]
    fn restore(&mut self, path: &str, before: Option<Present>) {
        // As in `take_back`, the first error is the one to tell.
        let text = before.map(|present| (present.mode, String::from_utf8(present.contents)));
        let _ = match text {
            Some((mode, Ok(contents))) => {
                self.put_now(&OutputFile { path: path.to_owned(), mode, contents: contents.into() }).is_ok()
            }
            _ => fs::remove_file(self.root.join(path)).is_ok(),
        };
    }

    fn write_beside(&mut self) -> Result<(), OutputError> {
        self.directory(self.root)?;
        for file in std::mem::take(&mut self.files) {
            let path = self.root.join(&file.path);
            if let Some(parent) = path.parent() {
                self.directory(parent)?;
            }
            let beside = beside(&path);
            self.made.push(Made::File(beside.clone()));
            write_new(&beside, file).map_err(OutputError::io("write", &path))?;
            self.files.push(file);
        }
        Ok(())
    }

    /// Makes a directory and those above it.
    fn directory(&mut self, path: &Path) -> Result<(), OutputError> {
        if path.as_os_str().is_empty() || path.is_dir() {
            return Ok(());
        }
        if let Some(parent) = path.parent() {
            self.directory(parent)?;
        }
        let made = DirBuilder::new().mode(0o755).create(path);
        // The umask has taken bits from the mode, as from a file's.
        made.and_then(|()| fs::set_permissions(path, Permissions::from_mode(0o755)))
            .map_err(OutputError::io("create", path))?;
        self.made.push(Made::Directory(path.to_owned()));
        Ok(())
    }

    #[expect(clippy::disallowed_methods, reason = "this is the room that writes")]
    fn take_back(&self) {
        for made in self.made.iter().rev() {
            // Nothing is left to be done about a failure here: the first error is the one to tell.
            let _ = match made {
                Made::Directory(path) => fs::remove_dir(path),
                Made::File(path) => fs::remove_file(path),
            };
        }
    }

    /// Removes a file, and the directories that it leaves empty.
    #[expect(clippy::disallowed_methods, reason = "this is the room that writes")]
    fn remove_file(&self, path: &Path) -> Result<(), OutputError> {
        fs::remove_file(path).map_err(OutputError::io("remove", path))?;
        let above = path.ancestors().skip(1).take_while(|above| *above != self.root);
        for directory in above {
            if fs::remove_dir(directory).is_err() {
                break;
            }
        }
        Ok(())
    }
}

/// How the names of files end that are written beside their places.
const BESIDE: &str = ".lvsgen-new";

/// Where a file is written first.
fn beside(path: &Path) -> PathBuf {
    let name = path.file_name().unwrap_or_default().to_string_lossy();
    path.with_file_name(format!(".{name}{BESIDE}"))
}

/// Removes what a write that was cut off left beside.
#[expect(clippy::disallowed_methods, reason = "this is the room that writes")]
pub(super) fn sweep(root: &Path) -> Result<(), OutputError> {
    for path in tree::files_below(root)? {
        let name = path.rsplit('/').next().unwrap_or_default();
        if name.starts_with('.') && name.ends_with(BESIDE) {
            let path = root.join(path);
            fs::remove_file(&path).map_err(OutputError::io("remove", &path))?;
        }
    }
    Ok(())
}

fn write_new(path: &Path, file: &OutputFile) -> io::Result<()> {
    let open = || {
        let mode = file.mode.bits();
        // `create_new` follows no symbolic link that somebody put there.
        OpenOptions::new().write(true).create_new(true).mode(mode).open(path)
    };
    let mut opened = match open() {
        Err(error) if error.kind() == io::ErrorKind::AlreadyExists => {
            // What a killed run left behind.
            #[expect(clippy::disallowed_methods, reason = "this is the room that writes")]
            fs::remove_file(path)?;
            open()?
        }
        opened => opened?,
    };
    opened.write_all(file.contents.as_bytes())?;
    // The umask has taken bits from the mode.
    opened.set_permissions(Permissions::from_mode(file.mode.bits()))
}
