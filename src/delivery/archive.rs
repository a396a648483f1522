//! A tar archive with the same bytes on every machine: sorted, without times, owned by root.

use super::{Delivery, OutputFile, Owner, hosts};
use crate::file::Mode;
use crate::readback::ReadBack;
use crate::render::RenderedHost;

/// Gives the archive (POSIX ustar) of the files, in their order.
pub fn pack(files: &[OutputFile]) -> Vec<u8> {
    let mut archive = tar::Builder::new(Vec::new());
    for file in files {
        let mut header = tar::Header::new_ustar();
        header.set_size(file.contents.as_bytes().len() as u64);
        header.set_mode(file.mode.bits());
        header.set_mtime(0);
        header.set_uid(0);
        header.set_gid(0);
        header.set_username("root").expect("the name fits ustar's field");
        header.set_groupname("root").expect("the name fits ustar's field");
        archive
            .append_data(&mut header, &file.path, file.contents.as_bytes())
            .expect("a path of a host fits ustar, and a write to memory cannot fail");
    }
    archive.into_inner().expect("a write to memory cannot fail")
}

/// Gives one archive for each host, of its root directory. Files that belong to the administrator are left
/// out: unpacked, they would overwrite the administrator's own.
pub fn each(read_back: &ReadBack<'_>) -> Vec<OutputFile> {
    let archives = read_back.rendered().hosts.iter().map(|host| OutputFile {
        path: format!("tar/{}.tar", host.plan.name),
        mode: Mode::file(),
        contents: pack(&own_root(read_back, host)).into(),
        owner: Owner::host(host.plan.name, Some(Delivery::Tar)),
    });
    archives.collect()
}

/// A host's files as they may be unpacked over its root.
pub fn own_root(read_back: &ReadBack<'_>, host: &RenderedHost<'_>) -> Vec<OutputFile> {
    let shared = read_back.rendered().files(host).filter(|file| file.shared);
    let shared: Vec<&str> = shared.map(|file| file.path.as_str()).collect();
    let mut files = hosts::pack_root(read_back, host);
    files.retain(|file| !shared.iter().any(|path| path.strip_prefix('/') == Some(&file.path)));
    files
}
