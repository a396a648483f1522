//! A VIP of an address family for which a director has no address.

use super::{Check, CheckCx};
use crate::diagnostic::{Finding, Report, Rule, Severity};

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
            let director = cx.cluster.directors.iter().find(|host| host.address(family).is_none());
            let Some(director) = director else { continue };
            let name = &director.name;
            let message = format!("the director `{}` has no {family} address", name.value);
            report.add(
                Finding::at(&CHECK.rule, vip.span, message)
                    .related(name.span, "the director")
                    .help(format!("give it an {family} address on the segment, or remove the VIP")),
            );
        }
    }
}
