//! The targets of a model with statements that nobody has verified.
//!
//! Takes the checked model, and the summary in the rendered directory; gives a note. `lvsgen targets NAME` has the statements.

use std::collections::BTreeMap;

use crate::check::Checked;
use crate::diagnostic::quoted;
use crate::summary::Summary;

/// Gives the note. None if every statement is verified. With the summary of the last render: only about targets that no host had then, so
/// that a user reads the note once.
pub(super) fn note(checked: &Checked<'_>, before: Option<&Summary>) -> Option<String> {
    let hosts = checked.resolved().hosts.iter();
    let profiles = hosts.filter_map(|view| view.profile);
    let mut counts: BTreeMap<&str, usize> =
        profiles.map(|one| (one.name.as_str(), one.unverified.len())).collect();
    for host in before.into_iter().flat_map(|summary| &summary.hosts) {
        counts.remove(host.target.as_str());
    }
    counts.retain(|_, count| *count > 0);
    let first = counts.keys().next()?;
    let (count, names) = (counts.values().sum::<usize>(), quoted(counts.keys().copied()));
    let statements = if count == 1 { "1 statement is" } else { &format!("{count} statements are") };
    let help = match counts.len() {
        1 => format!("`lvsgen targets {first}` shows them"),
        _ => "`lvsgen targets NAME` shows them".to_owned(),
    };
    Some(format!("note: {statements} not verified for {names}; {help}"))
}
