//! A shell script of plain commands, for example rc.local. Each line holds one command.

use super::ip_command::{self, Effect};
use super::lines::lines;
use crate::facts::{Reading, RestKind};

/// Reads a script. The kernel starts a script only if the file begins with `#!`.
pub fn read(text: &str) -> Reading {
    let mut reading = Reading::default();
    for (at, line) in lines(text).enumerate() {
        let interpreter = line.text.starts_with("#!") && line.start == 0;
        match (at, line.text.starts_with('#')) {
            (0, true) if interpreter => {
                reading.leave(RestKind::Unused, line.span(), "the interpreter");
            }
            (0, _) => {
                let reason =
                    "a script must begin with `#!`, or else the kernel does not run the script";
                reading.leave(RestKind::Refused, line.span(), reason);
            }
            (_, true) => reading.comments.push(line.span()),
            _ => match ip_command::read(line.text) {
                Effect::Fact(fact) => reading.fact(fact, line.span()),
                Effect::Rest(kind, reason) => reading.leave(kind, line.span(), reason),
            },
        }
    }
    reading
}
