//! A mask of `persistence` for a family that no VIP of the service has.

use super::{Check, CheckCx};
use crate::diagnostic::{Finding, Report, Rule, Severity};
use crate::ipvs::Family;

pub(super) static CHECK: Check = Check {
    rule: Rule {
        code: "persistence-mask-unused",
        severity: Severity::Warning,
        doc: include_str!("persistence-mask-unused.md"),
    },
    run,
};

fn run(cx: &CheckCx<'_>, report: &mut Report) {
    for service in &cx.cluster.virtual_services {
        let Some(persistence) = &service.persistence else { continue };
        let masks = [
            (Family::Ipv4, "netmask", persistence.value.netmask != 32),
            (Family::Ipv6, "netmask6", persistence.value.netmask6 != 128),
        ];
        for (family, key, written) in masks {
            if written && !service.vips.iter().any(|vip| vip.value.family() == family) {
                let message = format!(
                    "`{key}` of `{}` has no effect: no VIP is {family}",
                    service.name.value
                );
                let help = format!("remove `{key}`, or add an {family} VIP");
                report.add(Finding::at(&CHECK.rule, persistence.span, message).help(help));
            }
        }
    }
}
