//! A VIP of a family in which the prober has no address.

use super::{Check, CheckCx};
use crate::diagnostic::{Finding, Report, Rule, Severity};

pub(super) static CHECK: Check = Check {
    rule: Rule {
        code: "vip-not-probed",
        severity: Severity::Warning,
        doc: include_str!("vip-not-probed.md"),
    },
    run,
};

fn run(cx: &CheckCx<'_>, report: &mut Report) {
    let Some(monitoring) = cx.cluster.monitoring.as_ref().filter(|model| model.probe) else {
        return;
    };
    let Some(first) = monitoring.from.first() else { return };
    if let Some(vip) = cx.cluster.vips().find(|vip| !monitoring.speaks(vip.value.family())) {
        let message = format!(
            "the prober has no {} address, so it does not ask {}",
            vip.value.family(),
            vip.value
        );
        let help = format!(
            "add its {} address to `{}`",
            vip.value.family(),
            monitoring.key_of_addresses()
        );
        report.add(
            Finding::at(&CHECK.rule, first.span, message)
                .related(vip.span, "this VIP")
                .help_or_allow(help),
        );
    }
}
