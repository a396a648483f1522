//! A mechanism that describes a NIC as an Ethernet NIC, on a NIC of another kind.

use super::{Check, CheckCx};
use crate::diagnostic::{Finding, Report, Rule, Severity};
use crate::model::Need;
use crate::resolve::{HostView, NicView};

pub(super) static CHECK: Check = Check {
    rule: Rule {
        code: "nic-of-another-kind",
        severity: Severity::Error,
        doc: include_str!("nic-of-another-kind.md"),
    },
    run,
};

fn run(cx: &CheckCx<'_>, report: &mut Report) {
    for view in &cx.resolved.hosts {
        for nic in view.vip_nics(cx.cluster) {
            report.extend(refused(view, nic));
        }
    }
}

fn refused(view: &HostView<'_>, nic: &NicView<'_>) -> Option<Finding> {
    let need = view.need(Need::DirectorVip)?;
    let mechanism = need.mechanism?;
    let (nic, kind) = (nic.name(), nic.interface.kind());
    if mechanism.writes(kind) {
        return None;
    }
    let name = &mechanism.mechanism;
    let message = format!(
        "`{name}` cannot describe the NIC `{nic}` of `{}`, which is {}",
        view.host.name.value,
        kind.with_article()
    );
    let mut offered = view.profile?.needs.get(&need.need)?.iter();
    let able = offered
        .find(|one| one.writes(kind) && one.carries_all(&view.vips) && one.abilities.is_empty());
    let help = match able {
        None => "rename the NIC, or choose another target".to_owned(),
        Some(able) => format!("write `mechanisms: {{ {}: {} }}`", need.need, able.mechanism),
    };
    let span = need.asked.map_or(view.host.name.span, |asked| asked.span);
    Some(Finding::at(&CHECK.rule, span, message).help(help))
}
