//! The part of a model that can be read, although some entries have faults of shape.
//!
//! Takes YAML nodes; gives a [`Cluster`] without the hosts and services that have faults. Such a cluster is only for checks whose findings
//! do not come from a lack.

use std::collections::BTreeSet;

use super::decode::Decode as _;
use super::{Cluster, shape};
use crate::diagnostic::{Finding, Report};
use crate::source::Span;
use crate::yaml::{Content, Node};

/// The lists whose entries may be left out. Every other key is about the whole cluster: without it, the rest has another meaning.
const LISTS: [&str; 3] = ["directors", "real_servers", "virtual_services"];

/// Reads the cluster without its faulty entries. An entry leaves as a whole: without one of its keys, it would have another meaning. None if a
/// fault is about the whole cluster. A list may be empty.
pub(super) fn read(node: &mut Node) -> Option<Cluster> {
    let mut report = Report::default();
    Cluster::decode(node, &mut report);
    leave_out(node, &report.sorted())?;
    let mut report = Report::default();
    Cluster::decode(node, &mut report).filter(|_| !report.has_errors())
}

/// Removes the entries with faults. None if a fault is in no entry.
fn leave_out(root: &mut Node, faults: &[&Finding]) -> Option<()> {
    let Content::Mapping(entries) = &mut root.content else { return None };
    let start = |fault: &&Finding| fault.place.as_ref().map(|place| place.span.start);
    let unknown = faults.iter().filter(|fault| fault.rule.code == shape::UNKNOWN_KEY.code);
    let unknown: BTreeSet<usize> = unknown.filter_map(start).collect();
    let all: BTreeSet<usize> = faults.iter().filter_map(start).collect();
    let mut found = BTreeSet::new();
    // A key of the cluster that lvsgen does not know has no effect.
    entries.retain(|(key, _)| {
        let leaves = unknown.contains(&key.span.start);
        found.extend(leaves.then_some(key.span.start));
        !leaves
    });
    for (key, value) in entries {
        let name = |text: &String| LISTS.contains(&text.as_str());
        let is_list = matches!(&key.content, Content::Scalar { text, .. } if name(text));
        if let Content::Sequence(items) = &mut value.content
            && is_list
        {
            items.retain(|item| {
                let Span { start, end } = extent(item);
                found.extend(all.range(start..=end));
                all.range(start..=end).next().is_none()
            });
        }
    }
    (found == all).then_some(())
}

/// The place of a value with all its keys and values.
fn extent(node: &Node) -> Span {
    let join = |one: Span, other: Span| Span {
        start: one.start.min(other.start),
        end: one.end.max(other.end),
    };
    match &node.content {
        Content::Scalar { .. } => node.span,
        // The place of a list ends where the next value begins.
        Content::Sequence(items) => {
            let start = Span { start: node.span.start, end: node.span.start };
            items.iter().map(extent).fold(start, join)
        }
        Content::Mapping(entries) => entries
            .iter()
            .map(|(key, value)| join(key.span, extent(value)))
            .fold(node.anchor(), join),
    }
}
