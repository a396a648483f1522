//! The difference between a file on a host and the file that lvsgen would install there.

use super::{Change, Side};
use crate::delivery::Owner;
use crate::file::Markers;
use crate::render::{RenderedDirectory, RenderedFile};
use crate::secret;

/// Gives the change that an installation of a file would make. In a file that is shared with the
/// administrator, only lvsgen's block and the mode are compared. Such a file may have any owner.
pub fn change(file: &RenderedFile, markers: &Markers, found: Option<Side>) -> Option<Change> {
    let root = Some((0, 0));
    let found = found.map(|side| {
        // The host has the values: the comparison neither sees nor shows a value.
        let contents = secret::hide(&side.contents, &file.contents);
        Side { contents, ..side }
    });
    let after = match &found {
        Some(before) if file.is_shared() => Side {
            mode: file.mode,
            owner: before.owner,
            contents: with_block(&before.contents, file.own_part(), markers),
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

/// The text of a shared file after an installation, as `converge.sh` writes it. The new block replaces the
/// cluster's last block of the file. If there is no block, the new block comes before the last `exit 0`, or at the
/// end. All other blocks of the cluster are removed, because the host would run every block.
fn with_block(text: &str, block: &str, markers: &Markers) -> String {
    let mut lines: Vec<&str> = text.split_inclusive('\n').collect();
    let mut at = None;
    while let Some(found) = markers.last_block(&lines) {
        // The loop first finds the last block of the file. The new block gets the place of this block.
        at = Some(at.map_or(*found.start(), |at| at - found.clone().count()));
        lines.drain(found);
    }
    let exit = || lines.iter().rposition(|line| line.starts_with("exit 0"));
    let at = at.or_else(exit).unwrap_or(lines.len());
    let (before, after) = (lines[..at].concat(), lines[at..].concat());
    let newline = if before.is_empty() || before.ends_with('\n') { "" } else { "\n" };
    format!("{before}{newline}{block}{after}")
}
