//! The difference between a file on a host and the file that lvsgen would install there.

use super::{Change, Side};
use crate::delivery::Owner;
use crate::file::{BLOCK_BEGIN, BLOCK_END};
use crate::render::{RenderedDirectory, RenderedFile};

/// Gives the change that an installation of a file would make. In a file that is shared with the
/// administrator, only lvsgen's block and the mode are compared. Such a file may have any owner.
pub fn change(file: &RenderedFile, found: Option<Side>) -> Option<Change> {
    let root = Some((0, 0));
    let after = match &found {
        Some(before) if file.shared => Side {
            mode: file.mode,
            owner: before.owner,
            contents: with_block(&before.contents, file)?,
        },
        _ => Side { mode: file.mode, owner: root, contents: file.contents.to_string() },
    };
    let path = file.path.trim_start_matches('/').to_owned();
    (found.as_ref() != Some(&after)).then_some(Change {
        path,
        owner: Owner::default(),
        before: found,
        after: Some(after),
        by_hand: false,
    })
}

/// Gives the change that an installation of a directory would make.
pub fn directory(wanted: &RenderedDirectory, found: Option<Side>) -> Option<Change> {
    let after = Side { mode: wanted.mode, owner: Some((0, 0)), contents: String::new() };
    let path = format!("{}/", wanted.path.trim_start_matches('/'));
    (found.as_ref() != Some(&after)).then_some(Change {
        path,
        owner: Owner::default(),
        before: found,
        after: Some(after),
        by_hand: false,
    })
}

/// The text of a shared file after an installation, as the playbooks write it. The new block replaces the
/// last block of the file. If there is no block, the new block comes before the last `exit 0`, or at the
/// end. All other blocks are removed, because the host would run every block.
fn with_block(text: &str, file: &RenderedFile) -> Option<String> {
    let block = format!("{BLOCK_BEGIN}\n{}{BLOCK_END}\n", file.block()?);
    let mut lines: Vec<&str> = text.split_inclusive('\n').collect();
    let mut at = None;
    while let Some((begin, end)) = last_block(&lines) {
        // The loop first finds the last block of the file. The new block gets the place of this block.
        let gone = end + 1 - begin;
        at = Some(at.map_or(begin, |at| at - gone));
        lines.drain(begin..=end);
    }
    let exit = || lines.iter().rposition(|line| line.starts_with("exit 0"));
    let at = at.or_else(exit).unwrap_or(lines.len());
    let (before, after) = (lines[..at].concat(), lines[at..].concat());
    let newline = if before.is_empty() || before.ends_with('\n') { "" } else { "\n" };
    Some(format!("{before}{newline}{block}{after}"))
}

/// The first and the last line of the last block.
fn last_block(lines: &[&str]) -> Option<(usize, usize)> {
    let begin = lines.iter().rposition(|line| line.trim_end() == BLOCK_BEGIN)?;
    let end = lines[begin..].iter().position(|line| line.trim_end() == BLOCK_END)?;
    Some((begin, begin + end))
}
