//! UDP whose clients stick to one real server.

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
        if let Some(protocol) = service.protocol.filter(|one| one.value == Protocol::Udp && !said) {
            let message = format!(
                "a client port of the UDP service `{}` sticks to one real server, dead or alive",
                service.name.value
            );
            let help = "say `one_packet: true`, or `false` if that is meant";
            report.add(Finding::at(&CHECK.rule, protocol.span, message).help(help));
        }
    }
}
