//! A service with only one real server.

use super::{Check, CheckCx};
use crate::diagnostic::{Finding, Report, Rule, Severity};

pub(super) static CHECK: Check = Check {
    rule: Rule {
        code: "one-real-server",
        severity: Severity::Warning,
        doc: include_str!("one-real-server.md"),
    },
    run,
};

fn run(cx: &CheckCx<'_>, report: &mut Report) {
    for view in &cx.resolved.services {
        if let [(only, _)] = view.real_servers.as_slice() {
            let name = &view.service.name;
            let message = format!(
                "the service `{}` has only one real server, `{}`",
                name.value, only.name.value
            );
            let help = "add another real server to the service";
            report.add(Finding::at(&CHECK.rule, name.span, message).help(help));
        }
    }
}
