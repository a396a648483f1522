//! `lvsgen diff --root`: a host's file system beside what would be rendered for it.

use std::fs::File;
use std::io::{self, Read as _};
use std::os::unix::fs::MetadataExt as _;
use std::path::Path;

use rustix::fs::{CWD, Mode as Permissions, OFlags, ResolveFlags, openat, openat2};

use super::{Diff, Form, Rendered};
use crate::artifact::{Artifact, Mode};
use crate::cli::fault::{Fault, note};
use crate::cli::pager;
use crate::diff::{Side, json, markdown, on_host};

impl Diff {
    /// Compares, and tells what could not be read: a file that nobody may see is not known to be right.
    pub(super) fn show_root(&self, root: &Path, rendered: &Rendered) -> Result<(), Fault> {
        let [bundle] = rendered.bundles.as_slice() else {
            return Err(Fault::usage("`--root` is one host's: give one `--host`"));
        };
        let directory = openat(
            CWD,
            root,
            OFlags::DIRECTORY | OFlags::CLOEXEC,
            Permissions::empty(),
        )
        .map_err(|error| {
            Fault::usage(format!("cannot read `{}`: {}", root.display(), io::Error::from(error)))
        })?;
        let directory = File::from(directory);
        let mut changes = Vec::new();
        let mut unreadable = Vec::new();
        for artifact in bundle.artifacts() {
            match present(&directory, artifact) {
                Ok(found) => changes.extend(on_host::change(artifact, found)),
                Err(error) => unreadable.push((artifact.path.clone(), error.to_string())),
            }
        }
        changes.sort_by(|a, b| a.path.cmp(&b.path));
        let text = match self.output {
            Form::Json => json::host(&changes, &unreadable)
                .map_err(|error| Fault::Internal(error.to_string()))?,
            Form::Markdown => markdown::comment(&changes, &[], &[]),
            Form::Human => self.text(&changes),
        };
        pager::page(&text)?;
        if let Some((last, before)) = unreadable.split_last() {
            let tell = |(path, why): &(String, String)| {
                format!(
                    "cannot read `{}`: {why}",
                    root.join(path.trim_start_matches('/')).display()
                )
            };
            before.iter().for_each(|one| note(&format!("error: {}", tell(one))));
            return Err(Fault::usage(tell(last)));
        }
        if changes.is_empty() {
            note("no differences");
            return Ok(());
        }
        Err(Fault::Findings)
    }
}

/// Reads the file where the host has it. Symbolic links lead where they would lead on the host, and
/// never out of its root (openat2(2), `RESOLVE_IN_ROOT`).
fn present(root: &File, artifact: &Artifact) -> io::Result<Option<Side>> {
    let flags = OFlags::RDONLY | OFlags::CLOEXEC | OFlags::NONBLOCK;
    let opened = openat2(root, &artifact.path, flags, Permissions::empty(), ResolveFlags::IN_ROOT);
    let mut file = match opened {
        Ok(file) => File::from(file),
        Err(rustix::io::Errno::NOENT | rustix::io::Errno::NOTDIR) => return Ok(None),
        Err(error) => return Err(error.into()),
    };
    let metadata = file.metadata()?;
    if !metadata.is_file() {
        return Err(io::Error::other("it is no plain file"));
    }
    let mut bytes = Vec::new();
    file.read_to_end(&mut bytes)?;
    Ok(Some(Side {
        mode: Mode::of_bits(metadata.mode()),
        owner: Some((metadata.uid(), metadata.gid())),
        contents: String::from_utf8_lossy(&bytes).into_owned(),
    }))
}
