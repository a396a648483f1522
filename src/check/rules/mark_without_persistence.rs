//! A firewall mark on all ports without persistence.

use super::{Check, CheckCx};
use crate::diagnostic::{Finding, Report, Rule, Severity};
use crate::ipvs::Scheduler;
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
    for view in &cx.resolved.services {
        let service = view.service;
        let PortOrMark::Fwmark { mark, ports } = &service.port_or_mark else { continue };
        // These schedulers choose by the client's address, unless a flag adds the port.
        let hashes = matches!(service.scheduler_place().0, Scheduler::Sh | Scheduler::Mh)
            && service.scheduler_flags.is_empty();
        let is_bound = service.persistence.is_some() || hashes || view.real_servers.len() < 2;
        if ports.is_empty() && !is_bound {
            let message = format!(
                "the connections of a client to several ports of `{}` go to several real servers",
                service.name.value
            );
            let help = "add `persistence: 300`, or the `port` of the service if it has only one";
            report.add(Finding::at(&CHECK.rule, mark.span, message).help_or_allow(help));
        }
    }
}
