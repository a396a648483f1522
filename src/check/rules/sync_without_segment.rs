//! Directors that share their connections, but have no segment with IPv4 in common.

use super::{Check, CheckCx};
use crate::diagnostic::{Finding, Report, Rule, Severity};

pub(super) static CHECK: Check = Check {
    rule: Rule {
        code: "sync-without-segment",
        severity: Severity::Error,
        doc: include_str!("sync-without-segment.md"),
    },
    run,
};

fn run(cx: &CheckCx<'_>, report: &mut Report) {
    let Some(sync) = cx.cluster.failover.as_ref().and_then(|failover| failover.value.sync) else {
        return;
    };
    let apart = cx.cluster.directors.iter().find(|host| cx.cluster.sync_nic(host).is_none());
    let Some(director) = apart.filter(|_| sync.value) else { return };
    let name = &director.name;
    let message = format!(
        "`{}` has no IPv4 address in a segment of every director, and `sync` needs one",
        name.value
    );
    let finding = Finding::at(&CHECK.rule, sync.span, message).related(name.span, "the director");
    report.add(finding.help("give all directors an IPv4 address in one segment, or remove `sync`"));
}
