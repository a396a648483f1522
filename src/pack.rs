//! From the files of hosts to the files of a delivery: pure functions, one file of this folder for
//! each form of delivery.
//!
//! Takes [`Bundle`](crate::artifact::Bundle)s; gives [`OutputFile`]s for `output` to write, or an archive.

pub mod ansible;
pub mod archive;
pub mod cloud_init;
pub mod hosts;
pub mod verify;

use crate::artifact::Mode;

/// One file of a delivery.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct OutputFile {
    /// Its path below the output directory, with `/` between the parts.
    pub path: String,
    /// Its permissions.
    pub mode: Mode,
    /// Its contents.
    pub contents: String,
}
