//! A real server with a port that the service does not have.

use super::{Check, CheckCx};
use crate::diagnostic::{Finding, Report, Rule, Severity};
use crate::ipvs::Forwarding;

pub(super) static CHECK: Check = Check {
    rule: Rule {
        code: "remapped-port",
        severity: Severity::Error,
        doc: include_str!("remapped-port.md"),
    },
    run,
};

fn run(cx: &CheckCx<'_>, report: &mut Report) {
    for view in &cx.resolved.services {
        let service = view.service;
        let (ports, has_mark) = (service.ports(), service.has_mark());
        for one in service.real_servers.iter().flat_map(|listed| listed.iter()) {
            let Some(port) = one.port else { continue };
            // A mark without ports takes all ports.
            if ports.is_empty() || ports.iter().any(|own| own.value.contains(port.value)) {
                continue;
            }
            let help = match view.forwarding(Some(one)) {
                Forwarding::Masquerade if !has_mark => continue,
                Forwarding::Masquerade => "a service with a mark keeps the ports: remove `port`",
                Forwarding::Direct | Forwarding::Tunnel => {
                    "let the server listen on the service's port, or use `forwarding: masquerade`"
                }
            };
            let message = format!(
                "the real server `{}` has the port {}, which is not a port of the service `{}`",
                one.name.value, port.value, service.name.value
            );
            let mut finding = Finding::at(&CHECK.rule, port.span, message).help(help);
            for own in &ports {
                finding = finding.related(own.span, "the service's port");
            }
            report.add(finding);
        }
    }
}
