//! A health check that asks for the page of a node on a real server for which lvsgen writes no web server.

use super::{Check, CheckCx};
use crate::diagnostic::{Finding, Report, Rule, Severity};
use crate::model::{HealthKind, Host, NODE_PAGE};
use crate::resolve::ServiceView;

pub(super) static CHECK: Check = Check {
    rule: Rule {
        code: "node-page-not-written",
        severity: Severity::Warning,
        doc: include_str!("node-page-not-written.md"),
    },
    run,
};

fn run(cx: &CheckCx<'_>, report: &mut Report) {
    let written = cx.resolved.web_servers();
    for view in &cx.resolved.services {
        let unserved = view.real_servers.iter().find(|(host, entry)| {
            let check = view.health_check(*entry);
            let asks = check.is_some_and(
                |check| matches!(&check.kind, HealthKind::Http(path) if path.as_str() == NODE_PAGE),
            );
            asks && !written.contains(&host.name.value)
        });
        report.extend(unserved.map(|(host, _)| finding(view, host)));
    }
}

fn finding(view: &ServiceView<'_>, host: &Host) -> Finding {
    let (service, name) = (&view.service.name, &host.name);
    let message = format!(
        "the health check of `{}` asks `{}` for `{NODE_PAGE}`, but lvsgen writes no web server on this host",
        service.value, name.value
    );
    Finding::at(&CHECK.rule, name.span, message)
        .related(service.span, "the service")
        .help_and_allow(format!(
            "give this real server its own check in `real_servers` of the service: `{{ name: {}, health: {{ tcp: true }} }}`; \
             or serve the page there",
            name.value
        ))
}
