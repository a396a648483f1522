//! Tar archives with the same bytes on every machine: sorted, without times, owned by root.

use tar::{Builder, EntryType, Header};

use super::install::HostSteps;
use super::{Delivery, OutputFile, Owner, Payload, hosts};
use crate::embed;
use crate::file::Mode;
use crate::readback::ReadBack;
use crate::render::RenderedHost;

/// The path of the unit of an image.
const UNIT: &str = "etc/systemd/system/lvsgen-first-boot.service";

/// The link that enables the unit.
const ENABLED: &str = "etc/systemd/system/multi-user.target.wants/lvsgen-first-boot.service";

/// Gives the archive (POSIX ustar) of the files, in their order.
pub fn pack(files: &[OutputFile]) -> Vec<u8> {
    let mut archive = Builder::new(Vec::new());
    for file in files {
        add(&mut archive, file);
    }
    finish(archive)
}

/// Gives one archive for each host, to be unpacked over the root directory of an image. It has the program, the steps and
/// the files of the host below `/var/lib/lvsgen`, and a unit that converges the host on its first boot.
pub fn each(read_back: &ReadBack<'_>, hosts: &[HostSteps<'_, '_>]) -> Vec<OutputFile> {
    let cluster = read_back.rendered().cluster;
    let converge = Payload::from(embed::converge());
    let archives = hosts.iter().map(|HostSteps { work, steps }| {
        let name = work.host.plan.name;
        let folder = format!("var/lib/lvsgen/{cluster}/image");
        let file = |path: String, mode, contents: Payload| OutputFile {
            path,
            mode,
            contents,
            owner: Owner::default(),
        };
        let mut files = vec![
            file(format!("{folder}/install/converge.sh"), Mode::program(), converge.clone()),
            file(format!("{folder}/install/{name}.steps"), Mode::file(), steps.clone().into()),
        ];
        files.extend(hosts::pack_root(read_back, work.host).into_iter().map(|one| {
            let path = format!("{folder}/hosts/{name}/{}", one.path);
            file(path, one.mode, one.contents)
        }));
        files.sort_by(|a, b| a.path.cmp(&b.path));
        let mut archive = Builder::new(Vec::new());
        add(&mut archive, &file(UNIT.into(), Mode::file(), embed::FIRST_BOOT.into()));
        link(&mut archive, ENABLED, "../lvsgen-first-boot.service");
        private_directory(&mut archive, "var/lib/lvsgen/");
        private_directory(&mut archive, &format!("var/lib/lvsgen/{cluster}/"));
        for one in &files {
            add(&mut archive, one);
        }
        OutputFile {
            path: format!("tar/{name}.tar"),
            mode: Mode::file(),
            contents: finish(archive).into(),
            owner: Owner::host(name, Some(Delivery::Tar)),
        }
    });
    archives.collect()
}

/// A host's files as they may be unpacked over its root. Files that belong to the administrator are left out: unpacked,
/// they would overwrite the administrator's own.
pub fn own_root(read_back: &ReadBack<'_>, host: &RenderedHost<'_>) -> Vec<OutputFile> {
    let shared = read_back.rendered().files(host).filter(|file| file.is_shared());
    let shared: Vec<&str> = shared.map(|file| file.path.as_str()).collect();
    let mut files = hosts::pack_root(read_back, host);
    files.retain(|file| !shared.iter().any(|path| path.strip_prefix('/') == Some(&file.path)));
    files
}

type Archive = Builder<Vec<u8>>;

/// A header without a time, owned by root.
fn header(kind: EntryType, mode: u32, size: usize) -> Header {
    let mut header = Header::new_ustar();
    header.set_entry_type(kind);
    header.set_size(size as u64);
    header.set_mode(mode);
    header.set_mtime(0);
    header.set_uid(0);
    header.set_gid(0);
    header.set_username("root").expect("the name fits ustar's field");
    header.set_groupname("root").expect("the name fits ustar's field");
    header
}

fn add(archive: &mut Archive, file: &OutputFile) {
    let bytes = file.contents.as_bytes();
    let mut header = header(EntryType::Regular, file.mode.bits(), bytes.len());
    archive.append_data(&mut header, &file.path, bytes).expect(FITS);
}

fn link(archive: &mut Archive, path: &str, target: &str) {
    let mut header = header(EntryType::Symlink, 0o777, 0);
    archive.append_link(&mut header, path, target).expect(FITS);
}

fn private_directory(archive: &mut Archive, path: &str) {
    let mut header = header(EntryType::Directory, 0o700, 0);
    archive.append_data(&mut header, path, std::io::empty()).expect(FITS);
}

const FITS: &str = "a path of a host fits ustar, and a write to memory cannot fail";

fn finish(archive: Archive) -> Vec<u8> {
    archive.into_inner().expect("a write to memory cannot fail")
}
