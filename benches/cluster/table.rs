//! Numbers as a table shows them.

use std::time::Duration;

/// A time in milliseconds.
pub fn millis(time: Duration) -> String {
    let millis = time.as_secs_f64() * 1000.0;
    if millis < 100.0 { format!("{millis:.2}") } else { format!("{millis:.0}") }
}

/// How many times as long something took.
pub fn ratio(one: Duration, other: Duration) -> String {
    format!("{:.2}", one.as_secs_f64() / other.as_secs_f64())
}

/// A row of times by size, with its growth from the last but one to the last.
pub fn line(name: &str, times: &[Duration]) -> String {
    let cells: Vec<String> = times.iter().map(|time| millis(*time)).collect();
    let growth = match times {
        [.., before, last] => last.as_secs_f64() / before.as_secs_f64(),
        _ => 0.0,
    };
    format!("| {name} | {} | {growth:.1} |", cells.join(" | "))
}
