//! A scheduler that a director's kernel does not have.

use super::{Check, CheckCx};
use crate::diagnostic::{Finding, Report, Rule, Severity};
use crate::model::Role;

pub(super) static CHECK: Check = Check {
    rule: Rule {
        code: "scheduler-not-in-kernel",
        severity: Severity::Warning,
        doc: include_str!("scheduler-not-in-kernel.md"),
    },
    run,
};

fn run(cx: &CheckCx<'_>, report: &mut Report) {
    let directors = cx.resolved.hosts.iter().filter(|view| view.is(Role::Director));
    for profile in directors.filter_map(|view| view.profile) {
        for service in &cx.cluster.virtual_services {
            let (scheduler, span) = service.scheduler_place();
            if profile.kernel.lacks.contains(&scheduler) {
                let message =
                    format!("the kernel of `{}` has no scheduler `{scheduler}`", profile.name);
                let help = "choose another scheduler (`wlc`), or another target for the director";
                report.add(Finding::at(&CHECK.rule, span, message).help(help));
            }
        }
    }
}
