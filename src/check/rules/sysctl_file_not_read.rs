//! A sysctl file that no host reads.

use super::{Check, CheckCx};
use crate::diagnostic::{Finding, Report, Rule, Severity};
use crate::kernel;

pub(super) static CHECK: Check = Check {
    rule: Rule {
        code: "sysctl-file-not-read",
        severity: Severity::Warning,
        doc: include_str!("sysctl-file-not-read.md"),
    },
    run,
};

fn run(cx: &CheckCx<'_>, report: &mut Report) {
    let of_hosts = cx.cluster.hosts().map(|host| &host.sysctl_files);
    for file in std::iter::once(&cx.cluster.sysctl_files).chain(of_hosts).flat_map(|files| &files.0)
    {
        // ufw applies this file itself when it starts (`IPT_SYSCTL` of /etc/default/ufw).
        let of_ufw = file.path.value.as_str() == "/etc/ufw/sysctl.conf";
        if !of_ufw && !kernel::is_read(file.path.value.as_str()) {
            let message = format!("no host reads `{}`", file.path.value);
            let help = "write the path of a file in /etc/sysctl.d or another `sysctl.d`, with the suffix `.conf`";
            report.add(Finding::at(&CHECK.rule, file.path.span, message).help(help));
        }
    }
}
