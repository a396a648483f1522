//! A director that tracks the NIC of its VRRP instance.

use super::{Check, CheckCx};
use crate::diagnostic::{Finding, Report, Rule, Severity};
use crate::ipvs::Family;
use crate::model::{InterfaceName, Role};
use crate::resolve::HostView;

pub(super) static CHECK: Check = Check {
    rule: Rule {
        code: "own-nic-tracked",
        severity: Severity::Error,
        doc: include_str!("own-nic-tracked.md"),
    },
    run,
};

fn run(cx: &CheckCx<'_>, report: &mut Report) {
    let failover = cx.cluster.failover.as_ref();
    let track = failover.and_then(|failover| failover.value.track.as_ref());
    for nic in track.into_iter().flat_map(|track| &track.interfaces) {
        let mut directors = cx.resolved.hosts.iter().filter(|view| view.is(Role::Director));
        if let Some(director) = directors.find(|view| speaks_on(cx, view, &nic.value)) {
            let (name, host) = (&nic.value, &director.host.name.value);
            let message =
                format!("`{host}` sends its advertisements on `{name}`, and tracks it anyway");
            let help = "remove it: keepalived refuses the configuration otherwise";
            report.add(Finding::at(&CHECK.rule, nic.span, message).help(help));
        }
    }
}

/// Whether a director sends its advertisements on a NIC.
fn speaks_on(cx: &CheckCx<'_>, view: &HostView<'_>, nic: &InterfaceName) -> bool {
    let mut own = Family::ALL.into_iter().filter_map(|family| view.vrrp_nic(cx.cluster, family));
    own.any(|(own, _)| own.name() == nic)
}
