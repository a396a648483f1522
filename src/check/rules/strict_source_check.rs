//! A director or a real server that has several NICs, and that drops packets whose way back uses another NIC.

use super::{Check, CheckCx, KernelRule, Said, effective};
use crate::diagnostic::{Report, Rule, Severity};
use crate::ipvs::{Family, Forwarding};
use crate::kernel::Parameter;
use crate::model::{InterfaceName, Need, Role};
use crate::resolve::{HostView, NicView, ServiceView};

pub(super) static CHECK: Check = Check {
    rule: Rule {
        code: "strict-source-check",
        severity: Severity::Warning,
        doc: include_str!("strict-source-check.md"),
    },
    run,
};

fn run<'a>(cx: &CheckCx<'a>, report: &mut Report) {
    let views = cx.resolved.hosts.iter().filter(|view| {
        let balances = view.provides(Need::RealServerVip) || view.is(Role::Director);
        balances && (view.nics.len() > 1 || !view.host.other_interfaces.is_empty())
    });
    let kernel = KernelRule {
        rule: &CHECK.rule,
        bad: &|value| value == 1,
        say: &|Said { who, when, nic, .. }| {
            format!(
                "{when}, {who} drops packets on `{nic}` if the way back uses another NIC: `rp_filter` is 1"
            )
        },
        fix: Some(&|Said { nic, .. }| {
            format!(
                "write `tuning: {{ set: {{ net.ipv4.conf.{nic}.rp_filter: 2 }} }}`: any way back is then enough"
            )
        }),
    };
    let names =
        |view: &'a HostView<'a>| crossed(cx, view).into_iter().map(InterfaceName::as_str).collect();
    kernel.find(cx.resolved, views, names, effective(Parameter::RpFilter), report);
}

/// The NICs on which packets of clients come in, and whose way back may be another NIC: the default route of the host is on
/// another NIC, or unknown.
fn crossed<'a>(cx: &CheckCx<'_>, view: &'a HostView<'a>) -> Vec<&'a InterfaceName> {
    let mut nics = Vec::new();
    if view.is(Role::Director) {
        let vips = view.vips.iter().filter(|vip| vip.family() == Family::Ipv4);
        nics.extend(vips.map(|vip| view.vip_nic(cx.cluster, *vip)));
    }
    let direct = |service: &ServiceView<'_>| {
        service.way_to(view.host) == Some(Forwarding::Direct)
            && service.reached(view.host).any(|vip| vip.family() == Family::Ipv4)
    };
    if view.provides(Need::RealServerVip) && cx.resolved.services_of(view.host).any(direct) {
        nics.extend(view.server_nic(cx.cluster, Family::Ipv4, Forwarding::Direct));
    }
    let leads_back = |nic: &NicView<'_>| nic.gateways.iter().any(|one| one.0.is_ipv4());
    nics.retain(|nic| !view.host.other_interfaces.is_empty() || !leads_back(nic));
    nics.into_iter().map(NicView::name).collect()
}
