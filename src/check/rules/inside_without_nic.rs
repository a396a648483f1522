//! A host without an address in the segment of `inside`: a director that shall carry it, or a real server that sends answers there.

use super::{Check, CheckCx};
use crate::diagnostic::{Finding, Report, Rule, Severity};
use crate::ipvs::{Family, Forwarding};
use crate::model::{HasFamily as _, Host, HostAddress, SegmentId};
use crate::source::Located;

pub(super) static CHECK: Check = Check {
    rule: Rule {
        code: "inside-without-nic",
        severity: Severity::Error,
        doc: include_str!("inside-without-nic.md"),
    },
    run,
};

fn run(cx: &CheckCx<'_>, report: &mut Report) {
    if cx.cluster.segments.len() == 1 {
        // Every host has a NIC in the only segment, or the rule `address-outside-subnet` reports the host.
        return;
    }
    for inside in cx.cluster.inside() {
        let family = inside.family();
        // The rule `address-outside-subnet` reports an address in no segment.
        let Some(segment) = cx.cluster.segment_of_inside(family) else { continue };
        let lacks = |host: &&Host| {
            let nic = cx.cluster.nic_in(host, segment);
            nic.is_none_or(|nic| nic.address(family).is_none())
        };
        let directors = cx.cluster.directors.iter().filter(lacks);
        report.extend(directors.map(|host| finding(cx, inside, segment, host, "carries it")));
        let servers = cx.cluster.real_servers.iter().filter(lacks);
        let servers = servers.filter(|host| is_masqueraded(cx, host, family));
        let why = "sends the answers of masqueraded services to it";
        report.extend(servers.map(|host| finding(cx, inside, segment, host, why)));
    }
}

fn is_masqueraded(cx: &CheckCx<'_>, host: &Host, family: Family) -> bool {
    let mut services = cx.resolved.services_of(host);
    services.any(|view| {
        view.way_to(host) == Some(Forwarding::Masquerade)
            && view.reached(host).any(|vip| vip.family() == family)
    })
}

fn finding(
    cx: &CheckCx<'_>,
    inside: &Located<HostAddress>,
    segment: SegmentId,
    host: &Host,
    why: &str,
) -> Finding {
    let label = cx.cluster.segment(segment).label();
    let (name, role, family) = (&host.name, host.role, inside.family());
    let message = format!(
        "`inside` is in {label}, and the {role} `{}` has no {family} address there",
        name.value
    );
    let finding = Finding::at(&CHECK.rule, inside.span, message);
    finding
        .related(name.span, format!("the {role} {why}"))
        .help(format!("give `{}` a NIC with an {family} address in {label} (`nics`)", name.value))
}
