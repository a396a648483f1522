//! modules-load.d(5).

use super::lines::statements;
use crate::facts::{Fact, Reading, RestKind};

/// Reads one module name per line.
pub fn read(text: &str) -> Reading {
    let mut reading = Reading::default();
    for line in statements(text, &['#', ';'], &mut reading) {
        if line.text.contains(char::is_whitespace) {
            reading.leave(RestKind::Refused, line.span(), "the line has more than one name");
        } else {
            reading.fact(Fact::Module(line.text.to_owned()), line.span());
        }
    }
    reading
}
