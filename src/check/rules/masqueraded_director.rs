//! A director that gets masqueraded packets of another director.

use super::{Check, CheckCx};
use crate::diagnostic::{Finding, Report, Rule, Severity};
use crate::ipvs::Forwarding;

pub(super) static CHECK: Check = Check {
    rule: Rule {
        code: "masqueraded-director",
        severity: Severity::Error,
        doc: include_str!("masqueraded-director.md"),
    },
    run,
};

fn run(cx: &CheckCx<'_>, report: &mut Report) {
    for host in cx.resolved.hosts.iter().filter(|view| view.is_two_box()) {
        let mut services = cx.resolved.services_of(host.host);
        let masqueraded =
            services.find(|view| view.way_to(host.host) == Some(Forwarding::Masquerade));
        let Some(view) = masqueraded else { continue };
        let (name, service) = (&host.host.name, &view.service.name);
        let message = format!(
            "`{}` is a director, and gets masqueraded packets of `{}`",
            name.value, service.value
        );
        let finding = Finding::at(&CHECK.rule, name.span, message)
            .related(service.span, "the service")
            .help("use direct routing for this real server, or take it out of the service");
        report.add(finding);
    }
}
