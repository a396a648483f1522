//! A health check through the VIP where a director is also a real server.

use super::{Check, CheckCx};
use crate::diagnostic::{Finding, Report, Rule, Severity};

pub(super) static CHECK: Check = Check {
    rule: Rule {
        code: "check-through-own-vip",
        severity: Severity::Error,
        doc: include_str!("check-through-own-vip.md"),
    },
    run,
};

fn run(cx: &CheckCx<'_>, report: &mut Report) {
    let Some(host) = cx.resolved.hosts.iter().find(|view| view.is_two_box()) else { return };
    let name = &host.host.name;
    for view in &cx.resolved.services {
        let Some(way) = view.health_checks().find_map(|check| check.through) else { continue };
        let message = format!(
            "`{}` checks through the VIP, but the director `{}` has the VIP itself",
            view.service.name.value, name.value
        );
        let finding = Finding::at(&CHECK.rule, way.span, message)
            .related(name.span, "a director that is also a real server")
            .help("remove `through: vip`: then the check asks the real server's own address");
        report.add(finding);
        // Services without a check of their own share the place of the cluster's check.
        return;
    }
}
