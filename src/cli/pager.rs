//! Shows a long text a page at a time, where somebody looks.

use std::env;
use std::io::{self, Write as _};
use std::process::{Command, Stdio};

use super::fault::{Fault, say_raw};

/// Prints through `$PAGER` (less, where it is not set) on a terminal, and as it is otherwise. An empty
/// `PAGER` and `cat` stand for none.
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
        // As git sets it: colours as they are, and no paging of what fits the screen.
        command.env("LESS", "FRX");
    }
    let Ok(mut pager) = command.stdin(Stdio::piped()).spawn() else { return say_raw(text) };
    if let Some(mut stdin) = pager.stdin.take() {
        match stdin.write_all(text.as_bytes()) {
            // Who leaves the pager early has seen enough.
            Err(error) if error.kind() != io::ErrorKind::BrokenPipe => return Err(error.into()),
            _ => {}
        }
    }
    // A shell that does not find its command says so by 127.
    if pager.wait()?.code() == Some(127) { say_raw(text) } else { Ok(()) }
}
