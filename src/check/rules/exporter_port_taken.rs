//! A service on the port of node_exporter.

use super::{Check, CheckCx};
use crate::diagnostic::{Finding, Report, Rule, Severity};
use crate::ipvs::Protocol;
use crate::model::NODE_EXPORTER;

pub(super) static CHECK: Check = Check {
    rule: Rule {
        code: "exporter-port-taken",
        severity: Severity::Error,
        doc: include_str!("exporter-port-taken.md"),
    },
    run,
};

fn run(cx: &CheckCx<'_>, report: &mut Report) {
    if cx.cluster.monitoring.is_none() {
        return;
    }
    for view in &cx.resolved.services {
        let service = view.service;
        let mut real = view.ports_of_managed().flatten();
        let taken = service.has_protocol(Protocol::Tcp)
            && real.any(|port| port.single() == Some(NODE_EXPORTER));
        if taken {
            let message = format!(
                "`{}` uses the port {NODE_EXPORTER} of its real servers, on which the exporter listens",
                service.name.value
            );
            let help = "choose another port for the service";
            report.add(Finding::at(&CHECK.rule, service.name.span, message).help(help));
        }
    }
}
