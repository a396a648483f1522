//! One address on two hosts.

use std::collections::BTreeMap;

use super::{Check, CheckCx};
use crate::diagnostic::{Finding, Report, Rule, Severity};
use crate::model::Host;

pub(super) static CHECK: Check = Check {
    rule: Rule {
        code: "duplicate-address",
        severity: Severity::Error,
        doc: include_str!("duplicate-address.md"),
    },
    run,
};

fn run(cx: &CheckCx<'_>, report: &mut Report) {
    let mut first = BTreeMap::new();
    for gateway in cx.cluster.gateways() {
        // The rule `gateway-is-director` reports a gateway that is a director.
        let director = |host: &Host| host.addresses().any(|one| one.0 == gateway.0);
        if !cx.cluster.directors.iter().any(director) {
            first.insert(gateway.0, ("the gateway", gateway.span));
        }
    }
    for host in cx.cluster.hosts() {
        for address in host.every_address() {
            let Some((name, before)) = first.get(&address.0) else {
                first.insert(address.0, (host.name.as_str(), address.span));
                continue;
            };
            // The rule `duplicate-name` reports two entries with the same name.
            if *name == host.name.as_str() {
                continue;
            }
            let message =
                format!("`{}` and `{}` share the address {}", name, host.name.value, address.value);
            report.add(
                Finding::at(&CHECK.rule, address.span, message)
                    .label("used again here")
                    .related(*before, "first used here")
                    .help("give each host its own address"),
            );
        }
    }
}
