//! The check of the cluster asks a TCP port of a service that has none.

use super::{Check, CheckCx};
use crate::diagnostic::{Finding, Report, Rule, Severity};
use crate::ipvs::Protocol;
use crate::model::HealthKind;

pub(super) static CHECK: Check = Check {
    rule: Rule {
        code: "check-of-another-protocol",
        severity: Severity::Warning,
        doc: include_str!("check-of-another-protocol.md"),
    },
    run,
};

fn run(cx: &CheckCx<'_>, report: &mut Report) {
    let Some(health) = &cx.cluster.health else { return };
    // Somebody who writes a port, or a check of the service itself, has thought of it.
    let Some(check) = health.value.check().filter(|check| check.port.is_none()) else { return };
    if !asks_tcp(&check.kind) {
        return;
    }
    let others = cx
        .cluster
        .virtual_services
        .iter()
        .filter(|service| service.health.is_none() && !service.has_protocol(Protocol::Tcp));
    for service in others {
        let message = format!(
            "the check `{}` of the cluster asks `{}` over TCP, and the service has no TCP port",
            check.kind.key(),
            service.name.value
        );
        let help = "write a `health` for the service: `dns`, `udp`, `ping`, or a check with its own `port`; `false` for none";
        report.add(
            Finding::at(&CHECK.rule, service.name.span, message)
                .related(check.span, "the check of the cluster")
                .help(help),
        );
    }
}

fn asks_tcp(kind: &HealthKind) -> bool {
    match kind {
        HealthKind::Tcp | HealthKind::Http(_) | HealthKind::Https(_) | HealthKind::Smtp => true,
        HealthKind::Udp | HealthKind::Dns(_) | HealthKind::Ping | HealthKind::Command(_) => false,
    }
}
