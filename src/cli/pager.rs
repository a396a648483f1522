//! Shows a long text in a pager, if stdout is a terminal.

use std::env;
use std::io::{self, Write as _};
use std::process::{Command, Stdio};

use super::fault::Fault;
use super::print::say_raw;

/// Shows a text with the program `$PAGER`, or with less if `PAGER` is not set. Prints the text without a pager
/// if stdout is no terminal, or if `PAGER` is empty or `cat`.
pub(super) fn page(text: &str) -> Result<(), Fault> {
    let wanted = env::var_os("PAGER");
    let none = wanted.as_ref().is_some_and(|pager| pager.is_empty() || pager == "cat");
    if none || !anstream::stdout().is_terminal() {
        return say_raw(text);
    }
    let mut command = match wanted {
        Some(pager) => {
            let mut shell = Command::new("sh");
            shell.arg("-c").arg(pager);
            shell
        }
        None => Command::new("less"),
    };
    if env::var_os("LESS").is_none_or(|options| options.is_empty()) {
        // Git sets the same options. With them, less shows colours, and ends at once if the text fits on the
        // screen.
        command.env("LESS", "FRX");
    }
    let Ok(mut pager) = command.stdin(Stdio::piped()).spawn() else { return say_raw(text) };
    if let Some(mut stdin) = pager.stdin.take() {
        match stdin.write_all(text.as_bytes()) {
            // A broken pipe is no error: the user left the pager early.
            Err(error) if error.kind() != io::ErrorKind::BrokenPipe => return Err(error.into()),
            _ => {}
        }
    }
    // The shell exits with 127 if it does not find the pager.
    if pager.wait()?.code() == Some(127) { say_raw(text) } else { Ok(()) }
}
