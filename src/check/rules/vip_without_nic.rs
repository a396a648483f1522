//! A director without a NIC in the segment of a VIP.

use std::collections::BTreeSet;

use super::{Check, CheckCx};
use crate::diagnostic::{Finding, Report, Rule, Severity};
use crate::model::Host;

pub(super) static CHECK: Check = Check {
    rule: Rule {
        code: "vip-without-nic",
        severity: Severity::Error,
        doc: include_str!("vip-without-nic.md"),
    },
    run,
};

fn run(cx: &CheckCx<'_>, report: &mut Report) {
    if cx.cluster.segments.len() == 1 {
        // Every host has a NIC in the only segment, or the rule `address-outside-subnet` reports the host.
        return;
    }
    let mut seen = BTreeSet::new();
    for vip in cx.cluster.vips().filter(|vip| seen.insert(vip.value)) {
        let segment = cx.cluster.segment_of_vip(vip.value);
        let lacks = |director: &&Host| cx.cluster.nic_in(director, segment).is_none();
        for director in cx.cluster.directors.iter().filter(lacks) {
            let label = cx.cluster.segment(segment).label();
            let name = &director.name;
            let message = format!(
                "the VIP {} is in {label}, and `{}` has no NIC there",
                vip.value, name.value
            );
            let finding =
                Finding::at(&CHECK.rule, vip.span, message).related(name.span, "the director");
            report.add(finding.help(format!("add a NIC in {label} to the `nics` of the director")));
        }
    }
}
