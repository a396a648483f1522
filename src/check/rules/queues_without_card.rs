//! Queues of a NIC that has none: a bond, a bridge or a VLAN.

use std::collections::BTreeMap;

use super::{Check, CheckCx};
use crate::diagnostic::{Finding, Report, Rule, Severity};
use crate::model::{Need, NicKind};
use crate::resolve::{HostView, NicView};
use crate::source::Span;

pub(super) static CHECK: Check = Check {
    rule: Rule {
        code: "queues-without-card",
        severity: Severity::Error,
        doc: include_str!("queues-without-card.md"),
    },
    run,
};

fn run(cx: &CheckCx<'_>, report: &mut Report) {
    // Hosts without a tuning of their own share the place of the cluster's `queues`.
    let mut places: BTreeMap<Span, Vec<(&HostView<'_>, &NicView<'_>)>> = BTreeMap::new();
    for view in cx.resolved.hosts.iter().filter(|view| view.need(Need::Queues).is_some()) {
        let queues = view.tuning.queues;
        let mut nics = view.nics.iter();
        let other = nics.find(|nic| nic.interface.kind() != NicKind::Ethernet);
        if let (Some(queues), Some(nic)) = (queues.filter(|one| one.interfaces.is_empty()), other) {
            places.entry(queues.span).or_default().push((view, nic));
        }
    }
    for (span, views) in places {
        let (first, nic) = views.first().expect("a place has a host");
        let name = &first.host.name;
        let more = match views.len() {
            1 => String::new(),
            count => format!(" (and {} more)", count - 1),
        };
        let message = format!(
            "the NIC `{}` of `{}`{more} is {}, without queues of its own",
            nic.name(),
            name.value,
            nic.interface.kind().with_article()
        );
        let help = "name its network cards in the `tuning` of the host: `queues: { interfaces: [ens1, ens2] }`";
        let finding = Finding::at(&CHECK.rule, span, message);
        report.add(finding.related(name.span, "this host").help(help));
    }
}
