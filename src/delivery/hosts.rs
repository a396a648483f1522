//! The hosts' trees: `hosts/NAME/` holds each file at its own path.

use super::{OutputFile, Owner};
use crate::readback::ReadBack;
use crate::render::{RenderedFile, RenderedHost};

/// Gives every file of every host, sorted by path.
pub fn pack(read_back: &ReadBack<'_>) -> Vec<OutputFile> {
    let rendered = read_back.rendered();
    let each = rendered.hosts.iter().flat_map(|host| {
        let root = format!("hosts/{}", host.plan.name);
        rendered.files(host).map(move |file| output(&root, file, host))
    });
    sorted(each.collect())
}

/// Gives the files of one host, sorted, with paths that begin at its root directory.
pub fn pack_root(read_back: &ReadBack<'_>, host: &RenderedHost<'_>) -> Vec<OutputFile> {
    sorted(read_back.rendered().files(host).map(|file| output("", file, host)).collect())
}

fn output(root: &str, file: &RenderedFile, host: &RenderedHost<'_>) -> OutputFile {
    let path = format!("{root}{}", file.path);
    OutputFile {
        path: path.trim_start_matches('/').to_owned(),
        mode: file.mode,
        contents: file.contents.clone().into(),
        owner: Owner::host(host.plan.name, None),
    }
}

fn sorted(mut files: Vec<OutputFile>) -> Vec<OutputFile> {
    files.sort_by(|a, b| a.path.cmp(&b.path));
    files
}
