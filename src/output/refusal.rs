//! Refuses a write if it would overwrite or remove files that a person made or changed.
//!
//! Takes a directory with its manifest, and the present files; gives errors and findings.

use super::manifest::Manifest;
use super::tree::{self, Present};
use super::walk::Root;
use super::{EDITED_BY_HAND, NOT_OURS, OutputError};
use crate::diagnostic::Finding;
use crate::file::Hash;
use crate::model::ClusterName;

/// Refuses a directory that holds another cluster, and a non-empty directory that lvsgen did not make.
pub(super) fn admit(
    root: &Root,
    cluster: &ClusterName,
    old: Option<&Manifest>,
    force: bool,
) -> Result<(), OutputError> {
    let path = root.path();
    match old {
        _ if force => Ok(()),
        None if tree::is_empty(path)? => Ok(()),
        // The directory did not exist a moment ago: another first render makes it now.
        None if root.handle().is_none() => Err(OutputError::Busy(path.to_owned())),
        None => Err(OutputError::ForeignDirectory(path.to_owned())),
        Some(old) if old.cluster() == cluster.as_str() => Ok(()),
        Some(old) => Err(OutputError::OtherCluster {
            path: path.to_owned(),
            name: old.cluster().escape_debug().to_string(),
        }),
    }
}

/// Returns an error if lvsgen did not write the present contents, because a write would lose these contents.
pub(super) fn loss(
    root: &Root,
    old: &Manifest,
    path: &str,
    present: &Present,
    action: &str,
) -> Option<Box<Finding>> {
    let shown = root.path().join(path);
    let shown = shown.display();
    match old.get(path) {
        Some(entry) if entry.wrote(Hash::of(&present.contents)) => None,
        Some(_) => {
            let message = format!("`{shown}` was changed by hand since lvsgen wrote it");
            let help =
                format!("move the change into the model, or {action} the file with `--force`");
            Some(Box::new(Finding::new(&EDITED_BY_HAND, message).help(help)))
        }
        None => {
            let message = format!("lvsgen did not write `{shown}`, but must write a file there");
            let help = format!("move the file away, or {action} it with `--force`");
            Some(Box::new(Finding::new(&NOT_OURS, message).help(help)))
        }
    }
}
