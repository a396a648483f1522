//! Lists that need an entry: a cluster without directors or services does nothing.
//!
//! They are found in the YAML nodes. The rest of a model, whose only director or service has a fault, is thus still a cluster.

use super::decode;
use crate::diagnostic::Report;
use crate::yaml::{Content, Node};

/// Reports each of the two lists that has no entry.
pub(super) fn report(root: &Node, found: &mut Report) {
    for (_, key, value) in root.entries() {
        let is_empty = matches!(&value.content, Content::Sequence(items) if items.is_empty());
        if is_empty && matches!(key, "directors" | "virtual_services") {
            decode::empty_list::<()>(value, found);
        }
    }
}
