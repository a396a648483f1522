//! A VIP of an address family for which some real servers of the service have no address.

use super::{Check, CheckCx};
use crate::diagnostic::{Finding, Report, Rule, Severity};

pub(super) static CHECK: Check = Check {
    rule: Rule {
        code: "real-server-without-family",
        severity: Severity::Warning,
        doc: include_str!("real-server-without-family.md"),
    },
    run,
};

fn run(cx: &CheckCx<'_>, report: &mut Report) {
    for view in &cx.resolved.services {
        for vip in view.service.vips.iter() {
            let (with, without): (Vec<_>, Vec<_>) = view
                .real_servers
                .iter()
                .partition(|(host, _)| host.address(vip.family()).is_some());
            // If no real server has the family, the rule `family-without-real-server` reports it.
            let Some((host, _)) = without.first().filter(|_| !with.is_empty()) else { continue };
            let (family, service) = (vip.family(), &view.service.name.value);
            let more = match without.len() {
                1 => String::new(),
                count => format!(" and {} more", count - 1),
            };
            let message = format!(
                "`{}`{more} has no {family} address for the service `{service}`",
                host.name.value
            );
            let finding = Finding::at(&CHECK.rule, vip.span, message)
                .related(host.name.span, "this real server")
                .help(format!("give the real server an {family} address"));
            report.add(finding);
        }
    }
}
