//! A failover scheduler whose real servers all have the same weight.

use super::{Check, CheckCx};
use crate::diagnostic::{Finding, Report, Rule, Severity};
use crate::ipvs::Scheduler;

pub(super) static CHECK: Check = Check {
    rule: Rule {
        code: "equal-priorities",
        severity: Severity::Warning,
        doc: include_str!("equal-priorities.md"),
    },
    run,
};

fn run(cx: &CheckCx<'_>, report: &mut Report) {
    for view in cx.resolved.services.iter().filter(|view| view.real_servers.len() > 1) {
        let (scheduler, span) = view.service.scheduler_place();
        let mut weights = view.weights();
        let first = weights.next();
        if matches!(scheduler, Scheduler::Fo | Scheduler::Ovf)
            && weights.all(|one| Some(one) == first)
        {
            let message = format!(
                "`{scheduler}` chooses by weight, but all weights of the service `{}` are equal",
                view.service.name.value
            );
            let help = "give larger weights to the real servers that must be used first";
            report.add(Finding::at(&CHECK.rule, span, message).help(help));
        }
    }
}
