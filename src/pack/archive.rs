//! A tar archive that is the same on every machine: sorted, no times, everything root's.

use std::io;

use super::{OutputFile, hosts};
use crate::artifact::{Bundle, Mode};

/// Gives the archive (POSIX ustar) of the files, in their order.
///
/// # Errors
/// A path that ustar cannot hold.
pub fn pack(files: &[OutputFile]) -> io::Result<Vec<u8>> {
    let mut archive = tar::Builder::new(Vec::new());
    for file in files {
        let mut header = tar::Header::new_ustar();
        header.set_size(file.contents.len() as u64);
        header.set_mode(file.mode.bits());
        header.set_mtime(0);
        header.set_uid(0);
        header.set_gid(0);
        header.set_username("root")?;
        header.set_groupname("root")?;
        archive.append_data(&mut header, &file.path, file.contents.as_bytes())?;
    }
    archive.into_inner()
}

/// Gives one archive for each host, of its root directory. Files that are shared with the
/// administrator are left out: unpacked, they would take the place of theirs.
///
/// # Errors
/// A path that ustar cannot hold.
pub fn each(bundles: &[Bundle]) -> Result<Vec<OutputFile>, String> {
    let archives = bundles.iter().map(|bundle| {
        let bytes = pack(&own_root(bundle)).map_err(|error| format!("{}: {error}", bundle.host))?;
        // Headers are ASCII and zeroes, and files are text.
        let contents = String::from_utf8(bytes).map_err(|error| error.to_string())?;
        let path = format!("tar/{}.tar", bundle.host);
        Ok(OutputFile { path, mode: Mode::file(), contents: contents.into() })
    });
    archives.collect()
}

/// A host's files as they may be laid over its root.
pub fn own_root(bundle: &Bundle) -> Vec<OutputFile> {
    let shared: Vec<&str> = bundle
        .artifacts()
        .filter(|artifact| artifact.shared)
        .map(|one| one.path.as_str())
        .collect();
    let mut files = hosts::pack_root(bundle);
    files.retain(|file| !shared.iter().any(|path| path.strip_prefix('/') == Some(&file.path)));
    files
}
