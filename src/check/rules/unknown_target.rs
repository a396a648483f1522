//! A target for which no profile exists.

use std::collections::BTreeSet;

use super::{Check, CheckCx};
use crate::diagnostic::{Finding, Report, Rule, Severity};

pub(super) static CHECK: Check = Check {
    rule: Rule {
        code: "unknown-target",
        severity: Severity::Error,
        doc: include_str!("unknown-target.md"),
    },
    run,
};

fn run(cx: &CheckCx<'_>, report: &mut Report) {
    let mut reported = BTreeSet::new();
    for view in cx.resolved.hosts.iter().filter(|view| view.profile.is_none()) {
        let name = view.target.name.as_str();
        if !reported.insert((view.target.span, name)) {
            continue;
        }
        let message = format!("there is no target `{name}`");
        let finding = match view.target.span {
            Some(span) => Finding::at(&CHECK.rule, span, message),
            None => Finding::new(&CHECK.rule, message),
        };
        report.add(finding.help(cx.profiles.suggest(name)));
    }
}
