//! Weights that the scheduler does not use.

use super::{Check, CheckCx};
use crate::diagnostic::{Finding, Report, Rule, Severity};
use crate::ipvs::Scheduler;
use crate::model::ServiceServer;

pub(super) static CHECK: Check = Check {
    rule: Rule {
        code: "weights-ignored",
        severity: Severity::Warning,
        doc: include_str!("weights-ignored.md"),
    },
    run,
};

fn run(cx: &CheckCx<'_>, report: &mut Report) {
    for view in &cx.resolved.services {
        let instead = match view.service.scheduler() {
            Scheduler::Rr => "wrr",
            Scheduler::Lc => "wlc",
            Scheduler::Dh => "wlc",
            _ => continue,
        };
        let mut weights = view.weights().filter(|weight| *weight > 0);
        let first = weights.next();
        if weights.all(|weight| Some(weight) == first) {
            continue;
        }
        let (scheduler, span) = view.service.scheduler_place();
        let message = format!(
            "`{scheduler}` does not use the weights of the service `{}`",
            view.service.name.value
        );
        let mut finding = Finding::at(&CHECK.rule, span, message)
            .help(format!("choose `{instead}`, which uses them"));
        let weight = |entry: &ServiceServer| entry.weight.filter(|weight| weight.0 > 1);
        if let Some(weight) = view.real_servers.iter().find_map(|(_, entry)| weight((*entry)?)) {
            finding = finding.related(weight.span, "a weight without effect");
        }
        report.add(finding);
    }
}
