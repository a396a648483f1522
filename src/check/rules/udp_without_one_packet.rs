//! A UDP service that sends all datagrams from one client port to the same real server.

use super::{Check, CheckCx};
use crate::diagnostic::{Finding, Report, Rule, Severity};
use crate::ipvs::Protocol;

pub(super) static CHECK: Check = Check {
    rule: Rule {
        code: "udp-without-one-packet",
        severity: Severity::Warning,
        doc: include_str!("udp-without-one-packet.md"),
    },
    run,
};

fn run(cx: &CheckCx<'_>, report: &mut Report) {
    if cx.cluster.timeouts.is_some_and(|timeouts| timeouts.udp > 0) {
        return;
    }
    for service in &cx.cluster.virtual_services {
        let said = service.one_packet.is_some() || service.persistence.is_some();
        let mut protocols = service.written_protocols.iter();
        let udp = protocols.find(|one| one.value == Protocol::Udp);
        if let Some(protocol) = udp.filter(|_| !said) {
            let message = format!(
                "the UDP service `{}` keeps a client port on one real server, even if it is down",
                service.name.value
            );
            let help = "write `one_packet: true`, or `one_packet: false` if you want this";
            report.add(Finding::at(&CHECK.rule, protocol.span, message).help(help));
        }
    }
}
