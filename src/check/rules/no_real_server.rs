//! A service without a real server.

use super::{Check, CheckCx};
use crate::diagnostic::{Finding, Report, Rule, Severity};

pub(super) static CHECK: Check = Check {
    rule: Rule {
        code: "no-real-server",
        severity: Severity::Error,
        doc: include_str!("no-real-server.md"),
    },
    run,
};

fn run(cx: &CheckCx<'_>, report: &mut Report) {
    for service in &cx.cluster.virtual_services {
        let span = match &service.real_servers {
            Some(listed) if listed.is_empty() => listed.span,
            None if cx.cluster.real_servers.is_empty() => service.name.span,
            _ => continue,
        };
        let message = format!("the service `{}` has no real server", service.name.value);
        let help = "name at least one, or remove the service's `real_servers` to use them all";
        report.add(Finding::at(&CHECK.rule, span, message).help(help));
    }
}
