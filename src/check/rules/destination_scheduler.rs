//! A scheduler that goes by what all clients have in common.

use super::{Check, CheckCx};
use crate::diagnostic::{Finding, Report, Rule, Severity};
use crate::ipvs::Scheduler;

pub(super) static CHECK: Check = Check {
    rule: Rule {
        code: "destination-scheduler",
        severity: Severity::Warning,
        doc: include_str!("destination-scheduler.md"),
    },
    run,
};

fn run(cx: &CheckCx<'_>, report: &mut Report) {
    for view in cx.resolved.services.iter().filter(|view| view.real_servers.len() > 1) {
        let (scheduler, span) = view.service.scheduler_place();
        if matches!(scheduler, Scheduler::Dh | Scheduler::Lblc | Scheduler::Lblcr) {
            let message =
                format!("`{scheduler}` chooses by the destination, and that is always the VIP");
            let help = "`sh` chooses by the client, `wlc` by the connections";
            report.add(Finding::at(&CHECK.rule, span, message).help(help));
        }
    }
}
