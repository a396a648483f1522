//! Two services that take the same packets.

use std::collections::BTreeMap;

use super::{Check, CheckCx};
use crate::diagnostic::{Finding, Report, Rule, Severity};
use crate::ipvs::{Family, Protocol};
use crate::model::{PortOrMark, Vip, VirtualService};
use crate::source::Span;

pub(super) static CHECK: Check = Check {
    rule: Rule {
        code: "duplicate-service",
        severity: Severity::Error,
        doc: include_str!("duplicate-service.md"),
    },
    run,
};

/// The service that takes packets, and the place of its port or mark in the model.
type Claim<'a> = (&'a VirtualService, Span);

fn run(cx: &CheckCx<'_>, report: &mut Report) {
    let mut marks: BTreeMap<(Family, u32), Claim<'_>> = BTreeMap::new();
    // The claims of each VIP and protocol, by port. The key `None` is a mark without ports: the mark takes all ports.
    let mut ports: BTreeMap<(Vip, Protocol), BTreeMap<Option<u16>, Claim<'_>>> = BTreeMap::new();
    for service in &cx.cluster.virtual_services {
        for vip in service.vips.iter() {
            let claims: Vec<(Option<u16>, Span)> = match &service.port_or_mark {
                PortOrMark::Port(port) => vec![(Some(port.value), port.span)],
                // The kernel asks the services with a port first.
                PortOrMark::AnyPort(span) => vec![(Some(0), *span)],
                PortOrMark::Fwmark { mark, ports } if ports.is_empty() => vec![(None, mark.span)],
                PortOrMark::Fwmark { ports, .. } => {
                    let each = ports.iter().flat_map(|ports| {
                        let span = ports.span;
                        (ports.first..=ports.last).map(move |port| (Some(port), span))
                    });
                    each.collect()
                }
            };
            if let PortOrMark::Fwmark { mark, .. } = &service.port_or_mark {
                let key = (vip.family(), mark.value);
                let other = |before: &&Claim<'_>| before.0.name.span != service.name.span;
                if let Some(before) = marks.get(&key).filter(other) {
                    let what = format!("the {} firewall mark {}", key.0, key.1);
                    report.add(taken(&what, before, (service, mark.span)));
                    continue;
                }
                marks.insert(key, (service, mark.span));
            }
            for protocol in service.protocols() {
                let taken_ports = ports.entry((vip.value, protocol)).or_default();
                for (port, span) in &claims {
                    let before = match port {
                        Some(_) => taken_ports.get(port).or_else(|| taken_ports.get(&None)),
                        None => taken_ports.values().next(),
                    };
                    if let Some(before) = before {
                        let port = port.map_or("all ports".into(), |port| format!("port {port}"));
                        let what = format!("{} {protocol} {port}", vip.value);
                        report.add(taken(&what, before, (service, *span)));
                    } else {
                        taken_ports.insert(*port, (service, *span));
                    }
                }
            }
        }
    }
}

fn taken(what: &str, before: &Claim<'_>, again: Claim<'_>) -> Finding {
    let (one, two) = (&before.0.name.value, &again.0.name.value);
    Finding::at(&CHECK.rule, again.1, format!("the services `{one}` and `{two}` both take {what}"))
        .label("taken again here")
        .related(before.1, "first taken here")
        .help("join the two services, or change the VIP, the port or the mark of one")
}
