//! The hosts' tree: `hosts/NAME/` holds each file at its own path.

use std::sync::Arc;

use super::OutputFile;
use crate::artifact::{Artifact, Bundle};

/// Gives every file of every host, sorted by path.
pub fn pack(bundles: &[Bundle]) -> Vec<OutputFile> {
    let each = bundles.iter().flat_map(|bundle| {
        let root = format!("hosts/{}", bundle.host);
        bundle.artifacts().map(move |artifact| file(&root, artifact))
    });
    sorted(each.collect())
}

/// Gives the files of one host, sorted, with paths that begin at its root directory.
pub fn pack_root(bundle: &Bundle) -> Vec<OutputFile> {
    sorted(bundle.artifacts().map(|artifact| file("", artifact)).collect())
}

fn file(root: &str, artifact: &Artifact) -> OutputFile {
    let path = format!("{root}{}", artifact.path);
    OutputFile {
        path: path.trim_start_matches('/').to_owned(),
        mode: artifact.mode,
        contents: Arc::clone(&artifact.contents),
    }
}

fn sorted(mut files: Vec<OutputFile>) -> Vec<OutputFile> {
    files.sort_by(|a, b| a.path.cmp(&b.path));
    files
}
