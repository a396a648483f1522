//! The targets of a model with statements that nobody has verified.
//!
//! Takes the checked model, and the rendered directory; gives a note. `lvsgen targets NAME` has the statements.

use std::collections::BTreeMap;
use std::path::Path;

use super::left;
use crate::check::Checked;
use crate::diagnostic::quoted;

/// Gives the note. None if every statement is verified. With a directory: only about targets that no host had at the last render into
/// the directory, so that a user reads the note once.
pub(super) fn note(checked: &Checked<'_>, directory: Option<&Path>) -> Option<String> {
    let hosts = checked.resolved().hosts.iter();
    let profiles = hosts.filter_map(|view| view.profile);
    let mut counts: BTreeMap<&str, usize> =
        profiles.map(|one| (one.name.as_str(), one.unverified.len())).collect();
    let before = directory.and_then(|path| left::summary(path, checked.cluster()));
    for host in before.iter().flat_map(|summary| &summary.hosts) {
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
