//! A real server that answers ARP requests for its VIP, or that does not answer any ARP request.

use super::{Check, CheckCx, KernelRule, Said, arp_silent, effective, nic_names};
use crate::diagnostic::{Report, Rule, Severity};
use crate::kernel::Parameter;

pub(super) static CHECK: Check = Check {
    rule: Rule {
        code: "arp-reply-for-vip",
        severity: Severity::Error,
        doc: include_str!("arp-reply-for-vip.md"),
    },
    run,
};

fn run(cx: &CheckCx<'_>, report: &mut Report) {
    let views = cx.resolved.hosts.iter().filter(|view| arp_silent(view));
    let kernel = KernelRule {
        rule: &CHECK.rule,
        bad: &|value| !matches!(value, 1 | 2),
        fix: None,
        say: &|Said { who, when, value, .. }| match value {
            8 => format!("{who} answers no ARP request at all {when}: `arp_ignore` is 8"),
            _ => format!("{who} answers ARP requests for its VIPs {when}: `arp_ignore` is {value}"),
        },
    };
    kernel.find(cx.resolved, views, nic_names, effective(Parameter::ArpIgnore), report);
}
