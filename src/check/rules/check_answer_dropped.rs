//! A director that drops the answers to its own health checks.

use super::{Check, CheckCx, KernelRule, Said, effective, nic_names};
use crate::diagnostic::{Report, Rule, Severity};
use crate::kernel::Parameter;
use crate::model::Need;
use crate::resolve::HostView;

pub(super) static CHECK: Check = Check {
    rule: Rule {
        code: "check-answer-dropped",
        severity: Severity::Error,
        doc: include_str!("check-answer-dropped.md"),
    },
    run,
};

fn run(cx: &CheckCx<'_>, report: &mut Report) {
    let asks = |view: &&HostView<'_>| {
        let mut own = view.settings.iter();
        let accepts = own.any(|one| one.parameter == Some(Parameter::AcceptLocal));
        accepts && view.provides(Need::KernelSettings)
    };
    let kernel = KernelRule {
        rule: &CHECK.rule,
        bad: &|value| value == 0,
        fix: None,
        say: &|Said { who, when, .. }| {
            format!("{who} drops the answers to its health checks {when}: `accept_local` is 0")
        },
    };
    let views = cx.resolved.hosts.iter().filter(asks);
    kernel.find(cx.resolved, views, nic_names, effective(Parameter::AcceptLocal), report);
}
