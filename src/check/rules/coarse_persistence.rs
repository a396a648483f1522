//! Persistence that treats the clients of a large network as one client.

use super::{Check, CheckCx};
use crate::diagnostic::{Finding, Report, Rule, Severity};
use crate::ipvs::Family;

pub(super) static CHECK: Check = Check {
    rule: Rule {
        code: "coarse-persistence",
        severity: Severity::Warning,
        doc: include_str!("coarse-persistence.md"),
    },
    run,
};

fn run(cx: &CheckCx<'_>, report: &mut Report) {
    for service in &cx.cluster.virtual_services {
        let Some(persistence) = &service.persistence else { continue };
        let coarse = |family| match family {
            Family::Ipv4 => (persistence.netmask <= 16).then_some(persistence.netmask),
            Family::Ipv6 => (persistence.netmask6 < 48).then_some(persistence.netmask6),
        };
        if let Some(length) = service.vips.iter().find_map(|vip| coarse(vip.family())) {
            let name = &service.name.value;
            let message =
                format!("the service `{name}` treats all clients of a /{length} as one client");
            let help =
                "write `netmask: 24` or `netmask6: 64`, which join the addresses of one site";
            report.add(Finding::at(&CHECK.rule, persistence.span, message).help(help));
        }
    }
}
