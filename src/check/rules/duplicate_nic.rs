//! Two entries of `nics` with one segment or with one name.

use super::{Check, CheckCx};
use crate::diagnostic::{Finding, Report, Rule, Severity};
use crate::model::{Host, Nic};
use crate::source::Span;

pub(super) static CHECK: Check = Check {
    rule: Rule {
        code: "duplicate-nic",
        severity: Severity::Error,
        doc: include_str!("duplicate-nic.md"),
    },
    run,
};

fn run(cx: &CheckCx<'_>, report: &mut Report) {
    for host in cx.cluster.hosts() {
        for (at, nic) in host.nics.iter().enumerate() {
            let before = host.nics[..at].iter();
            report.extend(before.filter_map(|other| twice(cx, host, other, nic)).next());
        }
    }
}

/// A finding if two NICs are in one segment, or have one name.
fn twice(cx: &CheckCx<'_>, host: &Host, first: &Nic, second: &Nic) -> Option<Finding> {
    let segment = cx.cluster.segment_of(second);
    let (own, other) = (cx.cluster.interface_of(first), cx.cluster.interface_of(second));
    let name = &host.name.value;
    // A NIC outside of all segments has no name but its own. The rule `address-outside-subnet` reports the NIC.
    let known = |nic: &Nic| nic.interface.is_some() || cx.cluster.segment_of(nic).is_some();
    let (message, help) = if segment.is_some() && cx.cluster.segment_of(first) == segment {
        let message = format!("two NICs of `{name}` are in one segment");
        (message, "keep one of them: with two, the kernel answers ARP requests on both")
    } else if own.name.value == other.name.value && known(first) && known(second) {
        let message = format!("two NICs of `{name}` have the name `{}`", own.name.value);
        (message, "give the second NIC its own `interface`")
    } else {
        return None;
    };
    let finding = Finding::at(&CHECK.rule, span(second), message);
    Some(finding.related(span(first), "the first NIC").help(help))
}

fn span(nic: &Nic) -> Span {
    nic.address.iter().next().expect("a NIC has an address").span
}
