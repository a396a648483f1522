//! `tuning` with a kernel parameter that the cluster itself needs.

use super::{Check, CheckCx};
use crate::diagnostic::{Finding, Report, Rule, Severity};
use crate::kernel::slashed;

pub(super) static CHECK: Check = Check {
    rule: Rule {
        code: "tuning-overrides-setting",
        severity: Severity::Error,
        doc: include_str!("tuning-overrides-setting.md"),
    },
    run,
};

fn run(cx: &CheckCx<'_>, report: &mut Report) {
    let mut seen = Vec::new();
    for view in &cx.resolved.hosts {
        for written in &view.tuning.set {
            let same = slashed(written.key.as_str());
            let own = view.settings.iter().filter(|setting| !setting.tunes);
            let Some(own) = own.into_iter().find(|setting| slashed(&setting.key) == same) else {
                continue;
            };
            if seen.contains(&written.span) {
                continue;
            }
            seen.push(written.span);
            let message = format!("lvsgen itself sets `{}`, to {}", own.key, own.value);
            let finding = Finding::at(&CHECK.rule, written.span, message);
            report.add(
                finding
                    .related(view.host.name.span, "a host that needs this value")
                    .help("remove the line: lvsgen sets the value that the cluster needs"),
            );
        }
    }
}
