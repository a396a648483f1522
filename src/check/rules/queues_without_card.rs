//! Queues of a NIC that has none: a bond, a bridge or a VLAN.

use super::{Check, CheckCx};
use crate::diagnostic::{Finding, Report, Rule, Severity};
use crate::model::{Need, NicKind};

pub(super) static CHECK: Check = Check {
    rule: Rule {
        code: "queues-without-card",
        severity: Severity::Error,
        doc: include_str!("queues-without-card.md"),
    },
    run,
};

fn run(cx: &CheckCx<'_>, report: &mut Report) {
    for view in cx.resolved.hosts.iter().filter(|view| view.need(Need::Queues).is_some()) {
        let Some(queues) = cx.cluster.tuning_of(view.host).queues else { continue };
        let (nic, kind) = (view.nic().name(), view.nic().interface.kind());
        if kind == NicKind::Ethernet || !queues.interfaces.is_empty() {
            continue;
        }
        let name = &view.host.name;
        let message = format!(
            "the NIC `{nic}` of `{}` is {}, without queues of its own",
            name.value,
            kind.with_article()
        );
        let help = "name its network cards in the `tuning` of the host: `queues: { interfaces: [ens1, ens2] }`";
        let finding = Finding::at(&CHECK.rule, queues.span, message);
        report.add(finding.related(name.span, "this host").help(help));
    }
}
