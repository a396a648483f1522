//! A host with a VIP, and with a mechanism that cannot carry the address family of this VIP.

use super::{Check, CheckCx};
use crate::diagnostic::{Finding, Report, Rule, Severity};
use crate::model::Need;
use crate::resolve::{HostView, NeedView};

pub(super) static CHECK: Check = Check {
    rule: Rule {
        code: "family-not-carried",
        severity: Severity::Error,
        doc: include_str!("family-not-carried.md"),
    },
    run,
};

fn run(cx: &CheckCx<'_>, report: &mut Report) {
    for view in &cx.resolved.hosts {
        let vips = [Need::DirectorVip, Need::RealServerVip];
        for need in view.needs.iter().filter(|need| vips.contains(&need.need)) {
            report.extend(gap(view, need));
        }
    }
}

fn gap(view: &HostView<'_>, need: &NeedView<'_>) -> Option<Finding> {
    let mechanism = need.mechanism?;
    let vip = view.vips.iter().find(|vip| !mechanism.carries.contains(&vip.family()))?;
    let (host, family) = (&view.host.name, vip.family());
    let name = &mechanism.mechanism;
    let message = format!("`{name}` cannot carry the {family} VIP {vip} of `{}`", host.value);
    let offered = view.profile?.needs.get(&need.need)?.iter();
    let able = offered.filter(|one| one.carries_all(&view.vips));
    let help = match able.map(|one| one.mechanism.as_str()).next() {
        None => {
            format!("no mechanism of the target for `{}` can carry all VIPs of the host", need.need)
        }
        Some(able) => format!("write `mechanisms: {{ {}: {able} }}`", need.need),
    };
    let span = need.asked.map_or(host.span, |asked| asked.span);
    Some(Finding::at(&CHECK.rule, span, message).help(help))
}
