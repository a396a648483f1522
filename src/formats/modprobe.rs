//! modprobe.d(5).

use super::lines::statements;
use crate::facts::{Fact, Reading, RestKind};

/// The other commands of modprobe.d(5).
const COMMANDS: [&str; 5] = ["alias", "blacklist", "install", "remove", "softdep"];

/// Reads options of modules, one module on a line.
pub fn read(text: &str) -> Reading {
    let mut reading = Reading::default();
    for line in statements(text, &['#'], &mut reading) {
        let tokens: Vec<&str> = line.tokens().map(|token| token.text).collect();
        match tokens.as_slice() {
            ["options", module, option] => match option.split_once('=') {
                Some((option, value)) => {
                    let fact = Fact::ModuleOption {
                        module: (*module).to_owned(),
                        option: option.to_owned(),
                        value: value.to_owned(),
                    };
                    reading.fact(fact, line.span());
                }
                None => reading.leave(RestKind::Lost, line.span(), "the option has no value"),
            },
            [command, ..] if *command == "options" || COMMANDS.contains(command) => {
                reading.leave(RestKind::Lost, line.span(), "lvsgen does not read this command");
            }
            _ => reading.leave(RestKind::Unknown, line.span(), "modprobe has no such command"),
        }
    }
    reading
}
