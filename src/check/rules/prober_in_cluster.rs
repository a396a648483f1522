//! An address of the Prometheus that a director, a real server or a VIP has.

use super::{Check, CheckCx};
use crate::diagnostic::{Finding, Report, Rule, Severity};
use crate::model::{Host, Role};

pub(super) static CHECK: Check = Check {
    rule: Rule {
        code: "prober-in-cluster",
        severity: Severity::Error,
        doc: include_str!("prober-in-cluster.md"),
    },
    run,
};

fn run(cx: &CheckCx<'_>, report: &mut Report) {
    let Some(monitoring) = &cx.cluster.monitoring else { return };
    for from in &monitoring.from {
        let serving = |host: &&Host| matches!(host.role, Role::Director | Role::RealServer);
        let serving = cx.cluster.hosts().filter(serving);
        let mut own =
            serving.filter(|host| host.every_address().any(|one| one.value == from.value));
        let mut vips = cx.cluster.vips();
        let (place, label, what) = if let Some(host) = own.next() {
            (
                host.name.span,
                "this host",
                format!("{} is an address of `{}`", from.value, host.name.value),
            )
        } else if let Some(vip) = vips.find(|vip| vip.value.0 == from.value.0) {
            (vip.span, "this VIP", format!("{} is a VIP of the cluster", from.value))
        } else {
            continue;
        };
        let message =
            format!("{what}: the prober there would not see the cluster as a client does");
        let help = "write the address of a machine that is neither a director nor a real server";
        report.add(Finding::at(&CHECK.rule, from.span, message).related(place, label).help(help));
    }
}
