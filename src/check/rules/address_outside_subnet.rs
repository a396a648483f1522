//! A host or a gateway outside of the cluster's subnet.

use std::net::IpAddr;

use super::{Check, CheckCx};
use crate::diagnostic::{Finding, Report, Rule, Severity};
use crate::ipvs::{Family, Forwarding};
use crate::model::{Host, Role};
use crate::source::Span;

pub(super) static CHECK: Check = Check {
    rule: Rule {
        code: "address-outside-subnet",
        severity: Severity::Error,
        doc: include_str!("address-outside-subnet.md"),
    },
    run,
};

fn run(cx: &CheckCx<'_>, report: &mut Report) {
    for host in cx.cluster.hosts() {
        // NFS passes through routers.
        let routed = host.role == Role::NfsServer
            || host.role == Role::RealServer && only_tunnelled(cx, host);
        if routed {
            continue;
        }
        for address in host.address.iter() {
            let what = format!("the {} `{}`", host.role, host.name.value);
            report.extend(outside(cx, &what, address.0, address.span, OF_HOST));
        }
    }
    for address in cx.cluster.inside() {
        report.extend(outside(cx, "`inside` of `failover`", address.0, address.span, OF_NETWORK));
    }
    for gateway in cx.cluster.gateways().filter(|gateway| !gateway.is_link_local()) {
        report.extend(outside(cx, "the gateway", gateway.0, gateway.span, OF_NETWORK));
    }
}

const OF_HOST: &str = "use an address of the subnet: direct routing needs all hosts on one layer 2. A real server behind a \
                       router needs `forwarding: tunnel`";
const OF_NETWORK: &str = "use an address of the subnet";

/// Whether all services reach a real server by a tunnel, which can pass through routers.
fn only_tunnelled(cx: &CheckCx<'_>, host: &Host) -> bool {
    let mut ways = cx.resolved.services.iter().filter_map(|view| view.way_to(host));
    ways.next() == Some(Forwarding::Tunnel) && ways.all(|way| way == Forwarding::Tunnel)
}

fn outside(
    cx: &CheckCx<'_>,
    what: &str,
    address: IpAddr,
    span: Span,
    help: &str,
) -> Option<Finding> {
    let family = Family::of(address);
    let Some(subnet) = cx.cluster.network.subnet.of(family) else {
        let message =
            format!("{what} has an {family} address, but `network` has no {family} subnet");
        let help = format!("add the {family} subnet to `network`");
        return Some(Finding::at(&CHECK.rule, span, message).help(help));
    };
    let message = format!("{what} is not in the subnet {}", subnet.value);
    (!subnet.0.contains(&address)).then(|| {
        Finding::at(&CHECK.rule, span, message)
            .related(subnet.span, "the cluster's segment")
            .help(help)
    })
}
