//! The part of a model that can be read, although some entries have faults of shape.
//!
//! Takes YAML nodes; gives a [`Cluster`] without the faulty entries. Such a cluster lacks hosts and services, so it is only for checks
//! whose findings do not come from a lack.

use super::decode::Decode as _;
use super::{Cluster, shape};
use crate::diagnostic::{Finding, Report};
use crate::source::Span;
use crate::yaml::{Content, Node};

/// The lists whose entries may be left out. Every other key is about the whole cluster: without it, the rest has another meaning.
const LISTS: [&str; 3] = ["directors", "real_servers", "virtual_services"];

/// The limit of rounds. An entry without a required key leaves in the round after that key.
const ROUNDS: usize = 8;

/// Reads the cluster without its faulty entries. None if a fault lies outside of [`LISTS`], or if nothing is left of a list.
pub(super) fn read(node: &mut Node) -> Option<Cluster> {
    for _ in 0..ROUNDS {
        let mut report = Report::default();
        let cluster = Cluster::decode(node, &mut report);
        if !report.has_errors() {
            return cluster;
        }
        let faults = report.sorted();
        // A fault of an entry that left with another fault has no place any more.
        let left = faults.into_iter().filter(|fault| leave_out(node, fault)).count();
        if left == 0 {
            return None;
        }
    }
    None
}

/// Removes the smallest entry with a fault. Gives whether there was one.
fn leave_out(root: &mut Node, fault: &Finding) -> bool {
    let (Some(place), Content::Mapping(entries)) = (&fault.place, &mut root.content) else {
        return false;
    };
    let place = Place { span: place.span, missing: fault.rule.code == shape::MISSING_KEY.code };
    let unknown = |key: &Node| !place.missing && key.span == place.span;
    if let Some(at) = entries.iter().position(|(key, _)| unknown(key)) {
        entries.remove(at);
        return true;
    }
    entries.iter_mut().any(|(key, value)| {
        let is_list =
            matches!(&key.content, Content::Scalar { text, .. } if LISTS.contains(&text.as_str()));
        is_list && place.remove_from(value)
    })
}

/// The place of a fault. A key that is missing is reported at the first key of its mapping.
struct Place {
    span: Span,
    missing: bool,
}

impl Place {
    fn remove_from(&self, node: &mut Node) -> bool {
        match &mut node.content {
            Content::Scalar { .. } => false,
            Content::Sequence(items) => {
                if items.iter_mut().any(|item| self.remove_from(item)) {
                    return true;
                }
                let found = items.iter().position(|item| self.is_of(item));
                found.map(|at| items.remove(at)).is_some()
            }
            Content::Mapping(entries) => {
                if entries.iter_mut().any(|(_, value)| self.remove_from(value)) {
                    return true;
                }
                let is_it = |(key, value): &(Node, Node)| {
                    !self.missing && key.span == self.span || self.is_of(value)
                };
                let found = entries.iter().position(is_it);
                found.map(|at| entries.remove(at)).is_some()
            }
        }
    }

    /// Whether the fault is about the whole value.
    fn is_of(&self, value: &Node) -> bool {
        match &value.content {
            Content::Mapping(_) => value.anchor() == self.span,
            Content::Scalar { .. } => !self.missing && value.span.contains(self.span),
            Content::Sequence(_) => !self.missing && value.span == self.span,
        }
    }
}
