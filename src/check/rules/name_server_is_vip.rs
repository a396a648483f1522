//! A name server that is a VIP of the cluster.

use super::{Check, CheckCx};
use crate::diagnostic::{Finding, Report, Rule, Severity};

pub(super) static CHECK: Check = Check {
    rule: Rule {
        code: "name-server-is-vip",
        severity: Severity::Warning,
        doc: include_str!("name-server-is-vip.md"),
    },
    run,
};

fn run(cx: &CheckCx<'_>, report: &mut Report) {
    for segment in &cx.cluster.segments {
        for server in &segment.dns {
            let vip = cx.cluster.vips().find(|vip| vip.value.0 == server.value.0);
            let Some(vip) = vip else { continue };
            let message =
                format!("the hosts ask their own cluster for names, at {}", server.value.0);
            let help =
                "write name servers outside of the cluster, or the addresses of its real servers";
            let finding = Finding::at(&CHECK.rule, server.span, message);
            report.add(finding.related(vip.span, "a VIP of the cluster").help(help));
        }
    }
}
