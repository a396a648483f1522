//! A file as a host has it, beside what lvsgen would install there.

use super::{Change, Side};
use crate::artifact::{Artifact, BLOCK_BEGIN, BLOCK_END};

/// Says what installing an artifact would change. Of a file that is shared with the administrator, only
/// lvsgen's block counts, and the mode; it may be anybody's.
pub fn change(artifact: &Artifact, found: Option<Side>) -> Option<Change> {
    let root = Some((0, 0));
    let after = match &found {
        Some(before) if artifact.shared => Side {
            mode: artifact.mode,
            owner: before.owner,
            contents: with_block(&before.contents, artifact)?,
        },
        _ => Side { mode: artifact.mode, owner: root, contents: artifact.contents.to_string() },
    };
    let path = artifact.path.trim_start_matches('/').to_owned();
    (found.as_ref() != Some(&after)).then_some(Change {
        path,
        before: found,
        after: Some(after),
        by_hand: false,
    })
}

/// A shared file with lvsgen's block where it is, or else before the last `exit 0`, as the playbooks
/// put it there.
fn with_block(text: &str, artifact: &Artifact) -> Option<String> {
    let block = format!("{BLOCK_BEGIN}\n{}{BLOCK_END}\n", artifact.block()?);
    let lines: Vec<&str> = text.split_inclusive('\n').collect();
    let begin = lines.iter().position(|line| line.trim_end() == BLOCK_BEGIN);
    let end = lines.iter().position(|line| line.trim_end() == BLOCK_END);
    let (from, to) = match (begin, end) {
        (Some(begin), Some(end)) if begin < end => (begin, end + 1),
        _ => {
            let exit = lines.iter().rposition(|line| line.starts_with("exit 0"));
            let at = exit.unwrap_or(lines.len());
            (at, at)
        }
    };
    let (before, after) = (lines[..from].concat(), lines[to..].concat());
    let newline = if before.is_empty() || before.ends_with('\n') { "" } else { "\n" };
    Some(format!("{before}{newline}{block}{after}"))
}
