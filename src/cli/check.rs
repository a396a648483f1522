//! `lvsgen check`: reports every mistake in a model.

use clap::{Args, ValueEnum};

use super::fault::Fault;
use super::input::{Input, WithoutModel};
use super::print::{findings, note, say, tally};
use super::{ModelArgs, former, unverified};
use crate::check;
use crate::diagnostic::{Report, did_you_mean, github, json, sarif};
use crate::source::Source;

#[derive(Debug, Args)]
#[command(
    after_help = "Examples:\n  lvsgen check                                  # cluster.yaml in this folder\n  lvsgen check --deny warnings --format github  # in a CI job"
)]
pub(super) struct CheckArgs {
    #[command(flatten)]
    model: ModelArgs,
    /// The format of the findings
    #[arg(long, value_enum, default_value_t)]
    format: FindingsFormat,
    /// Exit with 1 even if all findings are warnings
    #[arg(long, value_name = "SEVERITY")]
    deny: Option<Deny>,
    /// Do not report the warnings with this code; repeat the option for more codes. To record a reason, use
    /// `allow` in the model instead
    #[arg(long = "allow", value_name = "CODE", value_parser = warning)]
    allowed: Vec<&'static str>,
    #[arg(long, short, hide = true)]
    output: Option<String>,
}

/// The format of the findings.
#[derive(Clone, Copy, Debug, Default, ValueEnum)]
enum FindingsFormat {
    /// For people, with the lines of the model
    #[default]
    Human,
    /// For programs
    Json,
    /// For code hosts and editors: SARIF 2.1.0
    Sarif,
    /// For GitHub Actions: workflow commands
    Github,
}

#[derive(Clone, Copy, Debug, ValueEnum)]
enum Deny {
    Warnings,
}

/// Parses the value of `--allow`: the code of a check whose findings are warnings.
fn warning(written: &str) -> Result<&'static str, String> {
    let mut warnings = check::allowable();
    let codes = warnings.clone().map(|rule| rule.code);
    warnings.find(|rule| rule.code == written).map(|rule| rule.code).ok_or_else(|| {
        did_you_mean(written, codes).unwrap_or_else(|| "this is not the code of a warning".into())
    })
}

impl CheckArgs {
    pub(super) fn run(&self) -> Result<(), Fault> {
        former::refuse(self.output.as_ref(), "--output", "--format")?;
        let input = Input::read(&self.model, WithoutModel::Refuse)?;
        let (cluster, mut report) = input.parse();
        let mut unverified = None;
        if let Some(cluster) = &cluster {
            let (checked, found) = input.pipeline.check(cluster, self.model.target.as_ref());
            report = found;
            // Render too, so that `check` reports the faults of templates: a model that passes `check` also renders.
            if let Some(checked) = checked {
                input.render(&checked, &self.model.overlay)?;
                unverified = unverified::note(&checked, None);
            }
        }
        for code in &self.allowed {
            report.allow(code, None, "allowed on the command line");
        }
        // If the reader closes stdout early (`| head`), the exit code stays the same.
        let printed = say(&self.print(&report, &input.source)?);
        if let Err(Fault::Usage { .. } | Fault::Internal(_)) = printed {
            return printed;
        }
        let allowed = match report.allowed().len() {
            0 => String::new(),
            count => format!(" ({count} allowed)"),
        };
        let counts = if report.is_empty() { "no findings".to_owned() } else { tally(&report) };
        unverified.iter().for_each(|unverified| note(unverified));
        note(&format!("{}: {counts}{allowed}", input.source.name()));
        let denied = self.deny.is_some() && !report.is_empty();
        if report.has_errors() || denied { Err(Fault::Findings) } else { printed }
    }

    fn print(&self, report: &Report, source: &Source) -> Result<String, Fault> {
        Ok(match self.format {
            FindingsFormat::Human => {
                findings(report, Some(source), anstream::stdout().into_inner())
            }
            FindingsFormat::Json => json::report(report, source)
                .map_err(|error| Fault::Internal(format!("cannot print as JSON: {error}")))?,
            FindingsFormat::Sarif => sarif::report(report, source, &check::rules()),
            FindingsFormat::Github => github::report(report, source),
        })
    }
}
