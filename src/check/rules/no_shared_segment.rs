//! A director that does not reach the address of a real server in its table on a layer 2.

use super::{Check, CheckCx};
use crate::diagnostic::{Finding, Report, Rule, Severity};
use crate::ipvs::{Family, Forwarding};
use crate::model::{Cluster, Host};
use crate::resolve::ServiceView;

pub(super) static CHECK: Check = Check {
    rule: Rule {
        code: "no-shared-segment",
        severity: Severity::Error,
        doc: include_str!("no-shared-segment.md"),
    },
    run,
};

fn run(cx: &CheckCx<'_>, report: &mut Report) {
    if cx.cluster.segments.len() == 1 {
        // The rule `address-outside-subnet` reports hosts outside of the only segment.
        return;
    }
    for director in &cx.cluster.directors {
        for server in &cx.cluster.real_servers {
            report.extend(apart(cx, director, server));
        }
    }
}

fn apart(cx: &CheckCx<'_>, director: &Host, server: &Host) -> Option<Finding> {
    let placed = |host: &Host| host.nics.iter().all(|nic| cx.cluster.segment_of(nic).is_some());
    if director.name.value == server.name.value || !placed(director) || !placed(server) {
        return None;
    }
    let (view, family) = cx.resolved.services_of(server).find_map(|view| {
        let way = view.way_to(server).filter(|way| *way != Forwarding::Tunnel)?;
        let mut families = view.reached(server).map(|vip| vip.family());
        let beside = |family| cx.cluster.director_beside(director, server, family, way);
        let far = families.find(|family| beside(*family).is_none());
        far.map(|family| (view, family))
    })?;
    let finding = Finding::at(
        &CHECK.rule,
        server.name.span,
        message(cx.cluster, view, director, server, family),
    );
    let label = format!("the service that `{}` answers", server.name.value);
    Some(
        finding
            .related(director.name.span, "the director")
            .related(view.service.name.span, label)
            .help(
                "give the real server and every director a NIC in one segment (`nics`), or let the service reach this real \
                 server with `forwarding: tunnel`",
            ),
    )
}

fn message(
    cluster: &Cluster,
    view: &ServiceView<'_>,
    director: &Host,
    server: &Host,
    family: Family,
) -> String {
    let (name, other) = (&server.name.value, &director.name.value);
    match view.server_address(server, family) {
        Some(address) if cluster.near(director, server, family).is_some() => format!(
            "the tables of all directors have the address {address} of `{name}`, and `{other}` has no {family} address in that segment"
        ),
        _ => format!("`{name}` and the director `{other}` have no segment with {family} in common"),
    }
}
