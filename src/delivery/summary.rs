//! The summary of the cluster as a file, `summary.json`, which a later render compares by meaning.

use super::{OutputFile, Owner};
use crate::file::Mode;
use crate::summary::Summary;

/// The file's path below the output directory.
pub const PATH: &str = "summary.json";

/// Gives the file.
pub fn pack(summary: &Summary) -> OutputFile {
    let contents = summary.text().into();
    let owner = Owner::cluster(None);
    OutputFile { path: PATH.to_owned(), mode: Mode::file(), contents, owner }
}
