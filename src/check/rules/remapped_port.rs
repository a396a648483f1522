//! A real server with a port that the service does not have.

use super::{Check, CheckCx};
use crate::diagnostic::{Finding, Report, Rule, Severity};
use crate::model::PortOrMark;

pub(super) static CHECK: Check = Check {
    rule: Rule {
        code: "remapped-port",
        severity: Severity::Error,
        doc: include_str!("remapped-port.md"),
    },
    run,
};

fn run(cx: &CheckCx<'_>, report: &mut Report) {
    for service in &cx.cluster.virtual_services {
        let ports = match &service.port_or_mark {
            PortOrMark::Port(port) => std::slice::from_ref(port),
            PortOrMark::Fwmark { ports, .. } => ports,
        };
        for one in service.real_servers.iter().flat_map(|listed| listed.iter()) {
            let Some(port) = one.port else { continue };
            // A mark without ports takes all ports.
            if ports.is_empty() || ports.iter().any(|own| own.value == port.value) {
                continue;
            }
            let message = format!(
                "the real server `{}` has the port {}, which is not a port of the service `{}`",
                one.name.value, port.value, service.name.value
            );
            let mut finding = Finding::at(&CHECK.rule, port.span, message)
                .help("direct routing keeps the port: let the server listen on the service's port");
            for own in ports {
                finding = finding.related(own.span, "the service's port");
            }
            report.add(finding);
        }
    }
}
