//! The changes as JSON, for programs.

use serde::Serialize;

use super::meaning::{Statement, Step};
use super::{Change, unified};
use crate::file::Mode;

/// The number of the JSON format.
const FORMAT: u32 = 1;

#[derive(Serialize)]
struct JsonLine<'a> {
    path: &'a str,
    #[serde(skip_serializing_if = "Option::is_none")]
    host: Option<&'a str>,
    change: &'static str,
    #[serde(skip_serializing_if = "Option::is_none")]
    mode: Option<[Mode; 2]>,
    #[serde(skip_serializing_if = "Option::is_none")]
    owner: Option<[(u32, u32); 2]>,
    changed_by_hand: bool,
    lines_added: usize,
    lines_removed: usize,
    diff: String,
}

#[derive(Serialize)]
struct Changes<'a> {
    format: u32,
    changes: Vec<JsonLine<'a>>,
    #[serde(skip_serializing_if = "Option::is_none")]
    unreadable: Option<Vec<Unreadable<'a>>>,
}

#[derive(Serialize)]
struct Unreadable<'a> {
    path: &'a str,
    why: &'a str,
}

#[derive(Serialize)]
struct Meaning<'a> {
    format: u32,
    changes: &'a [Statement],
    while_applied: &'a [Step],
}

/// Gives `{"changes": […]}` with an entry for each file. An entry has `mode` only if the mode changes,
/// and `owner` only if the owner changes. Each of them is a list of the current value and the new value.
///
/// # Errors
/// Fails if JSON cannot hold a value. Such a value is a fault of lvsgen.
pub fn files(changes: &[Change]) -> serde_json::Result<String> {
    pretty(&Changes { format: FORMAT, changes: lines(changes), unreadable: None })
}

/// Gives the same JSON for the files on a host. The list `unreadable` names the files that cannot be
/// read.
///
/// # Errors
/// Fails if JSON cannot hold a value. Such a value is a fault of lvsgen.
pub fn host(changes: &[Change], unreadable: &[(String, String)]) -> serde_json::Result<String> {
    let unreadable = unreadable.iter().map(|(path, why)| Unreadable { path, why });
    pretty(&Changes {
        format: FORMAT,
        changes: lines(changes),
        unreadable: Some(unreadable.collect()),
    })
}

fn lines(changes: &[Change]) -> Vec<JsonLine<'_>> {
    let lines = changes.iter().map(|change| {
        let (lines_added, lines_removed) = change.counts();
        let both = change.before.as_ref().zip(change.after.as_ref());
        let mode = both.map(|(before, after)| [before.mode, after.mode]);
        let owner = both.and_then(|(before, after)| Some([before.owner?, after.owner?]));
        JsonLine {
            path: &change.path,
            host: change.owner.host.as_ref().map(|host| host.as_str()),
            change: change.kind().as_str(),
            mode: mode.filter(|[old, new]| old != new),
            owner: owner.filter(|[old, new]| old != new),
            changed_by_hand: change.by_hand,
            lines_added,
            lines_removed,
            diff: unified::plain(change),
        }
    });
    lines.collect()
}

/// Gives `{"changes": […], "while_applied": […]}` with an entry for each statement and each step.
///
/// # Errors
/// Fails if JSON cannot hold a value. Such a value is a fault of lvsgen.
pub fn meaning(changes: &[Statement], while_applied: &[Step]) -> serde_json::Result<String> {
    pretty(&Meaning { format: FORMAT, changes, while_applied })
}

fn pretty(value: &impl Serialize) -> serde_json::Result<String> {
    Ok(serde_json::to_string_pretty(value)? + "\n")
}
