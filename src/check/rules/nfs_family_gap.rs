//! A real server that has no address family in common with the NFS server.

use super::{Check, CheckCx};
use crate::diagnostic::{Finding, Report, Rule, Severity};
use crate::model::HasFamily as _;

pub(super) static CHECK: Check = Check {
    rule: Rule {
        code: "nfs-family-gap",
        severity: Severity::Error,
        doc: include_str!("nfs-family-gap.md"),
    },
    run,
};

fn run(cx: &CheckCx<'_>, report: &mut Report) {
    let Some(nfs) = &cx.cluster.nfs else { return };
    for host in &cx.cluster.real_servers {
        if nfs.server.addresses().any(|one| host.address(one.family()).is_some()) {
            continue;
        }
        let (one, two) = (&host.name, &nfs.server.name);
        let message =
            format!("`{}` cannot reach `{}`: no common address family", one.value, two.value);
        report.add(
            Finding::at(&CHECK.rule, one.span, message)
                .related(two.span, "the NFS server")
                .help("give both an address of the same family"),
        );
    }
}
