//! A firewall mark on all ports without persistence.

use super::{Check, CheckCx};
use crate::diagnostic::{Finding, Report, Rule, Severity};
use crate::model::PortOrMark;

pub(super) static CHECK: Check = Check {
    rule: Rule {
        code: "mark-without-persistence",
        severity: Severity::Warning,
        doc: include_str!("mark-without-persistence.md"),
    },
    run,
};

fn run(cx: &CheckCx<'_>, report: &mut Report) {
    for service in &cx.cluster.virtual_services {
        let PortOrMark::Fwmark { mark, ports } = &service.port_or_mark else { continue };
        if ports.is_empty() && service.persistence.is_none() {
            let message = format!(
                "the connections of a client to several ports of `{}` go to several real servers",
                service.name.value
            );
            let help = "add `persistence: 300`, or list the `ports` of the mark";
            report.add(Finding::at(&CHECK.rule, mark.span, message).help_or_allow(help));
        }
    }
}
