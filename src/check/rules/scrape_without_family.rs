//! A host that has no address family in common with the monitoring server.

use super::{Check, CheckCx};
use crate::diagnostic::{Finding, Report, Rule, Severity};
use crate::model::HasFamily as _;

pub(super) static CHECK: Check = Check {
    rule: Rule {
        code: "scrape-without-family",
        severity: Severity::Error,
        doc: include_str!("scrape-without-family.md"),
    },
    run,
};

fn run(cx: &CheckCx<'_>, report: &mut Report) {
    let Some(monitoring) = &cx.cluster.monitoring else { return };
    let Some(first) = monitoring.from.first() else { return };
    for view in &cx.resolved.hosts {
        let family = |one: &crate::model::HostAddress| view.speaks(one.family());
        if !monitoring.from.iter().any(|from| family(&from.value)) {
            let name = &view.host.name;
            let message = format!(
                "the monitoring server cannot reach `{}`: no common address family",
                name.value
            );
            let finding =
                Finding::at(&CHECK.rule, first.span, message).related(name.span, "this host");
            let key = monitoring.key_of_addresses();
            report.add(finding.help(format!("add an address of the other family to `{key}`")));
        }
    }
}
