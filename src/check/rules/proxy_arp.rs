//! A real server that answers ARP requests for other hosts.

use super::{Check, CheckCx, KernelRule, Said, arp_silent, effective, nic_names};
use crate::diagnostic::{Report, Rule, Severity};
use crate::kernel::Parameter;

pub(super) static CHECK: Check = Check {
    rule: Rule {
        code: "proxy-arp",
        severity: Severity::Warning,
        doc: include_str!("proxy-arp.md"),
    },
    run,
};

fn run(cx: &CheckCx<'_>, report: &mut Report) {
    let views = cx.resolved.hosts.iter().filter(|view| arp_silent(view));
    let kernel = KernelRule {
        rule: &CHECK.rule,
        bad: &|value| value != 0,
        fix: None,
        say: &|Said { who, when, .. }| {
            format!("the real server {who} answers ARP requests for other hosts {when}")
        },
    };
    kernel.find(cx.resolved, views, nic_names, effective(Parameter::ProxyArp), report);
}
