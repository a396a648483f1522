//! A NIC of the cluster in the list of the other NICs of a host.

use super::{Check, CheckCx};
use crate::diagnostic::{Finding, Report, Rule, Severity};

pub(super) static CHECK: Check = Check {
    rule: Rule {
        code: "nic-of-both-kinds",
        severity: Severity::Warning,
        doc: include_str!("nic-of-both-kinds.md"),
    },
    run,
};

fn run(cx: &CheckCx<'_>, report: &mut Report) {
    for host in cx.cluster.hosts() {
        for other in &host.other_interfaces {
            let mut own = host.nics.iter().map(|nic| &cx.cluster.interface_of(nic).name);
            let Some(own) = own.find(|own| own.value == other.value) else { continue };
            let message = format!(
                "`{}` of `{}` is a NIC of the cluster, and not another one",
                other.value, host.name.value
            );
            let finding = Finding::at(&CHECK.rule, other.span, message);
            report.add(
                finding
                    .related(own.span, "the NIC of the cluster")
                    .help("remove the NIC from `other_interfaces`"),
            );
        }
    }
}
