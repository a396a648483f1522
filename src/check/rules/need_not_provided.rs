//! A need that the profile of the host's target does not provide.

use super::{Check, CheckCx};
use crate::diagnostic::{Finding, Report, Rule, Severity};

pub(super) static CHECK: Check = Check {
    rule: Rule {
        code: "need-not-provided",
        severity: Severity::Error,
        doc: include_str!("need-not-provided.md"),
    },
    run,
};

fn run(cx: &CheckCx<'_>, report: &mut Report) {
    for view in &cx.resolved.hosts {
        let Some(profile) = view.profile else {
            continue;
        };
        for need in view.needs.iter().map(|view| view.need) {
            if profile.needs.contains_key(&need) {
                continue;
            }
            let host = &view.host.name;
            let message = format!(
                "the {} `{}` needs `{need}`, which the target `{}` does not provide",
                view.role_names(),
                host.value,
                profile.name
            );
            let mut finding = Finding::at(&CHECK.rule, host.span, message)
                .help("choose another target, or add the need to the profile");
            if let Some(span) = view.target.span {
                finding = finding.related(span, "the target is chosen here");
            }
            report.add(finding);
        }
    }
}
