//! `lvsgen init`: writes a first model with comments, for the user to edit.

use std::io;
use std::path::{Path, PathBuf};

use clap::Args;

use super::fault::{Fault, note, say};
use super::input::{DEFAULT, pipeline};
use super::{OverlayArgs, schema};
use crate::embed::EXAMPLE;
use crate::output;

/// The name of the schema file, in the directory of the model.
const SCHEMA: &str = "cluster.schema.json";

/// The line that names the schema for yaml-language-server.
const MODELINE: &str = "# yaml-language-server: $schema=cluster.schema.json\n";

#[derive(Debug, Args)]
pub(super) struct Init {
    /// The file to write; `-` prints the model
    #[arg(default_value = DEFAULT)]
    path: PathBuf,
}

impl Init {
    pub(super) fn run(&self) -> Result<(), Fault> {
        if self.path == Path::new("-") {
            return say(EXAMPLE);
        }
        let overlay = OverlayArgs { profiles: None, templates: None };
        let schema = schema::text(pipeline(&overlay)?.profiles());
        let name = self.path.display();
        output::write_once(&self.path, &format!("{MODELINE}{EXAMPLE}")).map_err(
            |error| match error.kind() {
                io::ErrorKind::AlreadyExists => Fault::helped(
                    format!("`{name}` already exists"),
                    "name another file, or move the existing file away",
                ),
                _ => Fault::usage(format!("cannot write `{name}`: {error}")),
            },
        )?;
        // Keep an existing schema: the user made it, or keeps it on purpose.
        let beside = self.path.with_file_name(SCHEMA);
        let shown = beside.display();
        let kept = match output::write_once(&beside, &schema) {
            Ok(()) => false,
            Err(error) if error.kind() == io::ErrorKind::AlreadyExists => true,
            Err(error) => return Err(Fault::usage(format!("cannot write `{shown}`: {error}"))),
        };
        let model =
            if self.path == Path::new(DEFAULT) { String::new() } else { format!(" {name}") };
        let schema = match kept {
            false => format!(" and {shown} (for editors)"),
            true => format!("; did not change {shown} (`lvsgen schema` prints the new schema)"),
        };
        note(&format!(
            "wrote {name}{schema}; edit the model, then run `lvsgen check{model}` and \
             `lvsgen render{model}`"
        ));
        Ok(())
    }
}
