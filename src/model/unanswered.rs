//! Values that `lvsgen import` could not find: the word `UNKNOWN` in the place of a value.
//!
//! They are found in the YAML nodes, so that no type of the model has to know them.

use super::shape;
use crate::diagnostic::{Finding, Report};
use crate::yaml::{Content, Node};

/// The word for a value that a person must give.
pub const UNKNOWN: &str = "UNKNOWN";

/// Reports each value that is not answered. Gives whether there is one.
pub(super) fn report(node: &Node, found: &mut Report) -> bool {
    let mut waiting = vec![(node, String::new())];
    let mut any = false;
    while let Some((node, path)) = waiting.pop() {
        match &node.content {
            Content::Scalar { text, quoted: false } if text == UNKNOWN => {
                any = true;
                let message = format!("`{path}` is not answered");
                let help =
                    "write the value in the place of `UNKNOWN`; no file that was imported shows it";
                found.add(Finding::at(&shape::NEEDS_ANSWER, node.span, message).help(help));
            }
            Content::Scalar { .. } => {}
            Content::Sequence(items) => {
                waiting.extend(items.iter().map(|item| (item, path.clone())));
            }
            Content::Mapping(entries) => {
                let keys = entries.iter().filter_map(|(key, value)| match &key.content {
                    Content::Scalar { text, .. } if path.is_empty() => Some((value, text.clone())),
                    Content::Scalar { text, .. } => Some((value, format!("{path}.{text}"))),
                    _ => None,
                });
                waiting.extend(keys);
            }
        }
    }
    any
}
