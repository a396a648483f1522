//! Directors that are also real servers, and send connections to each other in a loop.

use super::{Check, CheckCx};
use crate::diagnostic::{Finding, Report, Rule, Severity};

pub(super) static CHECK: Check = Check {
    rule: Rule {
        code: "two-box-loop",
        severity: Severity::Error,
        doc: include_str!("two-box-loop.md"),
    },
    run,
};

fn run(cx: &CheckCx<'_>, report: &mut Report) {
    let syncs = cx.cluster.failover.as_ref().is_some_and(|failover| failover.value.syncs());
    if syncs {
        return;
    }
    let Some(first) = cx.resolved.hosts.iter().find(|view| view.is_two_box()) else { return };
    let name = &first.host.name;
    let (message, help) = if cx.cluster.directors.len() < 2 {
        let message = format!("`{}` is the only director and also a real server", name.value);
        (message, "add a second entry to `directors`, and `failover` with `sync: true`")
    } else {
        let message = format!(
            "`{}` and the other directors send connections to each other in a loop",
            name.value
        );
        let help =
            "add `sync: true` to `failover`: then only the director that has the VIPs balances";
        (message, help)
    };
    let finding = Finding::at(&CHECK.rule, name.span, message)
        .label("a director that is also a real server")
        .help(help);
    report.add(finding);
}
