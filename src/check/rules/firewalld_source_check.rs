//! firewalld drops IPv6 packets of the cluster that arrive on another NIC than that of their way back.

use super::{Check, CheckCx};
use crate::diagnostic::{Finding, Report, Rule, Severity};
use crate::ipvs::{Family, Forwarding};
use crate::model::{Need, Role};
use crate::profile::RuleLanguage;
use crate::resolve::{HostView, ServiceView};

pub(super) static CHECK: Check = Check {
    rule: Rule {
        code: "firewalld-source-check",
        severity: Severity::Warning,
        doc: include_str!("firewalld-source-check.md"),
    },
    run,
};

fn run(cx: &CheckCx<'_>, report: &mut Report) {
    for host in cx.resolved.hosts.iter().filter(|host| has_firewalld(host)) {
        let mut services = cx.resolved.services_on(host).into_iter();
        let found = services.find_map(|view| packets(view, host).map(|what| (view, what)));
        let Some((view, what)) = found else { continue };
        let message = format!(
            "firewalld of `{}` drops {what} of `{}` over IPv6",
            host.host.name.value, view.service.name.value
        );
        let help = "set `IPv6_rpfilter=no` in /etc/firewalld/firewalld.conf there";
        report.add(Finding::at(&CHECK.rule, view.service.name.span, message).help_and_allow(help));
    }
}

fn has_firewalld(host: &HostView<'_>) -> bool {
    let mechanism = host.need(Need::Firewall).and_then(|view| view.mechanism);
    mechanism.is_some_and(|mechanism| {
        matches!(mechanism.language, RuleLanguage::Policy | RuleLanguage::RichRules)
    })
}

/// The IPv6 packets that arrive on a host from an unexpected side.
fn packets(view: &ServiceView<'_>, host: &HostView<'_>) -> Option<&'static str> {
    let ipv6 = view.reached(host.host).any(|vip| vip.family() == Family::Ipv6);
    let tunnelled = || view.way_to(host.host) == Some(Forwarding::Tunnel);
    let through = || view.health_checks().any(|check| check.goes_through_vip());
    match () {
        () if !ipv6 => None,
        () if host.is(Role::RealServer) && tunnelled() => Some("the tunnelled requests"),
        () if host.is(Role::Director) && through() => Some("the answers to the checks"),
        () => None,
    }
}
