//! The plan in few words, `plan.json`: what a later render is held against by meaning.

use super::OutputFile;
use crate::artifact::Mode;
use crate::outline::Outline;

/// The file's path below the output directory.
pub const PATH: &str = "plan.json";

/// Gives the file.
///
/// # Errors
/// What JSON cannot hold: a fault of lvsgen.
pub fn pack(outline: &Outline) -> Result<OutputFile, String> {
    Ok(OutputFile { path: PATH.to_owned(), mode: Mode::file(), contents: outline.text()?.into() })
}
