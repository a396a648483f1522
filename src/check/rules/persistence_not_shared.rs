//! Two services, for HTTP and for HTTPS, that have the same VIP but separate persistence.

use std::collections::BTreeMap;

use super::{Check, CheckCx};
use crate::diagnostic::{Finding, Report, Rule, Severity};
use crate::ipvs::Protocol;
use crate::model::{PortOrMark, Vip};
use crate::source::Span;

pub(super) static CHECK: Check = Check {
    rule: Rule {
        code: "persistence-not-shared",
        severity: Severity::Warning,
        doc: include_str!("persistence-not-shared.md"),
    },
    run,
};

fn run(cx: &CheckCx<'_>, report: &mut Report) {
    let mut kept: BTreeMap<(Vip, u16), Span> = BTreeMap::new();
    for service in &cx.cluster.virtual_services {
        let PortOrMark::Port(port) = &service.port_or_mark else { continue };
        let other = match port.value {
            80 => 443,
            443 => 80,
            _ => continue,
        };
        let tcp = service.has_protocol(Protocol::Tcp);
        let Some(persistence) = service.persistence.as_ref().filter(|_| tcp) else { continue };
        let before = service.vips.iter().find_map(|vip| kept.get(&(vip.value, other)));
        if let Some(before) = before {
            let message = format!(
                "the service `{}` does not share its persistence with port {other} of the same VIP",
                service.name.value
            );
            let finding = Finding::at(&CHECK.rule, persistence.span, message)
                .related(*before, "the persistence of the other port")
                .help("if sessions use both ports, join the services into one with a `fwmark`");
            report.add(finding);
        }
        kept.extend(service.vips.iter().map(|vip| ((vip.value, port.value), persistence.span)));
    }
}
