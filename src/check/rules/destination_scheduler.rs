//! A scheduler that chooses the real server by the destination address. This address is the same for all clients.

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
                format!("`{scheduler}` chooses by the destination, which is always the VIP");
            let help = "write `sh` to choose by the client, or `wlc` to choose by the connections";
            report.add(Finding::at(&CHECK.rule, span, message).help(help));
        }
    }
}
