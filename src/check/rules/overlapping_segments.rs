//! Two segments whose subnets contain the same addresses.

use super::{Check, CheckCx};
use crate::diagnostic::{Finding, Report, Rule, Severity};
use crate::model::{Segment, Subnet};
use crate::source::Located;

pub(super) static CHECK: Check = Check {
    rule: Rule {
        code: "overlapping-segments",
        severity: Severity::Error,
        doc: include_str!("overlapping-segments.md"),
    },
    run,
};

fn run(cx: &CheckCx<'_>, report: &mut Report) {
    for (at, segment) in cx.cluster.segments.iter().enumerate() {
        for before in &cx.cluster.segments[..at] {
            report.extend(overlap(before, segment));
        }
    }
}

fn overlap(first: &Segment, second: &Segment) -> Option<Finding> {
    let overlaps =
        |one: &Subnet, other: &Subnet| one.0.contains(&other.0) || other.0.contains(&one.0);
    let pairs = first.subnet.iter().flat_map(|one| second.subnet.iter().map(move |two| (one, two)));
    let (one, two): (&Located<Subnet>, &Located<Subnet>) =
        pairs.into_iter().find(|(one, two)| overlaps(one, two))?;
    let message = format!(
        "the subnet {} of {} overlaps the subnet {} of {}",
        two.value,
        second.label(),
        one.value,
        first.label()
    );
    let finding = Finding::at(&CHECK.rule, two.span, message);
    Some(finding.related(one.span, first.label()).help(
        "give each segment its own subnet; hosts of one layer 2 are in one segment, also if they have different interfaces",
    ))
}
