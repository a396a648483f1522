//! A quorum that leaves no real server to drain.

use super::{Check, CheckCx};
use crate::diagnostic::{Finding, Report, Rule, Severity};

pub(super) static CHECK: Check = Check {
    rule: Rule {
        code: "quorum-without-spare",
        severity: Severity::Warning,
        doc: include_str!("quorum-without-spare.md"),
    },
    run,
};

fn run(cx: &CheckCx<'_>, report: &mut Report) {
    for view in &cx.resolved.services {
        let Some(quorum) = view.service.quorum else { continue };
        let sum: u32 = view.weights().map(u32::from).sum();
        let largest = view.weights().map(u32::from).max().unwrap_or_default();
        // Another check reports a quorum above the sum.
        if quorum.value > sum || quorum.value <= sum - largest {
            continue;
        }
        let name = &view.service.name.value;
        let message = format!(
            "no rollout can drain a real server of `{name}` with the weight {largest}: the others have {}, and the quorum \
             is {}",
            sum - largest,
            quorum.value
        );
        let help = "lower the quorum, or add a real server";
        report.add(Finding::at(&CHECK.rule, quorum.span, message).help(help));
    }
}
