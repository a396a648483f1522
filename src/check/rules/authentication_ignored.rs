//! A password for VRRP advertisements that carry IPv6.

use super::{Check, CheckCx};
use crate::diagnostic::{Finding, Report, Rule, Severity};
use crate::ipvs::Family;

pub(super) static CHECK: Check = Check {
    rule: Rule {
        code: "authentication-ignored",
        severity: Severity::Error,
        doc: include_str!("authentication-ignored.md"),
    },
    run,
};

fn run(cx: &CheckCx<'_>, report: &mut Report) {
    let Some(failover) = &cx.cluster.failover else { return };
    let Some(authentication) = &failover.value.authentication else { return };
    let mut vips = cx.cluster.virtual_services.iter().flat_map(|service| &service.vips);
    let Some(vip) = vips.find(|vip| vip.value.family() == Family::Ipv6) else { return };
    let message = format!("VRRP has no password where it carries the IPv6 address {}", vip.value);
    let help = "remove `authentication`, and let the firewall of each director accept the IP protocol 112 from the \
                other directors only";
    report.add(Finding::at(&CHECK.rule, authentication.span, message).help(help));
}
