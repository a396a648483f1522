//! Two entries of one host, of which the second has keys of its own.

use super::{Check, CheckCx};
use crate::diagnostic::{Finding, Report, Rule, Severity};
use crate::model::Role;

pub(super) static CHECK: Check = Check {
    rule: Rule {
        code: "second-entry-differs",
        severity: Severity::Error,
        doc: include_str!("second-entry-differs.md"),
    },
    run,
};

fn run(cx: &CheckCx<'_>, report: &mut Report) {
    for view in cx.resolved.hosts.iter().filter(|view| view.roles.len() > 1) {
        let name = &view.host.name;
        let first = match view.host.role {
            Role::Director => "directors",
            Role::RealServer => "real_servers",
            Role::NfsServer | Role::MonitoringServer => "nfs",
        };
        let entries = cx.cluster.hosts().filter(|host| host.name.value == name.value);
        let second = entries.filter(|host| host.role != view.host.role);
        for entry in second {
            let keys = [
                ("target", entry.target.as_ref().map(|key| key.span)),
                (
                    "interface",
                    entry.nics.iter().find_map(|nic| Some(nic.interface.as_ref()?.name.span)),
                ),
                ("management_address", entry.management_address.as_ref().map(|key| key.span)),
                ("managed", entry.managed.map(|key| key.span)),
                ("other_interfaces", entry.other_interfaces.first().map(|key| key.span)),
                ("mechanisms", entry.mechanisms.0.values().next().map(|key| key.span)),
                ("tuning", entry.tuning.as_ref().map(|key| key.span)),
                ("sysctl_files", entry.sysctl_files.0.first().map(|file| file.path.span)),
            ];
            let written = keys.into_iter().filter_map(|(key, span)| Some((key, span?)));
            for (key, span) in written {
                let message = format!("the second entry of `{}` has a `{key}`", name.value);
                let finding = Finding::at(&CHECK.rule, span, message)
                    .related(name.span, "the first entry")
                    .help(format!("write `{key}` in the entry of `{first}`"));
                report.add(finding);
            }
        }
    }
}
