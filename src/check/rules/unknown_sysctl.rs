//! A sysctl that the kernel does not have.

use super::{Check, CheckCx};
use crate::diagnostic::{Finding, Report, Rule, Severity};
use crate::kernel::names::{self, KeyFault};
use crate::kernel::slashed;

pub(super) static CHECK: Check = Check {
    rule: Rule {
        code: "unknown-sysctl",
        severity: Severity::Warning,
        doc: include_str!("unknown-sysctl.md"),
    },
    run,
};

fn run(cx: &CheckCx<'_>, report: &mut Report) {
    let of_hosts = cx.cluster.hosts().map(|host| &host.sysctl_files);
    let files = std::iter::once(&cx.cluster.sysctl_files).chain(of_hosts);
    let in_files = files.flat_map(|files| &files.0).flat_map(|file| &file.settings);
    for setting in in_files.chain(cx.cluster.tuned_settings()) {
        let key = &setting.key;
        let Some(fault) = names::fault(&slashed(key.as_str())) else { continue };
        let (message, help) = match fault {
            KeyFault::Misspelt(name) => (format!("the kernel has no `{key}`"), name),
            KeyFault::Removed { version, why } => {
                let message = format!("Linux {version} removed `{key}`");
                (message, format!("remove the line: {why}"))
            }
        };
        report.add(Finding::at(&CHECK.rule, setting.span, message).help(help));
    }
}
