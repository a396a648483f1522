//! A mechanism that the target's profile does not offer.

use std::collections::BTreeSet;

use super::{Check, CheckCx};
use crate::diagnostic::{Finding, Report, Rule, Severity, did_you_mean, quoted};

pub(super) static CHECK: Check = Check {
    rule: Rule {
        code: "unknown-mechanism",
        severity: Severity::Error,
        doc: include_str!("unknown-mechanism.md"),
    },
    run,
};

fn run(cx: &CheckCx<'_>, report: &mut Report) {
    let mut reported = BTreeSet::new();
    for view in &cx.resolved.hosts {
        let Some(profile) = view.profile else {
            continue;
        };
        for need in view.needs.iter().filter(|need| need.mechanism.is_none()) {
            let (Some(asked), Some(offered)) = (need.asked, profile.needs.get(&need.need)) else {
                continue;
            };
            if !reported.insert((asked.span, &profile.name)) {
                continue;
            }
            let message = format!(
                "the target `{}` has no mechanism `{}` for `{}`",
                profile.name, asked.value, need.need
            );
            let offered = offered.iter().map(|one| one.mechanism.as_str());
            let meant = did_you_mean(asked.as_str(), offered.clone());
            let offer = format!("the target offers {}", quoted(offered));
            let help = meant.map_or(offer.clone(), |meant| format!("{meant} {offer}"));
            let finding = Finding::at(&CHECK.rule, asked.span, message).help(help);
            report.add(finding.related(view.host.name.span, "a host that needs it"));
        }
    }
}
