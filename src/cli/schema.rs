//! `lvsgen schema`: prints the JSON Schema of the model or of a profile.

use clap::{Args, ValueEnum};
use serde_json::Value;

use super::OverlayArgs;
use super::fault::Fault;
use super::input::pipeline;
use super::print::say;
use crate::check;
use crate::model::schema::schema;
use crate::profile::{self, ProfileSet};
use crate::reference;

#[derive(Debug, Args)]
#[command(
    after_help = "Examples:\n  lvsgen schema > cluster.schema.json\n  lvsgen schema --format markdown"
)]
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
    /// A reference page for people
    Markdown,
}

impl Schema {
    pub(super) fn run(&self) -> Result<(), Fault> {
        match (self.profile, self.format) {
            (true, SchemaFormat::Markdown) => say(&profile::reference()),
            (true, SchemaFormat::Json) => say(&format!("{:#}\n", profile::schema())),
            (false, SchemaFormat::Json) => say(&text(pipeline(&self.overlay)?.profiles())),
            (false, SchemaFormat::Markdown) => {
                let schema = of_models(pipeline(&self.overlay)?.profiles());
                say(&reference::page("The cluster", &schema))
            }
        }
    }
}

/// The text of a schema file for models.
pub(super) fn text(profiles: &ProfileSet) -> String {
    format!("{:#}\n", of_models(profiles))
}

fn of_models(profiles: &ProfileSet) -> Value {
    schema(profiles.names(), check::allowable().map(|rule| (rule.code, rule.summary())))
}
