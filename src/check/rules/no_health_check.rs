//! A service that has several real servers, but no health check.

use super::{Check, CheckCx};
use crate::diagnostic::{Finding, Report, Rule, Severity};
use crate::resolve::ServiceView;

pub(super) static CHECK: Check = Check {
    rule: Rule {
        code: "no-health-check",
        severity: Severity::Warning,
        doc: include_str!("no-health-check.md"),
    },
    run,
};

fn run(cx: &CheckCx<'_>, report: &mut Report) {
    let shared = |view: &&ServiceView<'_>| view.real_servers.len() > 1 && !view.is_checked();
    if let Some(view) = cx.resolved.services.iter().find(shared) {
        let message = "a real server that is down keeps its share of the connections";
        let help = "add `health: { tcp: true }` or `health: { http: /lvs-node }` to the model";
        report.add(Finding::at(&CHECK.rule, view.service.name.span, message).help_or_allow(help));
    }
}
