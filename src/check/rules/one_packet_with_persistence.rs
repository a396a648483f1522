//! A service with both one-packet scheduling and persistence.

use super::{Check, CheckCx};
use crate::diagnostic::{Finding, Report, Rule, Severity};

pub(super) static CHECK: Check = Check {
    rule: Rule {
        code: "one-packet-with-persistence",
        severity: Severity::Warning,
        doc: include_str!("one-packet-with-persistence.md"),
    },
    run,
};

fn run(cx: &CheckCx<'_>, report: &mut Report) {
    for service in &cx.cluster.virtual_services {
        let one_packet = service.one_packet.filter(|asked| asked.value);
        if let (Some(one_packet), Some(persistence)) = (one_packet, &service.persistence) {
            let message = format!(
                "the service `{}` both spreads the datagrams of a client and keeps them together",
                service.name.value
            );
            let finding = Finding::at(&CHECK.rule, persistence.span, message)
                .related(one_packet.span, "`one_packet` spreads them")
                .help("keep only `one_packet` or only `persistence`");
            report.add(finding);
        }
    }
}
