//! One-packet scheduling for a service that is not UDP.

use super::{Check, CheckCx};
use crate::diagnostic::{Finding, Report, Rule, Severity};
use crate::ipvs::Protocol;

pub(super) static CHECK: Check = Check {
    rule: Rule {
        code: "one-packet-without-udp",
        severity: Severity::Error,
        doc: include_str!("one-packet-without-udp.md"),
    },
    run,
};

fn run(cx: &CheckCx<'_>, report: &mut Report) {
    for service in &cx.cluster.virtual_services {
        let Some(asked) = service.one_packet.filter(|asked| asked.value) else {
            continue;
        };
        if !service.has_protocol(Protocol::Udp) {
            let protocol = service.protocols()[0];
            let message =
                format!("`one_packet` needs UDP, but `{}` uses {protocol}", service.name.value);
            let help = "remove `one_packet`, or write `protocol: udp`";
            report.add(Finding::at(&CHECK.rule, asked.span, message).help(help));
        }
    }
}
