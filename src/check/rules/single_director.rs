//! A cluster whose only director is its weakest part.

use super::{Check, CheckCx};
use crate::diagnostic::{Finding, Report, Rule, Severity};

pub(super) static CHECK: Check = Check {
    rule: Rule {
        code: "single-director",
        severity: Severity::Warning,
        doc: include_str!("single-director.md"),
    },
    run,
};

fn run(cx: &CheckCx<'_>, report: &mut Report) {
    if let [only] = cx.cluster.directors.as_slice() {
        let message = format!("while `{}` is down, so is every service", only.name.value);
        let help = "`allow` it with a reason if that is known: `lvsgen explain single-director`";
        report.add(Finding::at(&CHECK.rule, only.name.span, message).help(help));
    }
}
