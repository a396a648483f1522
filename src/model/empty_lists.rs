//! Lists that need an entry: a cluster without directors or services does nothing.
//!
//! They are found in the YAML nodes. The rest of a model, whose only director or service has a fault, is thus still a cluster.

use super::decode;
use crate::diagnostic::Report;
use crate::yaml::{Content, Node};

/// Reports each of the two lists that has no entry.
pub(super) fn report(root: &Node, found: &mut Report) {
    let Content::Mapping(entries) = &root.content else { return };
    for (key, value) in entries {
        let needs_entries = matches!(&key.content, Content::Scalar { text, .. }
            if matches!(text.as_str(), "directors" | "virtual_services"));
        if needs_entries && matches!(&value.content, Content::Sequence(items) if items.is_empty()) {
            decode::empty_list::<()>(value, found);
        }
    }
}
