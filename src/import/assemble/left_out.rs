//! The real servers of a table that the model does not have.

use std::collections::BTreeSet;

use super::super::rules;
use super::super::table::Table;
use super::Cx;
use crate::diagnostic::{Finding, Report, Rule};
use crate::ipvs::{Destination, Endpoint, Family, Forwarding, Service};
use crate::source::Span;

/// Reports the real servers that cannot answer, and those that the model cannot describe. Gives their services and places: a
/// line of a group of services has one place.
pub(super) fn report(cx: &Cx<'_>, report: &mut Report) -> BTreeSet<(Endpoint, Span)> {
    let mut left_out = BTreeSet::new();
    for (_, table) in &cx.tables {
        let mut known = BTreeSet::new();
        for (service, _) in &table.services {
            if known.insert(service.endpoint) {
                of_service(cx, service, table, &mut left_out, report);
            }
        }
    }
    left_out
}

fn of_service(
    cx: &Cx<'_>,
    service: &Service,
    table: &Table,
    left_out: &mut BTreeSet<(Endpoint, Span)>,
    report: &mut Report,
) {
    let mut known = BTreeSet::new();
    for (destination, span) in table.of_service(service.endpoint) {
        let fault = match known.contains(&destination.address) {
            true => {
                let address = destination.address;
                let message = format!("the real server {address} stands twice in the service");
                Some((&rules::REFUSED, message))
            }
            false => fault(cx, service, destination),
        };
        match fault {
            Some((rule, message)) => {
                left_out.insert((service.endpoint, span));
                report.add(Finding::at(rule, span, message));
            }
            None => drop(known.insert(destination.address)),
        }
    }
}

/// The reason why the model does not have a real server.
fn fault(
    cx: &Cx<'_>,
    service: &Service,
    destination: &Destination,
) -> Option<(&'static Rule, String)> {
    let Destination { address, forwarding, .. } = *destination;
    let refused = |why: String| Some((&rules::REFUSED, why));
    if cx.vips.contains(&address) {
        return refused(format!("the real server {address} is a VIP"));
    }
    let port = service.endpoint.destination_port();
    match forwarding {
        // ip_vs_new_dest takes the other family with a tunnel only.
        Forwarding::Tunnel if Family::of(address) != service.endpoint.family() => {
            let why = "the VIP and the real servers of a service have one family in the model";
            Some((&rules::LOST, format!("a tunnel to {address}: {why}")))
        }
        _ if Family::of(address) != service.endpoint.family() => refused(format!(
            "{address} and the VIP have different families: IPVS needs a tunnel for this"
        )),
        Forwarding::Direct if port != 0 && destination.port != port => {
            refused(format!("direct routing cannot change the port {port} to {}", destination.port))
        }
        _ => None,
    }
}
