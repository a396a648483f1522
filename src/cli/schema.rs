//! `lvsgen schema`: prints the model's JSON Schema.

use clap::Args;

use super::OverlayArgs;
use super::fault::{Fault, say};
use super::input::profiles;
use crate::check::ALL;
use crate::model::schema::schema;
use crate::profile::ProfileSet;

#[derive(Debug, Args)]
pub(super) struct Schema {
    #[command(flatten)]
    overlay: OverlayArgs,
}

impl Schema {
    pub(super) fn run(&self) -> Result<(), Fault> {
        let profiles = profiles(&self.overlay)?;
        say(&text(&profiles))
    }
}

/// The schema as a file has it.
pub(super) fn text(profiles: &ProfileSet) -> String {
    let schema = schema(profiles.names(), ALL.iter().map(|check| check.rule.code));
    format!("{schema:#}\n")
}
