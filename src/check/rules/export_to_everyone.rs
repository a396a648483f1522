//! An NFS export that every host may mount.

use super::{Check, CheckCx};
use crate::diagnostic::{Finding, Report, Rule, Severity};
use crate::model::NfsClients;

pub(super) static CHECK: Check = Check {
    rule: Rule {
        code: "export-to-everyone",
        severity: Severity::Warning,
        doc: include_str!("export-to-everyone.md"),
    },
    run,
};

fn run(cx: &CheckCx<'_>, report: &mut Report) {
    let Some(nfs) = &cx.cluster.nfs else { return };
    if let Some(clients) = nfs.clients.filter(|one| one.value == NfsClients::Everyone) {
        let message = format!(
            "every host that reaches `{}` may mount `{}`",
            nfs.server.name.value, nfs.export.value
        );
        let help = "remove `clients` to allow only the subnet, or write `clients: real_servers`";
        report.add(Finding::at(&CHECK.rule, clients.span, message).help(help));
    }
}
