//! A UDP service that the prober cannot ask.

use super::{Check, CheckCx};
use crate::diagnostic::{Finding, Report, Rule, Severity};
use crate::ipvs::Protocol;
use crate::resolve::Asked;

pub(super) static CHECK: Check = Check {
    rule: Rule {
        code: "udp-not-probed",
        severity: Severity::Warning,
        doc: include_str!("udp-not-probed.md"),
    },
    run,
};

fn run(cx: &CheckCx<'_>, report: &mut Report) {
    if !cx.cluster.monitoring.as_ref().is_some_and(|monitoring| monitoring.probe) {
        return;
    }
    let probed = |asked: &Asked<'_>| asked.protocol == Protocol::Udp && asked.is_probed();
    for view in &cx.resolved.services {
        let asked = view.asked();
        let unknown = view.service.has_protocol(Protocol::Udp) && !asked.iter().any(probed);
        if unknown {
            let name = &view.service.name;
            let message = format!(
                "the prober cannot ask `{}`: the answer to some datagram means nothing",
                name.value
            );
            let help = "give it `health: { dns: NAME }` if it is DNS";
            report.add(Finding::at(&CHECK.rule, name.span, message).help_or_allow(help));
        }
    }
}
