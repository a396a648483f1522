//! A scheduler flag that belongs to another scheduler. ipvsadm refuses such a flag.

use super::{Check, CheckCx};
use crate::diagnostic::{Finding, Report, Rule, Severity};

pub(super) static CHECK: Check = Check {
    rule: Rule {
        code: "flag-of-another-scheduler",
        severity: Severity::Error,
        doc: include_str!("flag-of-another-scheduler.md"),
    },
    run,
};

fn run(cx: &CheckCx<'_>, report: &mut Report) {
    for service in &cx.cluster.virtual_services {
        let scheduler = service.scheduler();
        for flag in service.scheduler_flags.iter().filter(|flag| flag.scheduler() != scheduler) {
            let message = format!("the scheduler `{scheduler}` has no flag `{}`", flag.value);
            let help = format!("remove the flag, or choose the scheduler `{}`", flag.scheduler());
            let mut finding = Finding::at(&CHECK.rule, flag.span, message).help(help);
            if let Some(written) = service.scheduler {
                finding = finding.related(written.span, "the scheduler is chosen here");
            }
            report.add(finding);
        }
    }
}
