//! A key about the health of a service that has no effect.

use super::{Check, CheckCx};
use crate::diagnostic::{Finding, Report, Rule, Severity};
use crate::resolve::ServiceView;
use crate::source::Span;

pub(super) static CHECK: Check = Check {
    rule: Rule {
        code: "health-key-unused",
        severity: Severity::Warning,
        doc: include_str!("health-key-unused.md"),
    },
    run,
};

fn run(cx: &CheckCx<'_>, report: &mut Report) {
    for view in &cx.resolved.services {
        let name = &view.service.name.value;
        for (key, span) in of_checks(view) {
            let message = format!("`{name}` has no health check, so `{key}` has no effect");
            let help =
                "add `health: { tcp: true }` to the service or the cluster, or remove the key";
            report.add(Finding::at(&CHECK.rule, span, message).help(help));
        }
        if let (Some(hysteresis), None) = (view.service.hysteresis, &view.service.sorry_server) {
            let message = format!("`{name}` has no `sorry_server`, so `hysteresis` has no effect");
            let help = "add a `sorry_server`, or remove the key";
            report.add(Finding::at(&CHECK.rule, hysteresis.span, message).help(help));
        }
    }
}

fn of_checks(view: &ServiceView<'_>) -> Vec<(&'static str, Span)> {
    if view.is_checked() {
        return Vec::new();
    }
    let service = view.service;
    let keys = [
        service.on_failure.map(|one| ("on_failure", one.span)),
        service.start.map(|one| ("start", one.span)),
        service.sorry_server.as_ref().map(|one| ("sorry_server", one.span)),
        // Without a sorry server, the quorum still limits drains.
        service.quorum.map(|one| ("quorum", one.span)),
    ];
    keys.into_iter().flatten().collect()
}
