//! sysctl.d(5), as systemd-sysctl and `sysctl -p` of procps read it.
//!
//! Both programs write the whole text after `=` to the kernel, including a `#`. Of a parameter with numbers, the kernel reads the numbers
//! and ignores the rest (`proc_dointvec` in `kernel/sysctl.c`).

use super::lines::statements;
use crate::facts::{Fact, Reading, RestKind};

/// Reads `KEY = VALUE` lines. A comment must be on its own line.
pub fn read(text: &str) -> Reading {
    let mut reading = Reading::default();
    for line in statements(text, &['#', ';'], &mut reading) {
        let Some((key, value)) = line.split_once('=') else {
            let kind = if line.text.starts_with('-') { RestKind::Lost } else { RestKind::Refused };
            reading.leave(kind, line.span(), "the line is not `KEY = VALUE`");
            continue;
        };
        let name = key.text.strip_prefix('-').unwrap_or(key.text);
        if name.is_empty() || name.contains(char::is_whitespace) {
            reading.leave(RestKind::Refused, line.span(), "the key is empty or holds a blank");
        } else if value.text.is_empty() {
            reading.leave(RestKind::Refused, line.span(), "the value is missing");
        } else if let Some(at) = value.text.find(['#', ';']) {
            let (number, comment) = (value.text[..at].trim_end(), value.start + at);
            let numbers = !number.is_empty()
                && number.split_ascii_whitespace().all(|one| one.parse::<i64>().is_ok());
            if numbers {
                let fact = Fact::Setting { key: name.to_owned(), value: number.to_owned() };
                reading.fact(fact, line.start..value.start + number.len());
                let reason = "both programs pass the comment to the kernel, which reads the numbers before it";
                reading.leave(RestKind::NoEffect, comment..line.span().end, reason);
            } else {
                let reason = "a comment must be on its own line: here it becomes part of the value";
                reading.leave(RestKind::Refused, line.span(), reason);
            }
        } else {
            let fact = Fact::Setting { key: name.to_owned(), value: value.text.to_owned() };
            reading.fact(fact, line.span());
        }
    }
    reading
}
