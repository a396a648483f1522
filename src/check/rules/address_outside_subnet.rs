//! A host or a gateway outside of the cluster's subnet.

use std::net::IpAddr;

use super::{Check, CheckCx};
use crate::diagnostic::{Finding, Report, Rule, Severity, quoted};
use crate::ipvs::{Family, Forwarding};
use crate::model::{Gateway, Host, PerFamily, Role, Segment};
use crate::source::{Located, Span};

pub(super) static CHECK: Check = Check {
    rule: Rule {
        code: "address-outside-subnet",
        severity: Severity::Error,
        doc: include_str!("address-outside-subnet.md"),
    },
    run,
};

fn run(cx: &CheckCx<'_>, report: &mut Report) {
    let help = if cx.cluster.segments.len() == 1 { OF_HOST } else { OF_SEGMENTS };
    for host in cx.cluster.hosts() {
        // NFS passes through routers.
        let routed = host.role == Role::NfsServer
            || host.role == Role::RealServer && only_tunnelled(cx, host);
        let what = format!("the {} `{}`", host.role, host.name.value);
        // A NIC with a written segment is not behind a router.
        for nic in host.nics.iter().filter(|nic| !routed || nic.segment.is_some()) {
            let segments: Vec<&Segment> = match cx.cluster.segment_of(nic) {
                Some(id) => vec![cx.cluster.segment(id)],
                None => cx.cluster.segments.iter().collect(),
            };
            for address in nic.address.iter() {
                report.extend(outside(&segments, &what, address.0, address.span, help));
            }
        }
    }
    let all: Vec<&Segment> = cx.cluster.segments.iter().collect();
    for address in cx.cluster.inside() {
        report.extend(outside(&all, "`inside` of `failover`", address.0, address.span, OF_NETWORK));
    }
    let mut gateways = |segments: &[&Segment], gateway: &Located<Gateway>| {
        let finding = outside(segments, "the gateway", gateway.0, gateway.span, OF_NETWORK);
        report.extend(finding.filter(|_| !gateway.is_link_local()));
    };
    for segment in &cx.cluster.segments {
        segment.gateways().for_each(|gateway| gateways(&[segment], gateway));
    }
    for host in cx.cluster.hosts() {
        let own = host.nics.iter().filter_map(|nic| cx.cluster.segment_of(nic));
        let own: Vec<&Segment> = own.map(|id| cx.cluster.segment(id)).collect();
        // A host behind a router has its gateway there too.
        if !own.is_empty() {
            let written = host.gateway.iter().flat_map(PerFamily::iter);
            written.for_each(|gateway| gateways(&own, gateway));
        }
    }
}

const OF_HOST: &str = "use an address of the subnet: direct routing needs all hosts on one layer 2. If the director has a NIC in \
                       the other network too, describe both networks as `segments`. A real server behind a router needs \
                       `forwarding: tunnel`";
const OF_SEGMENTS: &str = "use an address of a segment, or add the network of the NIC to `segments`. A real server behind a \
                           router needs `forwarding: tunnel`";
const OF_NETWORK: &str = "use an address of the subnet";

/// Whether all services reach a real server by a tunnel, which can pass through routers.
fn only_tunnelled(cx: &CheckCx<'_>, host: &Host) -> bool {
    let mut ways = cx.resolved.services_of(host).filter_map(|view| view.way_to(host));
    ways.next() == Some(Forwarding::Tunnel) && ways.all(|way| way == Forwarding::Tunnel)
}

/// A finding about an address that is in no subnet of these segments.
fn outside(
    segments: &[&Segment],
    what: &str,
    address: IpAddr,
    span: Span,
    help: &str,
) -> Option<Finding> {
    let family = Family::of(address);
    let subnets = segments.iter().filter_map(|segment| Some((segment, segment.subnet.of(family)?)));
    let subnets: Vec<_> = subnets.collect();
    let (first, subnet) = match subnets.as_slice() {
        [] => {
            let keys: Vec<String> = segments.iter().map(|segment| segment.key()).collect();
            let message = format!(
                "{what} has an {family} address, but {} has no {family} subnet",
                quoted(keys.iter().map(String::as_str))
            );
            let help = format!(
                "add the {family} subnet to {}",
                quoted(keys.iter().take(1).map(String::as_str))
            );
            return Some(Finding::at(&CHECK.rule, span, message).help(help));
        }
        [(first, subnet), ..] => (first, subnet),
    };
    if subnets.iter().any(|(_, subnet)| subnet.0.contains(&address)) {
        return None;
    }
    let message = match subnets.len() {
        1 => format!("{what} is not in the subnet {}", subnet.value),
        _ => format!("{what} is in the subnet of no segment"),
    };
    let finding = Finding::at(&CHECK.rule, span, message);
    Some(finding.related(subnet.span, first.label()).help(help))
}
