//! One VIP for which two services name different segments.

use std::collections::BTreeMap;

use super::{Check, CheckCx};
use crate::diagnostic::{Finding, Report, Rule, Severity};

pub(super) static CHECK: Check = Check {
    rule: Rule {
        code: "vip-in-two-segments",
        severity: Severity::Error,
        doc: include_str!("vip-in-two-segments.md"),
    },
    run,
};

fn run(cx: &CheckCx<'_>, report: &mut Report) {
    let mut first = BTreeMap::new();
    for service in &cx.cluster.virtual_services {
        let Some(segment) = &service.segment else { continue };
        for vip in &service.vips {
            let before = *first.entry(vip.value).or_insert(segment);
            if before.value == segment.value {
                continue;
            }
            let message = format!(
                "the VIP {} is in the segment `{}` here, and in `{}` of another service",
                vip.value, segment.value, before.value
            );
            let finding = Finding::at(&CHECK.rule, segment.span, message);
            report.add(
                finding
                    .related(before.span, "the segment of the other service")
                    .help("name one segment: a director carries a VIP on one NIC"),
            );
        }
    }
}
