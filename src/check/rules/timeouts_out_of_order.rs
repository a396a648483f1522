//! Closed connections that are remembered longer than open ones.

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

/// The values of the kernel where nothing sets them, in seconds.
const KERNEL_TCP: u32 = 900;

fn run(cx: &CheckCx<'_>, report: &mut Report) {
    let Some(timeouts) = &cx.cluster.timeouts else { return };
    let tcp = if timeouts.tcp == 0 { KERNEL_TCP } else { timeouts.tcp };
    if timeouts.tcp_fin > tcp {
        let message = format!(
            "a connection is remembered for {tcp} s while it is open, and for {} s after its end",
            timeouts.tcp_fin
        );
        let help = "make `tcp_fin` smaller than `tcp`";
        report.add(Finding::at(&CHECK.rule, timeouts.span, message).help(help));
    }
}
