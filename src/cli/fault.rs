//! What ends a command, how it is told, and its exit code.

use std::io::{self, Write as _};
use std::process::ExitCode;

use super::OverlayArgs;
use crate::diagnostic::{Report, Severity, human};
use crate::model::shape;
use crate::output::OutputError;
use crate::profile::ProfileError;
use crate::proof::Broken;
use crate::render::RenderError;
use crate::source::Source;

/// Why a command did not end well.
#[derive(Debug)]
pub(super) enum Fault {
    /// Findings, which are told already.
    Findings,
    /// Something that the user asked for cannot be: a usage, an input, an answer of the system.
    Usage {
        /// What it is.
        message: String,
        /// What to do.
        help: Option<String>,
    },
    /// A fault of lvsgen itself.
    Internal(String),
    /// Whoever read the output has enough.
    ClosedPipe,
}

impl Fault {
    pub(super) fn usage(message: impl Into<String>) -> Self {
        Self::Usage { message: message.into(), help: None }
    }

    pub(super) fn helped(message: impl Into<String>, help: impl Into<String>) -> Self {
        Self::Usage { message: message.into(), help: Some(help.into()) }
    }

    /// What it says, for a message that tells of it.
    pub(super) fn why(&self) -> String {
        match self {
            Self::Usage { message, .. } | Self::Internal(message) => message.clone(),
            Self::Findings | Self::ClosedPipe => String::new(),
        }
    }

    /// A template's or a profile's fault: the user's where they brought some of their own.
    pub(super) fn template(error: &RenderError, overlay: &OverlayArgs) -> Self {
        Self::ours(&error.to_string(), overlay)
    }

    fn ours(message: &str, overlay: &OverlayArgs) -> Self {
        if overlay.profiles.is_none() && overlay.templates.is_none() {
            return Self::Internal(message.to_owned());
        }
        Self::helped(message, "the cause is a profile or a template of your own")
    }

    /// Broken invariants: like a template's fault.
    pub(super) fn broken(broken: &[Broken], overlay: &OverlayArgs) -> Self {
        let told: Vec<String> = broken.iter().map(ToString::to_string).collect();
        Self::ours(&format!("what was rendered is wrong: {}", told.join("\nerror: ")), overlay)
    }

    /// Tells the user and gives the exit code.
    pub(super) fn tell(self) -> ExitCode {
        let mut stderr = anstream::stderr().lock();
        // A closed stderr leaves nobody to tell.
        let (code, _) = match self {
            Self::ClosedPipe => (0, Ok(())),
            Self::Findings => (1, Ok(())),
            Self::Usage { message, help } => {
                let help = help.map(|help| format!("\nhelp: {help}")).unwrap_or_default();
                (2, writeln!(stderr, "error: {message}{help}"))
            }
            Self::Internal(message) => {
                let help = "this is a fault of lvsgen: please report it";
                (70, writeln!(stderr, "error: {message}\nhelp: {help}"))
            }
        };
        ExitCode::from(code)
    }
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
        Self::Internal(format!("as JSON: {error}"))
    }
}

impl From<ProfileError> for Fault {
    fn from(error: ProfileError) -> Self {
        Self::usage(error.to_string())
    }
}

impl From<OutputError> for Fault {
    fn from(error: OutputError) -> Self {
        match error {
            OutputError::Refused(findings) => {
                let mut report = Report::default();
                report.extend(findings);
                tell_report(&report, None);
                Self::Findings
            }
            OutputError::ForeignDirectory(_) => Self::helped(
                error.to_string(),
                "name an empty or a new directory with `-o`, or take this one with `--force`",
            ),
            OutputError::OtherCluster { .. } => Self::helped(
                error.to_string(),
                "name another directory with `-o`, or give up what is there with `--force`",
            ),
            OutputError::InTheWay { .. } => {
                Self::helped(error.to_string(), "move it away, and render again")
            }
            OutputError::Busy(_) => Self::helped(error.to_string(), "run it again"),
            OutputError::Manifest { .. } => Self::helped(
                error.to_string(),
                "restore it from Git, or remove it and render with `--force`",
            ),
            other => Self::usage(other.to_string()),
        }
    }
}

/// Prints to stdout, where data goes.
pub(super) fn say(text: &str) -> Result<(), Fault> {
    let mut stdout = anstream::stdout().lock();
    stdout.write_all(text.as_bytes())?;
    Ok(stdout.flush()?)
}

/// Prints to stdout what may hold anything, byte for byte: `say` would take what looks like colours
/// out of it where no terminal reads it.
pub(super) fn say_raw(text: &str) -> Result<(), Fault> {
    let mut stdout = anstream::stdout().into_inner().lock();
    stdout.write_all(text.as_bytes())?;
    Ok(stdout.flush()?)
}

/// Prints to stderr, where messages go. A stderr that nobody reads stops no work.
pub(super) fn note(text: &str) {
    let _ = writeln!(anstream::stderr().lock(), "{text}");
}

/// Prints findings to stderr.
pub(super) fn tell_report(report: &Report, source: Option<&Source>) {
    if !report.is_empty() {
        note(human::report(report, source).trim_end_matches('\n'));
        note(&format!("\n{}", tally(report)));
    }
}

/// Gives "2 errors, 1 warning".
pub(super) fn counts(report: &Report) -> String {
    let each = [Severity::Error, Severity::Warning].map(|severity| {
        let count = report.count(severity);
        let plural = if count == 1 { "" } else { "s" };
        (count > 0).then(|| format!("{count} {}{plural}", severity.word()))
    });
    each.into_iter().flatten().collect::<Vec<_>>().join(", ")
}

/// Gives the counts, and where to read on.
pub(super) fn tally(report: &Report) -> String {
    let counts = counts(report);
    let shape = shape::ALL.iter().any(|rule| report.has(rule));
    let then =
        if shape { "\nnote: what the model means is checked once its shape is right" } else { "" };
    format!("{counts}; `lvsgen explain CODE` tells more of each{then}")
}
