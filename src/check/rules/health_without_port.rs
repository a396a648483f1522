//! A health check of marked packets that has no port.

use super::{Check, CheckCx};
use crate::diagnostic::{Finding, Report, Rule, Severity};

pub(super) static CHECK: Check = Check {
    rule: Rule {
        code: "health-without-port",
        severity: Severity::Error,
        doc: include_str!("health-without-port.md"),
    },
    run,
};

fn run(cx: &CheckCx<'_>, report: &mut Report) {
    for view in &cx.resolved.services {
        let mut checks =
            view.health_checks().filter(|check| check.kind.asks_port() && check.port.is_none());
        if let (Some(check), true) = (checks.next(), view.service.ports().is_empty()) {
            let name = &view.service.name.value;
            let message = format!("`{name}` takes every port, so its check has no port to ask");
            let help = "add `port` to the health check";
            let finding = Finding::at(&CHECK.rule, check.span, message).help(help);
            report.add(finding.related(view.service.name.span, "the service"));
        }
    }
}
