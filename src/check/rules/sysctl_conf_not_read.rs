//! An `/etc/sysctl.conf` that the system does not read at boot.

use super::{Check, CheckCx};
use crate::diagnostic::{Finding, Report, Rule, Severity};
use crate::model::SysctlFiles;

pub(super) static CHECK: Check = Check {
    rule: Rule {
        code: "sysctl-conf-not-read",
        severity: Severity::Warning,
        doc: include_str!("sysctl-conf-not-read.md"),
    },
    run,
};

fn run(cx: &CheckCx<'_>, report: &mut Report) {
    let mut reported = None;
    for view in &cx.resolved.hosts {
        let Some(profile) = view.profile.filter(|one| one.kernel.ignores_sysctl_conf) else {
            continue;
        };
        let written = |files: &SysctlFiles| {
            files
                .0
                .iter()
                .find(|file| file.path.as_str() == "/etc/sysctl.conf")
                .map(|file| file.path.span)
        };
        let places = [
            written(&cx.cluster.sysctl_files).filter(|span| reported != Some(*span)),
            written(&view.host.sysctl_files),
        ];
        for span in places.into_iter().flatten() {
            reported = reported.or(Some(span));
            let message = format!(
                "`{}` ({}) does not read `/etc/sysctl.conf` at boot",
                view.host.name.value, profile.name
            );
            let help = "move the settings to a file in `/etc/sysctl.d`";
            report.add(Finding::at(&CHECK.rule, span, message).help(help));
        }
    }
}
