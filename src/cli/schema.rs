//! `lvsgen schema`: prints the JSON Schema of the model or of a profile.

use clap::{Args, ValueEnum};

use super::OverlayArgs;
use super::fault::{Fault, say};
use super::input::pipeline;
use crate::check;
use crate::model::schema::schema;
use crate::profile::{self, ProfileSet};

#[derive(Debug, Args)]
pub(super) struct Schema {
    /// Print the schema of a profile instead of the schema of a model
    #[arg(long)]
    profile: bool,
    /// The format of the schema
    #[arg(long, value_enum, default_value_t)]
    format: SchemaFormat,
    #[command(flatten)]
    overlay: OverlayArgs,
}

#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, ValueEnum)]
enum SchemaFormat {
    /// JSON Schema, draft 7
    #[default]
    Json,
    /// With --profile: a reference page for people
    Markdown,
}

impl Schema {
    pub(super) fn run(&self) -> Result<(), Fault> {
        match (self.profile, self.format) {
            (true, SchemaFormat::Markdown) => say(&profile::reference()),
            (true, SchemaFormat::Json) => say(&format!("{:#}\n", profile::schema())),
            (false, SchemaFormat::Json) => say(&text(pipeline(&self.overlay)?.profiles())),
            (false, SchemaFormat::Markdown) => Err(Fault::helped(
                "the model's schema has no Markdown form",
                "write `--format json`, or add `--profile` for the reference page of a profile",
            )),
        }
    }
}

/// The text of a schema file for models.
pub(super) fn text(profiles: &ProfileSet) -> String {
    let schema = schema(profiles.names(), check::meaning().map(|rule| rule.code));
    format!("{schema:#}\n")
}
