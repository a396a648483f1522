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
    if !cx.cluster.network.dns.is_empty() {
        return;
    }
    for view in &cx.resolved.hosts {
        let vip = view.need(Need::DirectorVip);
        let Some(mechanism) = vip.and_then(|vip| vip.mechanism).filter(|one| one.whole_nic) else {
            continue;
        };
        let name = &view.host.name;
        let message = format!(
            "`{}` writes the whole NIC profile of `{}`, but `network` has no name server",
            mechanism.mechanism, name.value
        );
        let help = "add `dns` to `network`, or remove `director_vip` from `mechanisms`: the default adds only the VIPs";
        report.add(Finding::at(&CHECK.rule, name.span, message).help(help));
    }
}
