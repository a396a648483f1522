//! A firewall mark of a service that health checks use.

use super::{Check, CheckCx};
use crate::diagnostic::{Finding, Report, Rule, Severity};
use crate::health::FIRST_CHECK_MARK;
use crate::model::PortOrMark;
use crate::resolve::ServiceView;

pub(super) static CHECK: Check = Check {
    rule: Rule {
        code: "reserved-mark",
        severity: Severity::Error,
        doc: include_str!("reserved-mark.md"),
    },
    run,
};

fn run(cx: &CheckCx<'_>, report: &mut Report) {
    let mut checks = cx.resolved.services.iter().flat_map(ServiceView::health_checks);
    let Some(way) = checks.find_map(|check| check.through) else { return };
    let count = u32::try_from(cx.cluster.real_servers.len()).unwrap_or(u32::MAX);
    let reserved = FIRST_CHECK_MARK..FIRST_CHECK_MARK.saturating_add(count);
    for service in &cx.cluster.virtual_services {
        let PortOrMark::Fwmark { mark, .. } = &service.port_or_mark else { continue };
        if reserved.contains(&mark.value) {
            let (mark, span) = (mark.value, mark.span);
            let message = format!(
                "the firewall mark {mark} of `{}` belongs to the health checks of a real server",
                service.name.value
            );
            let help = format!("choose a mark below {FIRST_CHECK_MARK}");
            let finding = Finding::at(&CHECK.rule, span, message).help(help);
            report.add(finding.related(way.span, "checks through the VIP need one mark per host"));
        }
    }
}
