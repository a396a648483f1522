//! A sysctl that names a NIC, but no host with this sysctl has the NIC.

use std::collections::BTreeSet;

use super::{Check, CheckCx};
use crate::diagnostic::{Finding, Report, Rule, Severity, did_you_mean};
use crate::kernel::slashed;
use crate::model::{Host, SysctlFiles};

pub(super) static CHECK: Check = Check {
    rule: Rule {
        code: "sysctl-of-unknown-nic",
        severity: Severity::Warning,
        doc: include_str!("sysctl-of-unknown-nic.md"),
    },
    run,
};

fn run(cx: &CheckCx<'_>, report: &mut Report) {
    let every: BTreeSet<&str> = cx.cluster.hosts().flat_map(|host| nics(cx, host)).collect();
    unknown(&cx.cluster.sysctl_files, &every, report);
    for host in cx.cluster.hosts().filter(|host| !host.sysctl_files.0.is_empty()) {
        unknown(&host.sysctl_files, &nics(cx, host).collect(), report);
    }
}

fn nics<'a>(cx: &CheckCx<'a>, host: &'a Host) -> impl Iterator<Item = &'a str> {
    let nics = host.nics.iter().map(|nic| &cx.cluster.interface_of(nic).name);
    let own = nics.chain(&host.other_interfaces);
    own.map(|nic| nic.value.as_str()).chain(["all", "default", "lo"])
}

fn unknown(files: &SysctlFiles, known: &BTreeSet<&str>, report: &mut Report) {
    for setting in files.0.iter().flat_map(|file| &file.settings) {
        let key = slashed(setting.key.as_str());
        let Some(rest) = key.strip_prefix("net/ipv4/conf/") else { continue };
        let nic = rest.rsplit_once('/').map_or(rest, |(nic, _)| nic);
        if nic.contains('*') || known.contains(nic) {
            continue;
        }
        let message = format!("no host with this setting has the NIC `{nic}`");
        let dotted = nic.replace('/', ".");
        let help = match known.contains(dotted.as_str()) {
            true => {
                Some(format!("the NIC's name has a dot: use slashes, `net/ipv4/conf/{dotted}/…`"))
            }
            false => did_you_mean(nic, known.iter().copied()),
        };
        let finding = Finding::at(&CHECK.rule, setting.span, message);
        report.add(
            finding.help(help.unwrap_or_else(|| "name the NIC under `other_interfaces`".into())),
        );
    }
}
