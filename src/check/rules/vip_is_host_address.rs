//! A VIP that is the address of a host or of the gateway.

use std::collections::BTreeMap;

use super::{Check, CheckCx};
use crate::diagnostic::{Finding, Report, Rule, Severity};

pub(super) static CHECK: Check = Check {
    rule: Rule {
        code: "vip-is-host-address",
        severity: Severity::Error,
        doc: include_str!("vip-is-host-address.md"),
    },
    run,
};

fn run(cx: &CheckCx<'_>, report: &mut Report) {
    let mut owners = BTreeMap::new();
    for host in cx.cluster.hosts() {
        for address in host.every_address() {
            owners.entry(address.0).or_insert((host, address.span));
        }
    }
    for gateway in cx.cluster.gateways() {
        for vip in cx.cluster.vips() {
            if vip.0 == gateway.0 {
                let message = format!("the VIP {} is the gateway's address", vip.value);
                report.add(
                    Finding::at(&CHECK.rule, vip.span, message)
                        .related(gateway.span, "the gateway")
                        .help("give the service an address of its own"),
                );
            }
        }
    }
    for vip in cx.cluster.vips() {
        if let Some((host, span)) = owners.get(&vip.0) {
            let message = format!(
                "the VIP {} is the address of the {} `{}`",
                vip.value, host.role, host.name.value
            );
            report.add(
                Finding::at(&CHECK.rule, vip.span, message)
                    .related(*span, "the host's own address")
                    .help("give the service an address of its own"),
            );
        }
    }
}
