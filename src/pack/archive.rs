//! A tar archive that is the same on every machine: sorted, no times, everything root's.

use std::io;

use super::OutputFile;

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
