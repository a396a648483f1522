//! A masqueraded service that takes every port.

use super::{Check, CheckCx};
use crate::diagnostic::{Finding, Report, Rule, Severity};
use crate::ipvs::Family;
use crate::resolve::ServiceView;

pub(super) static CHECK: Check = Check {
    rule: Rule {
        code: "masquerade-of-all-ports",
        severity: Severity::Error,
        doc: include_str!("masquerade-of-all-ports.md"),
    },
    run,
};

fn run(cx: &CheckCx<'_>, report: &mut Report) {
    let masquerades =
        |view: &&ServiceView<'_>| Family::ALL.into_iter().any(|family| view.masquerades(family));
    for view in cx.resolved.services.iter().filter(masquerades) {
        if view.service.ports().is_empty() {
            let name = &view.service.name;
            let message = format!("`{}` masquerades every port of its real servers", name.value);
            let help = "add the `port` of the service, or a list of ports";
            report.add(Finding::at(&CHECK.rule, name.span, message).help(help));
        }
    }
}
