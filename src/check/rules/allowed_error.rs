//! An entry of `allow` for a check that reports errors.

use super::{Check, CheckCx};
use crate::diagnostic::{Finding, Report, Rule, Severity};

pub(super) static CHECK: Check = Check {
    rule: Rule {
        code: "allowed-error",
        severity: Severity::Error,
        doc: include_str!("allowed-error.md"),
    },
    run,
};

fn run(cx: &CheckCx<'_>, report: &mut Report) {
    let error = |code: &str| {
        let rule = super::ALL.iter().map(|check| &check.rule).find(|rule| rule.code == code);
        rule.is_some_and(|rule| rule.severity == Severity::Error)
    };
    for allow in cx.cluster.allow.iter().filter(|allow| error(allow.check.as_str())) {
        let message =
            format!("`{}` reports errors, and an error cannot be allowed", allow.check.value);
        let help = "remove the entry";
        report.add(Finding::at(&CHECK.rule, allow.check.span, message).help(help));
    }
}
