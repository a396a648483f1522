//! A service whose real servers all have the weight 0.

use super::{Check, CheckCx};
use crate::diagnostic::{Finding, Report, Rule, Severity};

pub(super) static CHECK: Check = Check {
    rule: Rule {
        code: "all-weights-zero",
        severity: Severity::Warning,
        doc: include_str!("all-weights-zero.md"),
    },
    run,
};

fn run(cx: &CheckCx<'_>, report: &mut Report) {
    for view in cx.resolved.services.iter().filter(|view| !view.real_servers.is_empty()) {
        if view.weights().all(|weight| weight == 0) {
            let name = &view.service.name;
            let message = format!("every real server of `{}` has the weight 0", name.value);
            let help = "give at least one of them a larger weight, or remove the service";
            report.add(Finding::at(&CHECK.rule, name.span, message).help(help));
        }
    }
}
