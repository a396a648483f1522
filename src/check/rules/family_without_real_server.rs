//! A VIP of an address family for which no real server of the service has an address.

use super::{Check, CheckCx};
use crate::diagnostic::{Finding, Report, Rule, Severity};

pub(super) static CHECK: Check = Check {
    rule: Rule {
        code: "family-without-real-server",
        severity: Severity::Error,
        doc: include_str!("family-without-real-server.md"),
    },
    run,
};

fn run(cx: &CheckCx<'_>, report: &mut Report) {
    for view in cx.resolved.services.iter().filter(|view| !view.real_servers.is_empty()) {
        for vip in view.service.vips.iter() {
            let family = vip.family();
            if view.real_servers.iter().any(|(host, _)| host.address(family).is_some()) {
                continue;
            }
            let name = &view.service.name.value;
            let message = format!("no real server of `{name}` has an {family} address");
            let help = format!("add {family} addresses to its real servers, or remove the VIP");
            report.add(Finding::at(&CHECK.rule, vip.span, message).help(help));
        }
    }
}
