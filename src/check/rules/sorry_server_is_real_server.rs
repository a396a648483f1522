//! A sorry server that is also a real server of its service.

use super::{Check, CheckCx};
use crate::diagnostic::{Finding, Report, Rule, Severity};

pub(super) static CHECK: Check = Check {
    rule: Rule {
        code: "sorry-server-is-real-server",
        severity: Severity::Error,
        doc: include_str!("sorry-server-is-real-server.md"),
    },
    run,
};

fn run(cx: &CheckCx<'_>, report: &mut Report) {
    for view in &cx.resolved.services {
        let (Some(sorry), Some(written)) = (view.sorry_server, &view.service.sorry_server) else {
            continue;
        };
        if !view.real_servers.iter().any(|(host, _)| host.name.value == sorry.name.value) {
            continue;
        }
        let (name, service) = (&sorry.name.value, &view.service.name.value);
        let message =
            format!("`{name}` is a real server of `{service}`, and also its sorry server");
        let help = "use a host that the `real_servers` of the service do not list";
        report.add(Finding::at(&CHECK.rule, written.span, message).help(help));
    }
}
