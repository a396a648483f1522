//! A cluster with only one director.

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
        let message =
            format!("every service is down while the only director `{}` is down", only.name.value);
        let help = "add a second entry to `directors`, and `failover: { virtual_router_id: 51 }`";
        report.add(Finding::at(&CHECK.rule, only.name.span, message).help_or_allow(help));
    }
}
