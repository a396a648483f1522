//! `lvsgen check`: tells everything that is wrong with a model.

use clap::Args;

use super::ModelArgs;
use super::fault::{Fault, note, say, tally};
use super::input::Input;
use crate::diagnostic::human;

#[derive(Debug, Args)]
pub(super) struct Check {
    #[command(flatten)]
    model: ModelArgs,
}

impl Check {
    pub(super) fn run(&self) -> Result<(), Fault> {
        let input = Input::read(&self.model)?;
        let (cluster, mut report) = input.parse();
        if let Some(cluster) = &cluster {
            report = input.check(cluster, &self.model).1;
        }
        say(&human::report(&report, Some(&input.source)))?;
        let name = input.source.name();
        match (report.is_empty(), report.has_errors()) {
            (true, _) => note(&format!("{name}: no findings")),
            (false, false) => note(&format!("{name}: {}", tally(&report))),
            (false, true) => {
                note(&format!("{name}: {}", tally(&report)))?;
                Err(Fault::Findings)
            }
        }
    }
}
