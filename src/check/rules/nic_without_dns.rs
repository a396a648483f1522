//! A director whose mechanism writes the whole NIC profile, in a model without name servers. The NIC would lose its name
//! servers.

use super::{Check, CheckCx};
use crate::diagnostic::{Finding, Report, Rule, Severity};
use crate::model::Need;

pub(super) static CHECK: Check = Check {
    rule: Rule {
        code: "nic-without-dns",
        severity: Severity::Warning,
        doc: include_str!("nic-without-dns.md"),
    },
    run,
};

fn run(cx: &CheckCx<'_>, report: &mut Report) {
    for view in &cx.resolved.hosts {
        let vip = view.need(Need::DirectorVip);
        let Some(mechanism) = vip.and_then(|vip| vip.mechanism).filter(|one| one.whole_nic) else {
            continue;
        };
        let written = view.vip_nics(cx.cluster).into_iter().filter_map(|nic| nic.segment);
        let mut segments = written.map(|segment| cx.cluster.segment(segment));
        let Some(segment) = segments.find(|segment| segment.dns.is_empty()) else { continue };
        let (name, key) = (&view.host.name, segment.key());
        let message = format!(
            "`{}` writes the whole NIC profile of `{}`, but `{key}` has no name server",
            mechanism.mechanism, name.value
        );
        let help = format!(
            "add `dns` to `{key}`, or remove `director_vip` from `mechanisms`: the default adds only the VIPs"
        );
        report.add(Finding::at(&CHECK.rule, name.span, message).help(help));
    }
}
