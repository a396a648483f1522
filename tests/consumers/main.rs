//! What lvsgen writes, read by the programs that will read it.
//!
//! Each trial lays a host's rendered tree over this machine's own root and the unpacked programs of
//! `tests/prepare`, in a mount and a network namespace of its own, and runs the consumer there with
//! the file's real path. What cannot run here is ignored and named, with the reason, at the end.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, clippy::print_stdout)]
#![allow(missing_docs, unreachable_pub)]
#![allow(clippy::disallowed_methods, reason = "tests write where they like")]

mod deliveries;
mod every_file;
mod host;
mod keepalived;
mod monitoring;
#[allow(dead_code, reason = "the properties use the rest")]
#[path = "../it/readers.rs"]
mod readers;
mod trials;

use std::process::ExitCode;

use libtest_mimic::{Arguments, Trial};

fn main() -> ExitCode {
    let arguments = Arguments::from_args();
    let missing = host::missing();
    assert!(
        missing.is_none() || std::env::var_os("CI").is_none(),
        "under CI every consumer has to run: {missing:?}"
    );
    let trials = trials::ALL.iter().map(|(name, run)| {
        let trial = Trial::test(*name, move || run().map_err(Into::into));
        trial.with_ignored_flag(missing.is_some())
    });
    let conclusion = libtest_mimic::run(&arguments, trials.collect());
    if let Some(reason) = missing.filter(|_| !arguments.list) {
        for (name, _) in trials::ALL {
            println!("not run: consumers {name}: {reason}");
        }
    }
    conclusion.exit_code()
}
