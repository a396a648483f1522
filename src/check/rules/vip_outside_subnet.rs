//! A VIP outside of the cluster's subnet.

use std::collections::BTreeSet;

use super::{Check, CheckCx};
use crate::diagnostic::{Finding, Report, Rule, Severity};

pub(super) static CHECK: Check = Check {
    rule: Rule {
        code: "vip-outside-subnet",
        severity: Severity::Warning,
        doc: include_str!("vip-outside-subnet.md"),
    },
    run,
};

fn run(cx: &CheckCx<'_>, report: &mut Report) {
    let mut reported = BTreeSet::new();
    for vip in cx.cluster.vips() {
        let segment = cx.cluster.segment(cx.cluster.segment_of_vip(vip.value));
        let subnet = segment.subnet.of(vip.family());
        let Some(subnet) = subnet.filter(|subnet| !subnet.0.contains(&vip.0)) else { continue };
        if reported.insert(vip.value) {
            let message = format!("the VIP {} is not in the subnet {}", vip.value, subnet.value);
            let finding = Finding::at(&CHECK.rule, vip.span, message)
                .related(subnet.span, segment.label())
                .help(match cx.cluster.segments.len() {
                    1 => "choose an address of the subnet, or route this VIP to the director",
                    _ => {
                        "choose an address of a segment, or route this VIP to the director and name the `segment` of the \
                         service"
                    }
                });
            report.add(finding);
        }
    }
}
