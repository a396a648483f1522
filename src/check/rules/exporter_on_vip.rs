//! A service on many ports, one of which is that of the exporter.

use super::{Check, CheckCx};
use crate::diagnostic::{Finding, Report, Rule, Severity};
use crate::ipvs::{PortRange, Protocol};
use crate::model::NODE_EXPORTER;

pub(super) static CHECK: Check = Check {
    rule: Rule {
        code: "exporter-on-vip",
        severity: Severity::Warning,
        doc: include_str!("exporter-on-vip.md"),
    },
    run,
};

fn run(cx: &CheckCx<'_>, report: &mut Report) {
    if cx.cluster.monitoring.is_none() {
        return;
    }
    for view in &cx.resolved.services {
        let service = view.service;
        let among = |ports: Vec<PortRange>| {
            let mut wide = ports.iter().filter(|port| port.single().is_none());
            ports.is_empty() || wide.any(|port| port.contains(NODE_EXPORTER))
        };
        if service.has_protocol(Protocol::Tcp) && view.ports_of_managed().any(among) {
            let message = format!(
                "clients of `{}` reach the exporters of its real servers at the VIP, port {NODE_EXPORTER}",
                service.name.value
            );
            let help = "leave the port out of the service";
            report.add(Finding::at(&CHECK.rule, service.name.span, message).help_or_allow(help));
        }
    }
}
