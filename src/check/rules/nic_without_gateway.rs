//! A director whose mechanism writes the whole NIC profile, in a model without a gateway. The NIC would lose its
//! default route.

use super::{Check, CheckCx};
use crate::diagnostic::{Finding, Report, Rule, Severity};
use crate::ipvs::Family;
use crate::model::{HasFamily as _, Need, SegmentId};

pub(super) static CHECK: Check = Check {
    rule: Rule {
        code: "nic-without-gateway",
        severity: Severity::Warning,
        doc: include_str!("nic-without-gateway.md"),
    },
    run,
};

fn run(cx: &CheckCx<'_>, report: &mut Report) {
    for view in &cx.resolved.hosts {
        let vip = view.need(Need::DirectorVip);
        let Some(mechanism) = vip.and_then(|vip| vip.mechanism).filter(|one| one.whole_nic) else {
            continue;
        };
        for family in Family::ALL.into_iter().filter(|one| view.host.address(*one).is_some()) {
            let gateways = cx.cluster.gateways_of(view.host);
            if gateways.iter().any(|gateway| gateway.family() == family) {
                continue;
            }
            let segment = view.nic().segment.unwrap_or(SegmentId::FIRST);
            let (name, key) = (&view.host.name, cx.cluster.segment(segment).key());
            let message = format!(
                "`{}` writes the whole NIC profile of `{}`, but `{key}` has no {family} gateway",
                mechanism.mechanism, name.value
            );
            let help = format!("add `gateway` to `{key}`");
            report.add(Finding::at(&CHECK.rule, name.span, message).help(help));
        }
    }
}
