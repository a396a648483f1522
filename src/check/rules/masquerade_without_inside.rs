//! Masqueraded real servers whose answers have no address that moves with the VIPs.

use super::{Check, CheckCx};
use crate::diagnostic::{Finding, Report, Rule, Severity};
use crate::ipvs::Family;

pub(super) static CHECK: Check = Check {
    rule: Rule {
        code: "masquerade-without-inside",
        severity: Severity::Error,
        doc: include_str!("masquerade-without-inside.md"),
    },
    run,
};

fn run(cx: &CheckCx<'_>, report: &mut Report) {
    let Some(failover) = &cx.cluster.failover else { return };
    for family in Family::ALL {
        if failover.value.inside(family).is_some() {
            continue;
        }
        let masquerades = cx.resolved.services.iter().find(|view| view.masquerades(family));
        let Some(view) = masquerades else { continue };
        let name = &view.service.name;
        let message = format!(
            "the {family} answers of the masqueraded real servers of `{}` do not follow the VIPs",
            name.value
        );
        let finding = Finding::at(&CHECK.rule, name.span, message)
            .related(failover.span, "the VIPs move between the directors")
            .help("add a free address of this family to `inside` of `failover`");
        report.add(finding);
    }
}
