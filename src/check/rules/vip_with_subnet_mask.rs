//! A VIP whose prefix length covers more than one address.

use super::{Check, CheckCx};
use crate::diagnostic::{Finding, Report, Rule, Severity};

pub(super) static CHECK: Check = Check {
    rule: Rule {
        code: "vip-with-subnet-mask",
        severity: Severity::Error,
        doc: include_str!("vip-with-subnet-mask.md"),
    },
    run,
};

fn run(cx: &CheckCx<'_>, report: &mut Report) {
    for service in &cx.cluster.virtual_services {
        for prefix in &service.short_prefixes {
            let message = format!(
                "the VIP of `{}` has the prefix length {}",
                service.name.value, prefix.value
            );
            let help = "leave the prefix length out: a VIP is a single address";
            report.add(Finding::at(&CHECK.rule, prefix.span, message).help(help));
        }
    }
}
