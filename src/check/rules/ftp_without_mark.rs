//! An FTP service that takes the control connections, but not the data connections.

use super::{Check, CheckCx};
use crate::diagnostic::{Finding, Report, Rule, Severity};
use crate::ipvs::Protocol;

pub(super) static CHECK: Check = Check {
    rule: Rule {
        code: "ftp-without-mark",
        severity: Severity::Warning,
        doc: include_str!("ftp-without-mark.md"),
    },
    run,
};

fn run(cx: &CheckCx<'_>, report: &mut Report) {
    for service in &cx.cluster.virtual_services {
        let ports = service.ports();
        // A mark takes the data connections of passive FTP if it has ports that a server may choose.
        let passive = ports.iter().any(|ports| ports.last > 1023);
        let control = ports.iter().find(|ports| ports.contains(21));
        let is_ftp = service.has_protocol(Protocol::Tcp) && !passive;
        if let Some(port) = control.filter(|_| is_ftp) {
            let message = format!(
                "the service `{}` does not take the data connections of FTP",
                service.name.value
            );
            let help = "give it a `fwmark`, the ports of the data connections, and `persistence`";
            report.add(Finding::at(&CHECK.rule, port.span, message).help(help));
        }
    }
}
