//! Prints data to stdout, and messages to stderr.
//!
//! Takes texts and reports, and the options for the output of all commands; gives nothing.

use std::io::Write as _;
use std::os::fd::AsFd;
use std::sync::OnceLock;

use clap::{Args, ColorChoice};
use terminal_size::terminal_size_of;

use super::fault::Fault;
use crate::diagnostic::human::{self, View};
use crate::diagnostic::{Report, Severity};
use crate::model::shape;
use crate::source::Source;

/// The options for the output of all commands.
#[derive(Debug, Args)]
#[command(next_help_heading = "Output")]
pub(super) struct PrintArgs {
    /// Print no notes and no summary, only data and errors
    #[arg(short, long, global = true, conflicts_with = "verbose")]
    quiet: bool,
    /// Print every finding in full, and every file that a render changes
    #[arg(short, long, global = true)]
    verbose: bool,
    /// Whether to use colors; `auto` uses them on a terminal without `NO_COLOR`
    #[arg(long, global = true, value_name = "WHEN", value_enum, default_value_t)]
    color: ColorChoice,
}

/// The amount of the output.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Amount {
    Quiet,
    Normal,
    Verbose,
}

static AMOUNT: OnceLock<Amount> = OnceLock::new();

impl PrintArgs {
    /// Puts the options in force for this process.
    pub(super) fn apply(&self) {
        let amount = match (self.quiet, self.verbose) {
            (true, _) => Amount::Quiet,
            (_, true) => Amount::Verbose,
            _ => Amount::Normal,
        };
        AMOUNT.get_or_init(|| amount);
        match self.color {
            ColorChoice::Auto => anstream::ColorChoice::Auto,
            ColorChoice::Always => anstream::ColorChoice::Always,
            ColorChoice::Never => anstream::ColorChoice::Never,
        }
        .write_global();
    }
}

fn amount() -> Amount {
    AMOUNT.get().copied().unwrap_or(Amount::Normal)
}

/// Whether the user asked for everything.
pub(super) fn verbose() -> bool {
    amount() == Amount::Verbose
}

/// Whether the user asked for errors alone.
pub(super) fn quiet() -> bool {
    amount() == Amount::Quiet
}

/// Gives the findings for people, for a stream. A file gets the same bytes, whatever the width of the terminal is.
pub(super) fn findings(report: &Report, source: Option<&Source>, stream: impl AsFd) -> String {
    let view = if verbose() { View::Whole } else { View::Folded };
    human::report(report, source, view, columns_of(stream).unwrap_or(human::WIDTH))
}

/// The number of columns of a stream that is a terminal.
pub(super) fn columns_of(stream: impl AsFd) -> Option<usize> {
    terminal_size_of(stream).map(|(width, _)| usize::from(width.0))
}

/// Prints data to stdout.
pub(super) fn say(text: &str) -> Result<(), Fault> {
    let mut stdout = anstream::stdout().lock();
    stdout.write_all(text.as_bytes())?;
    Ok(stdout.flush()?)
}

/// Prints a text to stdout, and changes no byte of it. If stdout is no terminal, `say` removes the parts of a text
/// that look like codes of colours.
pub(super) fn say_raw(text: &str) -> Result<(), Fault> {
    let mut stdout = anstream::stdout().into_inner().lock();
    stdout.write_all(text.as_bytes())?;
    Ok(stdout.flush()?)
}

/// Prints a message to stderr, unless `--quiet` is given.
pub(super) fn note(text: &str) {
    if !quiet() {
        complain(text);
    }
}

/// Prints an error to stderr. A closed stderr does not stop the command.
pub(super) fn complain(text: &str) {
    let _ = writeln!(anstream::stderr().lock(), "{text}");
}

/// Prints findings to stderr.
pub(super) fn print_report(report: &Report, source: Option<&Source>) {
    if !report.is_empty() {
        let stderr = anstream::stderr().into_inner();
        complain(findings(report, source, stderr).trim_end_matches('\n'));
        note(&format!("\n{}", tally(report)));
    }
}

/// Gives the numbers of errors and warnings: "2 errors, 1 warning".
pub(super) fn counts(report: &Report) -> String {
    let each = [Severity::Error, Severity::Warning, Severity::Note].map(|severity| {
        let count = report.count(severity);
        let plural = if count == 1 { "" } else { "s" };
        (count > 0).then(|| format!("{count} {}{plural}", severity.word()))
    });
    each.into_iter().flatten().collect::<Vec<_>>().join(", ")
}

/// Gives the counts, and the command that explains the findings.
pub(super) fn tally(report: &Report) -> String {
    let counts = counts(report);
    let shape = shape::ALL.iter().any(|rule| report.has(rule));
    let then =
        if shape { "\nnote: fix these errors first: lvsgen then checks the rest" } else { "" };
    let short = report.has_errors() && report.count(Severity::Error) < report.len() && !verbose();
    let more = if short { ", `--verbose` shows the warnings in full" } else { "" };
    format!("{counts}; `lvsgen explain CODE` explains each{more}{then}")
}
