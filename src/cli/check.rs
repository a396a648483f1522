//! `lvsgen check`: tells everything that is wrong with a model.

use clap::Args;

use super::ModelArgs;
use super::fault::{Fault, note, say, tally};
use super::input::{Input, templates};
use crate::diagnostic::human;
use crate::plan::Plan;

#[derive(Debug, Args)]
pub(super) struct Check {
    #[command(flatten)]
    model: ModelArgs,
}

impl Check {
    pub(super) fn run(&self) -> Result<(), Fault> {
        let input = Input::read(&self.model)?;
        let templates = templates(&self.model.overlay)?;
        let (cluster, mut report) = input.parse();
        if let Some(cluster) = &cluster {
            let (checked, found) = input.check(cluster, &self.model);
            report = found;
            // What passes here will render: a fault of a template shows now.
            if let Some(checked) = checked {
                let bundles = templates.bundles(&Plan::new(&checked));
                bundles.map_err(|error| Fault::template(&error, &self.model.overlay))?;
            }
        }
        // A reader that has enough (`| head`) changes nothing about the outcome.
        let printed = say(&human::report(&report, Some(&input.source)));
        let told = if report.is_empty() { "no findings".to_owned() } else { tally(&report) };
        note(&format!("{}: {told}", input.source.name()));
        if report.has_errors() { Err(Fault::Findings) } else { printed }
    }
}
