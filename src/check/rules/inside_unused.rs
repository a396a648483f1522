//! An address for the answers of real servers that no real server uses.

use super::{Check, CheckCx};
use crate::diagnostic::{Finding, Report, Rule, Severity};
use crate::ipvs::Family;

pub(super) static CHECK: Check = Check {
    rule: Rule {
        code: "inside-unused",
        severity: Severity::Warning,
        doc: include_str!("inside-unused.md"),
    },
    run,
};

fn run(cx: &CheckCx<'_>, report: &mut Report) {
    for address in cx.cluster.inside() {
        let family = Family::of(address.0);
        if !cx.resolved.services.iter().any(|view| view.masquerades(family)) {
            let message = format!("no real server sends {family} answers to {}", address.0);
            let help = "remove the address, or use `forwarding: masquerade`";
            report.add(Finding::at(&CHECK.rule, address.span, message).help(help));
        }
    }
}
