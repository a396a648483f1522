//! Timeouts with which IPVS remembers a closed connection longer than an open connection.

use super::{Check, CheckCx};
use crate::diagnostic::{Finding, Report, Rule, Severity};

pub(super) static CHECK: Check = Check {
    rule: Rule {
        code: "timeouts-out-of-order",
        severity: Severity::Warning,
        doc: include_str!("timeouts-out-of-order.md"),
    },
    run,
};

/// The kernel's default for the `tcp` timeout, in seconds. It applies if the model sets no `tcp` timeout.
const KERNEL_TCP: u32 = 900;

fn run(cx: &CheckCx<'_>, report: &mut Report) {
    let Some(timeouts) = &cx.cluster.timeouts else { return };
    let tcp = if timeouts.tcp == 0 { KERNEL_TCP } else { timeouts.tcp };
    if timeouts.tcp_fin > tcp {
        let message = format!(
            "an open connection is remembered for {tcp} s, but a closed connection for {} s",
            timeouts.tcp_fin
        );
        let help = "make `tcp_fin` smaller than `tcp`";
        report.add(Finding::at(&CHECK.rule, timeouts.span, message).help(help));
    }
}
