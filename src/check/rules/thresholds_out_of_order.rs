//! Connection thresholds that the kernel refuses or ignores.

use super::{Check, CheckCx};
use crate::diagnostic::{Finding, Report, Rule, Severity};

pub(super) static CHECK: Check = Check {
    rule: Rule {
        code: "thresholds-out-of-order",
        severity: Severity::Error,
        doc: include_str!("thresholds-out-of-order.md"),
    },
    run,
};

fn run(cx: &CheckCx<'_>, report: &mut Report) {
    for service in &cx.cluster.virtual_services {
        for one in service.real_servers.iter().flat_map(|listed| listed.iter()) {
            let Some(lower) = one.lower_threshold else { continue };
            let message = match one.upper_threshold {
                None => "a lower threshold has no effect without an upper one".to_owned(),
                Some(upper) if upper.value < lower.value => {
                    format!("the lower threshold {} is above the upper one", lower.value)
                }
                Some(_) => continue,
            };
            let help = "write an `upper_threshold` that is larger";
            report.add(Finding::at(&CHECK.rule, lower.span, message).help(help));
        }
    }
}
