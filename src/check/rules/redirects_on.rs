//! A director that may send ICMP redirects.

use super::{Check, CheckCx, KernelRule, Said, effective, nic_names};
use crate::diagnostic::{Report, Rule, Severity};
use crate::kernel::Parameter;
use crate::model::{Need, Role};

pub(super) static CHECK: Check = Check {
    rule: Rule {
        code: "redirects-on",
        severity: Severity::Warning,
        doc: include_str!("redirects-on.md"),
    },
    run,
};

fn run(cx: &CheckCx<'_>, report: &mut Report) {
    let views = cx
        .resolved
        .hosts
        .iter()
        .filter(|view| view.is(Role::Director) && view.provides(Need::KernelSettings));
    let kernel = KernelRule {
        rule: &CHECK.rule,
        bad: &|value| value != 0,
        fix: None,
        say: &|Said { who, when, .. }| format!("the director {who} sends ICMP redirects {when}"),
    };
    kernel.find(cx.resolved, views, nic_names, effective(Parameter::SendRedirects), report);
}
