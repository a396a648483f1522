//! The program. It only calls the library's `cli`.

use std::process::ExitCode;

fn main() -> ExitCode {
    lvsgen::cli::run()
}
