//! A service that uses both persistence and a hash scheduler to keep a client on one real server.

use super::{Check, CheckCx};
use crate::diagnostic::{Finding, Report, Rule, Severity};
use crate::ipvs::Scheduler;

pub(super) static CHECK: Check = Check {
    rule: Rule {
        code: "persistence-with-hash",
        severity: Severity::Warning,
        doc: include_str!("persistence-with-hash.md"),
    },
    run,
};

fn run(cx: &CheckCx<'_>, report: &mut Report) {
    for service in &cx.cluster.virtual_services {
        let Some(persistence) = &service.persistence else { continue };
        let (scheduler, span) = service.scheduler_place();
        if matches!(scheduler, Scheduler::Sh | Scheduler::Mh) {
            let message = format!(
                "the service `{}` keeps a client on one server by persistence and by `{scheduler}`",
                service.name.value
            );
            let finding = Finding::at(&CHECK.rule, persistence.span, message)
                .related(span, "this scheduler chooses by the client's address")
                .help("remove the persistence, or choose a scheduler that balances (`wlc`)");
            report.add(finding);
        }
    }
}
