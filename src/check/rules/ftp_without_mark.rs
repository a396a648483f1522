//! An FTP service that takes the control connections, but not the data connections.

use super::{Check, CheckCx};
use crate::diagnostic::{Finding, Report, Rule, Severity};
use crate::ipvs::Protocol;
use crate::model::PortOrMark;

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
        let PortOrMark::Port(port) = &service.port_or_mark else { continue };
        if port.value == 21 && service.protocol() == Protocol::Tcp {
            let message = format!(
                "the service `{}` does not take the data connections of FTP",
                service.name.value
            );
            let help = "give it a `fwmark`, the ports of the data connections, and `persistence`";
            report.add(Finding::at(&CHECK.rule, port.span, message).help(help));
        }
    }
}
