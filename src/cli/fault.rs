//! The errors that end a command, their messages, and their exit codes.
//!
//! Takes the errors of all modules; gives a message on stderr and an exit code.

use std::io::{self, Write as _};
use std::panic::{self, PanicHookInfo};
use std::process::ExitCode;

use super::OverlayArgs;
use super::input::EXAMPLE_CLUSTER;
use super::print::{complain, print_report};
use crate::diagnostic::Report;
use crate::output::OutputError;
use crate::pipeline::PipelineError;

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
        complain(&format!("error: {why}{place}\n{REPORT_IT}"));
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
            OutputError::OtherCluster { ref name, .. } if name == EXAMPLE_CLUSTER => Self::helped(
                error.to_string(),
                "a render without a model writes the built-in example: replace the example with `--force`, \
                 or name another directory with `-o`",
            ),
            OutputError::OtherCluster { .. } => Self::helped(
                error.to_string(),
                "name another directory with `-o`, or replace the cluster in it with `--force`",
            ),
            OutputError::NoWayBack(_) => Self::helped(
                error.to_string(),
                "write the path without this directory and the `..`",
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
