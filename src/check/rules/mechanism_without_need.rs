//! A mechanism that is chosen for a host without the need, or for a cluster in which no host has the need.

use std::collections::BTreeSet;

use super::{Check, CheckCx};
use crate::diagnostic::{Finding, Report, Rule, Severity};
use crate::model::{Mechanisms, Need};

pub(super) static CHECK: Check = Check {
    rule: Rule {
        code: "mechanism-without-need",
        severity: Severity::Warning,
        doc: include_str!("mechanism-without-need.md"),
    },
    run,
};

fn run(cx: &CheckCx<'_>, report: &mut Report) {
    let views = cx.resolved.hosts.iter();
    let every: BTreeSet<Need> =
        views.clone().flat_map(|view| &view.needs).map(|one| one.need).collect();
    useless(&cx.cluster.mechanisms, &every, "no host", report);
    for view in views.filter(|view| !view.host.mechanisms.0.is_empty()) {
        let own = view.needs.iter().map(|one| one.need).collect();
        let who = format!("the {} `{}` does not", view.role_names(), view.host.name.value);
        useless(&view.host.mechanisms, &own, &who, report);
    }
}

fn useless(chosen: &Mechanisms, needs: &BTreeSet<Need>, who: &str, report: &mut Report) {
    for (need, name) in chosen.0.iter().filter(|(need, _)| !needs.contains(need)) {
        let verb = if who == "no host" { "needs" } else { "need" };
        let message = format!("{who} {verb} `{need}`");
        report.add(Finding::at(&CHECK.rule, name.span, message).help("remove the line"));
    }
}
