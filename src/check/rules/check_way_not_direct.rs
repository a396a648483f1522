//! A health check through the VIP of a real server that does not get its packets by direct routing.

use super::{Check, CheckCx};
use crate::diagnostic::{Finding, Report, Rule, Severity};
use crate::ipvs::Forwarding;

pub(super) static CHECK: Check = Check {
    rule: Rule {
        code: "check-way-not-direct",
        severity: Severity::Error,
        doc: include_str!("check-way-not-direct.md"),
    },
    run,
};

fn run(cx: &CheckCx<'_>, report: &mut Report) {
    for view in &cx.resolved.services {
        let mut servers = view.real_servers.iter();
        let wrong = servers.find_map(|(host, entry)| {
            let check = view.health_check(*entry).filter(|check| check.goes_through_vip())?;
            let way = view.forwarding(*entry);
            (way != Forwarding::Direct).then_some((host, way, check.through?.span))
        });
        let Some((host, way, span)) = wrong else { continue };
        let message = format!(
            "`{}` checks `{}` through the VIP, but packets reach it by `{way}`",
            view.service.name.value, host.name.value
        );
        let why = match way {
            Forwarding::Masquerade => "a check of its own address takes the way of the requests",
            Forwarding::Tunnel | Forwarding::Direct => {
                "the answer comes from the VIP, and its way to the director is not certain"
            }
        };
        let help = format!("remove `through: vip` from this check: {why}");
        let finding = Finding::at(&CHECK.rule, span, message).help(help);
        report.add(finding.related(view.service.name.span, "the service"));
    }
}
