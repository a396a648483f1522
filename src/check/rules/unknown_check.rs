//! An entry of `allow` for a check that does not exist.

use super::{Check, CheckCx};
use crate::diagnostic::{Finding, Report, Rule, Severity, did_you_mean};

pub(super) static CHECK: Check = Check {
    rule: Rule {
        code: "unknown-check",
        severity: Severity::Error,
        doc: include_str!("unknown-check.md"),
    },
    run,
};

fn run(cx: &CheckCx<'_>, report: &mut Report) {
    for allow in &cx.cluster.allow {
        let written = allow.check.as_str();
        if super::codes().all(|code| code != written) {
            let message = format!("there is no check `{written}`");
            let help = did_you_mean(written, super::codes())
                .unwrap_or_else(|| "`lvsgen explain` lists the checks".into());
            report.add(Finding::at(&CHECK.rule, allow.check.span, message).help(help));
        }
    }
}
