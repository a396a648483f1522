//! `lvsgen init`: writes a commented model to start from.

use std::io;
use std::path::{Path, PathBuf};

use clap::Args;

use super::fault::{Fault, note, say};
use super::input::DEFAULT;
use crate::embed::EXAMPLE;
use crate::output;

#[derive(Debug, Args)]
pub(super) struct Init {
    /// Where to write it; `-` prints it
    #[arg(default_value = DEFAULT)]
    path: PathBuf,
}

impl Init {
    pub(super) fn run(&self) -> Result<(), Fault> {
        if self.path == Path::new("-") {
            return say(EXAMPLE);
        }
        let name = self.path.display();
        output::write_once(&self.path, EXAMPLE).map_err(|error| match error.kind() {
            io::ErrorKind::AlreadyExists => Fault::helped(
                format!("`{name}` is there already"),
                "name another file, or move this one away",
            ),
            _ => Fault::usage(format!("cannot write `{name}`: {error}")),
        })?;
        let model =
            if self.path == Path::new(DEFAULT) { String::new() } else { format!(" {name}") };
        note(&format!(
            "wrote {name}; change it, then run `lvsgen check{model}` and `lvsgen render{model}`"
        ));
        Ok(())
    }
}
