//! A table with one line for each file: its kind of change, and the number of changed lines.

use super::{Change, Kind};

/// The length of the longest bar of `+` and `-`, in characters. If a bar would be longer, all bars are scaled.
const BAR: usize = 40;

/// Gives the table. Its last line holds the sums.
pub fn table(changes: &[Change]) -> String {
    if changes.is_empty() {
        return String::new();
    }
    let widest = changes.iter().map(|change| change.path.chars().count()).max().unwrap_or(0);
    let counts: Vec<(usize, usize)> = changes.iter().map(Change::counts).collect();
    let most = counts.iter().map(|(added, removed)| added + removed).max().unwrap_or(0);
    let digits = most.to_string().len();
    let mut text = String::new();
    for (change, (added, removed)) in changes.iter().zip(&counts) {
        let (path, sum) = (&change.path, added + removed);
        let bar = "+".repeat(scaled(*added, most)) + &"-".repeat(scaled(*removed, most));
        let mut more: Vec<String> = change.remarks();
        if change.kind() != Kind::Changed {
            more.insert(0, change.kind().as_str().to_owned());
        }
        let more = if more.is_empty() { more.join("") } else { format!(" ({})", more.join(", ")) };
        let line = format!(" {path:widest$} | {sum:digits$} {bar}{more}");
        text += line.trim_end();
        text.push('\n');
    }
    text + &sum(changes, &counts)
}

/// The number of signs in a bar for a number of lines. If the longest bar fits, a bar has one sign for each
/// line. Otherwise all bars are scaled, and a number above 0 gets at least one sign.
fn scaled(lines: usize, most: usize) -> usize {
    if most <= BAR { lines } else { (lines * BAR).div_ceil(most) }
}

fn sum(changes: &[Change], counts: &[(usize, usize)]) -> String {
    let lines = counts.iter().fold((0, 0), |sum, one| (sum.0 + one.0, sum.1 + one.1));
    format!(" {}; {} lines added, {} lines removed\n", files(changes), lines.0, lines.1)
}

/// Counts the files of each kind: "3 files added, 1 changed".
pub fn files<'a>(changes: impl IntoIterator<Item = &'a Change>) -> String {
    let kinds = [Kind::Added, Kind::Changed, Kind::Removed];
    let all: Vec<Kind> = changes.into_iter().map(Change::kind).collect();
    let count = |kind: Kind| all.iter().filter(|one| **one == kind).count();
    let counts = kinds.map(|kind| (count(kind), kind.as_str()));
    let mut counts = counts.into_iter().filter(|(count, _)| *count > 0);
    let first = counts.next().map(|(count, what)| {
        let plural = if count == 1 { "" } else { "s" };
        format!("{count} file{plural} {what}")
    });
    let rest = counts.map(|(count, what)| format!(", {count} {what}"));
    first.into_iter().chain(rest).collect()
}

/// Only the paths, one per line.
pub fn names(changes: &[Change]) -> String {
    changes.iter().map(|change| format!("{}\n", change.path)).collect()
}
