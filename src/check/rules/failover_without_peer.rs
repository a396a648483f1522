//! A `failover` with only one director.

use super::{Check, CheckCx};
use crate::diagnostic::{Finding, Report, Rule, Severity};

pub(super) static CHECK: Check = Check {
    rule: Rule {
        code: "failover-without-peer",
        severity: Severity::Warning,
        doc: include_str!("failover-without-peer.md"),
    },
    run,
};

fn run(cx: &CheckCx<'_>, report: &mut Report) {
    if let (Some(failover), [only]) = (&cx.cluster.failover, cx.cluster.directors.as_slice()) {
        let message = format!("no director takes over from `{}`", only.name.value);
        let help = "add a second entry to `directors`, or remove `failover`";
        report.add(Finding::at(&CHECK.rule, failover.span, message).help(help));
    }
}
