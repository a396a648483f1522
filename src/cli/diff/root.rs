//! `lvsgen diff --root`: compares the file system of a host with the rendered files of this host.

use std::fs::File;
use std::io::{self, Read as _};
use std::os::unix::fs::MetadataExt as _;
use std::path::Path;

use rustix::fs::{CWD, Mode as Permissions, OFlags, ResolveFlags, openat, openat2};

use super::{Diff, DiffFormat};
use crate::cli::fault::Fault;
use crate::cli::pager;
use crate::cli::print::note;
use crate::diff::{Change, Side, json, markdown, on_host, visible};
use crate::file::{Markers, Mode};
use crate::readback::ReadBack;
use crate::render::RenderedHost;
use crate::rollout::MechanismWork;

impl Diff {
    /// Shows the differences, and reports unreadable files as errors: an unreadable file may differ.
    pub(super) fn show_root(&self, root: &Path, read_back: &ReadBack<'_>) -> Result<(), Fault> {
        let hosts = self.rendering.hosts.of(read_back.rendered());
        let [host] = hosts.as_slice() else {
            return Err(Fault::usage(
                "`--root` compares exactly one host: name the host with `--host`",
            ));
        };
        // Show the differences first, and report unreadable files at the end. An unreadable file does not make
        // the differences of the other files invalid.
        let (changes, unreadable) = compare(root, host, read_back)?;
        let text = match self.form {
            DiffFormat::Json => json::host(&changes, &unreadable)?,
            DiffFormat::Markdown => {
                let host = Some(host.plan.name.as_str());
                let unread = unreadable
                    .iter()
                    .map(|(path, why)| format!("\n**cannot read `{path}`**: {}\n", visible(why)));
                markdown::comment(host, &changes, &[], &[]) + &unread.collect::<String>()
            }
            DiffFormat::Human => self.text(&changes),
        };
        pager::page(&text)?;
        if let Some((last, before)) = unreadable.split_last() {
            let tell = |(path, why): &(String, String)| {
                format!("cannot read `{}`: {why}", root.join(path).display())
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

/// A path that cannot be read, and the reason.
type Unreadable = (String, String);

/// Compares a host with the file system below `root`. The comparison covers the rendered files of the host, and
/// the directories that lvsgen owns on the host.
fn compare(
    root: &Path,
    host: &RenderedHost<'_>,
    read_back: &ReadBack<'_>,
) -> Result<(Vec<Change>, Vec<Unreadable>), Fault> {
    let flags = OFlags::DIRECTORY | OFlags::CLOEXEC;
    let directory = openat(CWD, root, flags, Permissions::empty()).map_err(|error| {
        Fault::usage(format!("cannot read `{}`: {}", root.display(), io::Error::from(error)))
    })?;
    let directory = File::from(directory);
    let mut changes = Vec::new();
    let mut unreadable = Vec::new();
    let mut look = |path: &str, kind, judge: &dyn Fn(Option<Side>) -> Option<Change>| match present(
        &directory, path, kind,
    ) {
        Ok(found) => changes.extend(judge(found)),
        Err(error) => unreadable.push((path[1..].to_owned(), error.to_string())),
    };
    let rendered = read_back.rendered();
    for wanted in rendered.of(host).map(MechanismWork::of).flat_map(MechanismWork::own_directories)
    {
        look(&wanted.path, PathKind::Directory, &|found| on_host::directory(wanted, found));
    }
    let markers = Markers::of(rendered.cluster.as_str());
    for file in rendered.files(host) {
        look(&file.path, PathKind::File, &|found| on_host::change(file, &markers, found));
    }
    changes.sort_by(|a, b| a.path.cmp(&b.path));
    Ok((changes, unreadable))
}

/// Whether a directory or a file is expected at a path.
#[derive(Clone, Copy)]
enum PathKind {
    Directory,
    File,
}

/// Reads the present file or directory at a path of the host. It follows symbolic links as the host would,
/// and never leaves the root of the host (openat2(2), `RESOLVE_IN_ROOT`).
fn present(root: &File, path: &str, kind: PathKind) -> io::Result<Option<Side>> {
    let flags = OFlags::RDONLY | OFlags::CLOEXEC | OFlags::NONBLOCK;
    let opened = openat2(root, path, flags, Permissions::empty(), ResolveFlags::IN_ROOT);
    let mut file = match opened {
        Ok(file) => File::from(file),
        Err(rustix::io::Errno::NOENT | rustix::io::Errno::NOTDIR) => {
            let itself = OFlags::PATH | OFlags::NOFOLLOW | OFlags::CLOEXEC;
            return match openat2(root, path, itself, Permissions::empty(), ResolveFlags::IN_ROOT) {
                Ok(_) => Err(io::Error::other("it is a broken symbolic link")),
                Err(_) => Ok(None),
            };
        }
        Err(error) => return Err(error.into()),
    };
    let metadata = file.metadata()?;
    let mut bytes = Vec::new();
    match (kind, metadata.is_dir(), metadata.is_file()) {
        (PathKind::Directory, true, _) => {}
        (PathKind::File, _, true) => drop(file.read_to_end(&mut bytes)?),
        (PathKind::Directory, ..) => return Err(io::Error::other("it is not a directory")),
        (PathKind::File, ..) => return Err(io::Error::other("it is not a plain file")),
    }
    Ok(Some(Side {
        mode: Mode::of_bits(metadata.mode()),
        owner: Some((metadata.uid(), metadata.gid())),
        contents: String::from_utf8_lossy(&bytes).into_owned(),
    }))
}
