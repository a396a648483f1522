//! A health check through the VIP of a real server that is also a director.

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
    let boxes: Vec<_> = cx.resolved.hosts.iter().filter(|view| view.is_two_box()).collect();
    for view in &cx.resolved.services {
        let mut servers = view.real_servers.iter();
        let wrong = servers.find_map(|(host, entry)| {
            let way = view.health_check(*entry)?.through?;
            boxes.iter().any(|one| one.host.name.value == host.name.value).then_some((host, way))
        });
        let Some((host, way)) = wrong else { continue };
        let message = format!("`{}` is a director too, and has the VIP itself", host.name.value);
        let finding = Finding::at(&CHECK.rule, way.span, message)
            .related(view.service.name.span, "the service")
            .help("remove `through: vip`: a check of the own address asks the web server");
        report.add(finding);
    }
}
