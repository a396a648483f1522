//! A real server that may use a VIP as the sender address of its ARP requests.

use super::{Check, CheckCx, KernelRule, Said, arp_silent, effective, nic_names};
use crate::diagnostic::{Report, Rule, Severity};
use crate::kernel::Parameter;

pub(super) static CHECK: Check = Check {
    rule: Rule {
        code: "arp-announces-vip",
        severity: Severity::Error,
        doc: include_str!("arp-announces-vip.md"),
    },
    run,
};

fn run(cx: &CheckCx<'_>, report: &mut Report) {
    let views = cx.resolved.hosts.iter().filter(|view| arp_silent(view));
    let kernel = KernelRule {
        rule: &CHECK.rule,
        bad: &|value| value < 2,
        fix: None,
        say: &|Said { who, when, value, .. }| {
            format!("{who} may send ARP requests from its VIPs {when}: `arp_announce` is {value}")
        },
    };
    kernel.find(cx.resolved, views, nic_names, effective(Parameter::ArpAnnounce), report);
}
