//! An NFS export that every host of the subnet may write to.

use super::{Check, CheckCx};
use crate::diagnostic::{Finding, Report, Rule, Severity};
use crate::model::NfsClients;

pub(super) static CHECK: Check = Check {
    rule: Rule {
        code: "writable-for-the-subnet",
        severity: Severity::Warning,
        doc: include_str!("writable-for-the-subnet.md"),
    },
    run,
};

fn run(cx: &CheckCx<'_>, report: &mut Report) {
    let Some(nfs) = &cx.cluster.nfs else { return };
    let subnet = nfs.clients() == NfsClients::Subnet;
    if let Some(writable) = nfs.writable.filter(|writable| writable.value && subnet) {
        let message = format!("every host of the subnet may write to `{}`", nfs.export.value);
        let help = "remove `clients` or `writable`";
        report.add(Finding::at(&CHECK.rule, writable.span, message).help(help));
    }
}
