//! A sorry server that lvsgen does not set up.

use super::{Check, CheckCx};
use crate::diagnostic::{Finding, Report, Rule, Severity};
use crate::model::SorryServer;

pub(super) static CHECK: Check = Check {
    rule: Rule {
        code: "sorry-server-unmanaged",
        severity: Severity::Warning,
        doc: include_str!("sorry-server-unmanaged.md"),
    },
    run,
};

fn run(cx: &CheckCx<'_>, report: &mut Report) {
    for service in &cx.cluster.virtual_services {
        let Some(written) = &service.sorry_server else { continue };
        let SorryServer::Address(address) = &written.value else { continue };
        let message = format!("lvsgen does not set up the sorry server {address}");
        let help = "it needs the VIP on `lo`, `arp_ignore` 1 and `arp_announce` 2, as a real server; or \
                    list it in `real_servers`, and write its name here";
        report.add(Finding::at(&CHECK.rule, written.span, message).help(help));
    }
}
