//! A real server that no service uses.

use std::collections::BTreeSet;

use super::{Check, CheckCx};
use crate::diagnostic::{Finding, Report, Rule, Severity};
use crate::resolve::ServiceView;

pub(super) static CHECK: Check = Check {
    rule: Rule {
        code: "unused-real-server",
        severity: Severity::Warning,
        doc: include_str!("unused-real-server.md"),
    },
    run,
};

fn run(cx: &CheckCx<'_>, report: &mut Report) {
    let views = cx.resolved.services.iter();
    let used: BTreeSet<_> =
        views.flat_map(ServiceView::answering).map(|(host, _)| &host.name.value).collect();
    for host in cx.cluster.real_servers.iter().filter(|host| !used.contains(&host.name.value)) {
        let message = format!("no service uses the real server `{}`", host.name.value);
        let help = "add it to the `real_servers` of a service, or remove it";
        report.add(Finding::at(&CHECK.rule, host.name.span, message).help(help));
    }
}
