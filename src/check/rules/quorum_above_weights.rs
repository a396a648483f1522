//! A quorum that the real servers of a service cannot reach.

use super::{Check, CheckCx};
use crate::diagnostic::{Finding, Report, Rule, Severity};

pub(super) static CHECK: Check = Check {
    rule: Rule {
        code: "quorum-above-weights",
        severity: Severity::Error,
        doc: include_str!("quorum-above-weights.md"),
    },
    run,
};

fn run(cx: &CheckCx<'_>, report: &mut Report) {
    for view in &cx.resolved.services {
        let Some(quorum) = view.service.quorum else { continue };
        let sum: u32 = view.weights().map(u32::from).sum();
        let wanted = quorum.value + view.service.hysteresis.map_or(0, |sum| sum.value);
        if wanted <= sum {
            continue;
        }
        let name = &view.service.name.value;
        let message = format!(
            "the quorum of `{name}` is {wanted} with its hysteresis, and its weights have the sum {sum}"
        );
        let help = "lower the quorum: a drained or dead real server counts 0";
        report.add(Finding::at(&CHECK.rule, quorum.span, message).help(help));
    }
}
