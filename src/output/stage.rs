//! All files or none: everything is written beside its place first, and renamed after.

use std::fs::{self, DirBuilder, OpenOptions, Permissions};
use std::io::{self, Write as _};
use std::os::unix::fs::{DirBuilderExt as _, OpenOptionsExt as _, PermissionsExt as _};
use std::path::{Path, PathBuf};

use super::OutputError;
use crate::pack::OutputFile;

/// A change of a directory that has not happened yet.
pub(super) struct Stage<'a> {
    root: &'a Path,
    files: Vec<OutputFile>,
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
    pub(super) fn put(&mut self, file: OutputFile) {
        self.files.push(file);
    }

    /// Asks for a file to be gone.
    pub(super) fn remove(&mut self, path: &str) {
        self.removals.push(path.to_owned());
    }

    /// Makes it all happen. What was written is taken back when a later write fails; a rename on
    /// one file system then has no reason left to fail.
    pub(super) fn commit(mut self) -> Result<(), OutputError> {
        if let Err(error) = self.write_beside() {
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
        Ok(())
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
            write_new(&beside, &file).map_err(OutputError::io("write", &path))?;
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
        DirBuilder::new().mode(0o755).create(path).map_err(OutputError::io("create", path))?;
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

/// Where a file is written first: a name that no host's file has.
fn beside(path: &Path) -> PathBuf {
    let name = path.file_name().unwrap_or_default().to_string_lossy();
    path.with_file_name(format!(".{name}.lvsgen-new"))
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
