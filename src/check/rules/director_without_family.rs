//! A VIP of an address family for which a director has no address on the NIC of the VIP.

use super::{Check, CheckCx};
use crate::diagnostic::{Finding, Report, Rule, Severity};
use crate::model::Host;

pub(super) static CHECK: Check = Check {
    rule: Rule {
        code: "director-without-family",
        severity: Severity::Error,
        doc: include_str!("director-without-family.md"),
    },
    run,
};

fn run(cx: &CheckCx<'_>, report: &mut Report) {
    for service in &cx.cluster.virtual_services {
        for vip in service.vips.iter() {
            let family = vip.family();
            let segment = cx.cluster.segment_of_vip(vip.value);
            // The rule `vip-without-nic` reports a director without a NIC in the segment.
            let lacks =
                |host: &&Host| cx.cluster.vip_nic(host, vip.value).address(family).is_none();
            let director = cx.cluster.directors.iter().find(lacks);
            let Some(director) = director else { continue };
            let name = &director.name;
            let place = match cx.cluster.segments.len() {
                1 => String::new(),
                _ => format!(" in {}", cx.cluster.segment(segment).label()),
            };
            let message = format!("the director `{}` has no {family} address{place}", name.value);
            report.add(
                Finding::at(&CHECK.rule, vip.span, message)
                    .related(name.span, "the director")
                    .help(format!("give it an {family} address on the segment, or remove the VIP")),
            );
        }
    }
}
