//! modules-load.d(5).

use super::lines::statements;
use crate::facts::{Fact, Reading, RestKind};

/// Reads one module name a line.
pub fn read(text: &str) -> Reading {
    let mut reading = Reading::default();
    for line in statements(text, &['#', ';'], &mut reading) {
        if line.text.contains(char::is_whitespace) {
            reading.leave(RestKind::Refused, line.span(), "a line is the name of one module");
        } else {
            reading.fact(Fact::Module(line.text.to_owned()), line.span());
        }
    }
    reading
}
