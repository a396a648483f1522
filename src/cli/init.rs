//! `lvsgen init`: writes a commented model to start from.

use std::fs::OpenOptions;
use std::io::{self, Write as _};
use std::path::PathBuf;

use clap::Args;

use super::fault::{Fault, note};
use super::input::DEFAULT;
use crate::embed::EXAMPLE;

#[derive(Debug, Args)]
pub(super) struct Init {
    /// Where to write it
    #[arg(default_value = DEFAULT)]
    path: PathBuf,
}

impl Init {
    pub(super) fn run(&self) -> Result<(), Fault> {
        let name = self.path.display();
        // `create_new`: a model is somebody's work, and is never overwritten.
        let created = OpenOptions::new().write(true).create_new(true).open(&self.path);
        let written = created.and_then(|mut file| file.write_all(EXAMPLE.as_bytes()));
        written.map_err(|error| match error.kind() {
            io::ErrorKind::AlreadyExists => Fault::helped(
                format!("`{name}` is there already"),
                "name another file, or move this one away",
            ),
            _ => Fault::usage(format!("cannot write `{name}`: {error}")),
        })?;
        note(&format!("wrote {name}; change it, then run `lvsgen check` and `lvsgen render`"))
    }
}
