//! The errors that end a command, their messages, and their exit codes.

use std::io::{self, Write as _};
use std::panic::{self, PanicHookInfo};
use std::process::ExitCode;

use super::OverlayArgs;
use crate::diagnostic::{Report, Severity, human};
use crate::model::shape;
use crate::output::OutputError;
use crate::pipeline::PipelineError;
use crate::source::Source;

/// The reason why a command failed or stopped early.
#[derive(Debug)]
pub(super) enum Fault {
    /// The command found mistakes and has already printed the findings.
    Findings,
    /// The command cannot do its work, because of an argument, an input, or an error of the system.
    Usage {
        /// The mistake.
        message: String,
        /// The remedy.
        help: Option<String>,
    },
    /// A fault of lvsgen itself.
    Internal(String),
    /// The reader closed the pipe of the output (`| head`).
    ClosedPipe,
}

impl Fault {
    pub(super) fn usage(message: impl Into<String>) -> Self {
        Self::Usage { message: message.into(), help: None }
    }

    pub(super) fn helped(message: impl Into<String>, help: impl Into<String>) -> Self {
        Self::Usage { message: message.into(), help: Some(help.into()) }
    }

    /// The text of the fault. Another message can quote this text.
    pub(super) fn why(&self) -> String {
        match self {
            Self::Usage { message, .. } | Self::Internal(message) => message.clone(),
            Self::Findings | Self::ClosedPipe => String::new(),
        }
    }

    /// Makes a fault from an error in a template or a profile. If the user gave profiles or templates, it is a
    /// usage fault. If not, it is a fault of lvsgen itself.
    pub(super) fn pipeline(error: PipelineError, overlay: &OverlayArgs) -> Self {
        let message = match error {
            PipelineError::Mismatches(mismatches) => {
                let each: Vec<String> = mismatches.iter().map(ToString::to_string).collect();
                format!("a rendered file is wrong: {}", each.join("\nerror: "))
            }
            other => other.to_string(),
        };
        if overlay.profiles.is_none() && overlay.templates.is_none() {
            return Self::Internal(message);
        }
        Self::helped(message, "the cause is a profile or a template of your own")
    }

    /// Prints the message and gives the exit code.
    pub(super) fn report(self) -> ExitCode {
        let mut stderr = anstream::stderr().lock();
        // An error is ignored: nobody reads a closed stderr.
        let (code, _) = match self {
            Self::ClosedPipe => (0, Ok(())),
            Self::Findings => (1, Ok(())),
            Self::Usage { message, help } => {
                let help = help.map(|help| format!("\nhelp: {help}")).unwrap_or_default();
                (2, writeln!(stderr, "error: {message}{help}"))
            }
            Self::Internal(message) => {
                (INTERNAL, writeln!(stderr, "error: {message}\n{REPORT_IT}"))
            }
        };
        ExitCode::from(code)
    }
}

/// The exit code of a fault of lvsgen (sysexits(3), `EX_SOFTWARE`).
const INTERNAL: u8 = 70;

const REPORT_IT: &str = "help: this is a fault of lvsgen: please report it";

/// Runs a command. If the command panics, this function prints the place of the panic, and asks the user to
/// report the panic. The exit code is then 70.
pub(super) fn guard(command: impl FnOnce() -> ExitCode + panic::UnwindSafe) -> ExitCode {
    panic::set_hook(Box::new(|info: &PanicHookInfo<'_>| {
        let payload = info.payload();
        let why = payload.downcast_ref::<String>().map(String::as_str);
        let why = why.or_else(|| payload.downcast_ref::<&str>().copied()).unwrap_or("a panic");
        let place = info.location().map(|place| format!(" ({place})")).unwrap_or_default();
        note(&format!("error: {why}{place}\n{REPORT_IT}"));
    }));
    panic::catch_unwind(command).unwrap_or_else(|_| ExitCode::from(INTERNAL))
}

impl From<io::Error> for Fault {
    fn from(error: io::Error) -> Self {
        match error.kind() {
            io::ErrorKind::BrokenPipe => Self::ClosedPipe,
            _ => Self::usage(format!("cannot print: {error}")),
        }
    }
}

impl From<serde_json::Error> for Fault {
    fn from(error: serde_json::Error) -> Self {
        Self::Internal(format!("cannot print as JSON: {error}"))
    }
}

impl From<OutputError> for Fault {
    fn from(error: OutputError) -> Self {
        match error {
            OutputError::Refused(findings) => {
                let mut report = Report::default();
                report.extend(findings);
                print_report(&report, None);
                Self::Findings
            }
            OutputError::ForeignDirectory(_) => Self::helped(
                error.to_string(),
                "name an empty or a new directory with `-o`, or write to this directory with `--force`",
            ),
            OutputError::OtherCluster { .. } => Self::helped(
                error.to_string(),
                "name another directory with `-o`, or replace the cluster in it with `--force`",
            ),
            OutputError::InTheWay { .. } => {
                Self::helped(error.to_string(), "move the file away, and render again")
            }
            OutputError::Busy(_) => Self::helped(error.to_string(), "run the command again"),
            OutputError::Newer { .. } => Self::helped(
                error.to_string(),
                "use the newer lvsgen, or render to another directory with `-o`",
            ),
            OutputError::Manifest { .. } => Self::helped(
                error.to_string(),
                "restore the file from Git, or remove the file and render with `--force`",
            ),
            other => Self::usage(other.to_string()),
        }
    }
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

/// Prints a message to stderr. An error is ignored: a closed stderr does not stop the command.
pub(super) fn note(text: &str) {
    let _ = writeln!(anstream::stderr().lock(), "{text}");
}

/// Prints findings to stderr.
pub(super) fn print_report(report: &Report, source: Option<&Source>) {
    if !report.is_empty() {
        note(human::report(report, source).trim_end_matches('\n'));
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
    format!("{counts}; `lvsgen explain CODE` explains each{then}")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    #[allow(clippy::panic, reason = "the panic is the subject of the test")]
    fn a_panic_ends_with_exit_code_70() {
        let code = guard(|| panic!("an invariant of the test does not hold"));
        assert_eq!(format!("{code:?}"), format!("{:?}", ExitCode::from(70)));
        let _ = panic::take_hook();
    }
}
