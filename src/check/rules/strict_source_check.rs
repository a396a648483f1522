//! A director or a real server that has several NICs, and that drops packets whose way back uses another NIC.

use super::{Check, CheckCx, KernelRule, on_nic};
use crate::diagnostic::{Report, Rule, Severity};
use crate::kernel::Parameter;
use crate::model::{Need, Role};

pub(super) static CHECK: Check = Check {
    rule: Rule {
        code: "strict-source-check",
        severity: Severity::Warning,
        doc: include_str!("strict-source-check.md"),
    },
    run,
};

fn run(cx: &CheckCx<'_>, report: &mut Report) {
    let views = cx.resolved.hosts.iter().filter(|view| {
        let balances = view.provides(Need::RealServerVip) || view.is(Role::Director);
        balances && !view.host.other_interfaces.is_empty()
    });
    let kernel = KernelRule {
        rule: &CHECK.rule,
        bad: &|value| value == 1,
        say: &|who, when, _| {
            format!(
                "{when}, {who} drops packets if the way back uses another NIC: `rp_filter` is 1"
            )
        },
    };
    kernel.find(cx.resolved, views, on_nic(Parameter::RpFilter), report);
}
