//! A host, a gateway or a VIP with the network address or the broadcast address of the subnet.

use std::net::IpAddr;

use ipnet::IpNet;

use super::{Check, CheckCx};
use crate::diagnostic::{Finding, Report, Rule, Severity};
use crate::ipvs::Family;
use crate::source::Span;

pub(super) static CHECK: Check = Check {
    rule: Rule {
        code: "network-or-broadcast-address",
        severity: Severity::Error,
        doc: include_str!("network-or-broadcast-address.md"),
    },
    run,
};

fn run(cx: &CheckCx<'_>, report: &mut Report) {
    let net_of = |address: IpAddr| {
        let segment = cx.cluster.segment(cx.cluster.containing(address)?);
        segment.subnet.of(Family::of(address)).map(|subnet| subnet.0)
    };
    for host in cx.cluster.hosts() {
        for address in host.addresses() {
            report_special(address.0, address.span, net_of(address.0), report);
        }
    }
    for gateway in cx.cluster.gateways() {
        report_special(gateway.0, gateway.span, net_of(gateway.0), report);
    }
    for service in &cx.cluster.virtual_services {
        for vip in service.vips.iter() {
            report_special(vip.0, vip.span, net_of(vip.0), report);
        }
    }
}

fn report_special(address: IpAddr, span: Span, net: Option<IpNet>, report: &mut Report) {
    let Some(net) = net.filter(|net| net.prefix_len() + 1 < net.max_prefix_len()) else {
        return;
    };
    let what = if address == net.network() {
        "the network address of the subnet"
    } else if address.is_ipv4() && address == net.broadcast() {
        "the broadcast address of the subnet"
    } else {
        return;
    };
    let message = format!("{address} is {what} {net}");
    let help = "choose an address between the first and the last address of the subnet";
    report.add(Finding::at(&CHECK.rule, span, message).help(help));
}
