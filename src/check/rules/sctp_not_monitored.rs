//! A service with SCTP, and `monitoring`.

use super::{Check, CheckCx};
use crate::diagnostic::{Finding, Report, Rule, Severity};
use crate::ipvs::Protocol;

pub(super) static CHECK: Check = Check {
    rule: Rule {
        code: "sctp-not-monitored",
        severity: Severity::Warning,
        doc: include_str!("sctp-not-monitored.md"),
    },
    run,
};

fn run(cx: &CheckCx<'_>, report: &mut Report) {
    if cx.cluster.monitoring.is_none() {
        return;
    }
    let mut services = cx.cluster.virtual_services.iter();
    if let Some(service) = services.find(|service| service.has_protocol(Protocol::Sctp)) {
        let message = format!(
            "the exporter shows the entries of `{}` as entries of another service: the cluster has no alerts about shares and unknown entries",
            service.name.value
        );
        let help = "nothing is wrong with the service";
        report.add(Finding::at(&CHECK.rule, service.name.span, message).help_or_allow(help));
    }
}
