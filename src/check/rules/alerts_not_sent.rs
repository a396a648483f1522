//! A monitoring server without an Alertmanager.

use super::{Check, CheckCx};
use crate::diagnostic::{Finding, Report, Rule, Severity};

pub(super) static CHECK: Check = Check {
    rule: Rule {
        code: "alerts-not-sent",
        severity: Severity::Warning,
        doc: include_str!("alerts-not-sent.md"),
    },
    run,
};

fn run(cx: &CheckCx<'_>, report: &mut Report) {
    let Some(monitoring) = &cx.cluster.monitoring else { return };
    let Some(server) = monitoring.server.as_ref().filter(|_| monitoring.alertmanager.is_empty())
    else {
        return;
    };
    let message = format!("the Prometheus of `{}` sends its alerts to nobody", server.name.value);
    let help = "write `alertmanager: HOST:9093` in `monitoring`";
    report.add(Finding::at(&CHECK.rule, server.name.span, message).help_or_allow(help));
}
