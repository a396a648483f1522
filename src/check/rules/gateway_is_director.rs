//! A gateway that is a director. The director drops the answers of the real servers.

use super::{Check, CheckCx};
use crate::diagnostic::{Finding, Report, Rule, Severity};

pub(super) static CHECK: Check = Check {
    rule: Rule {
        code: "gateway-is-director",
        severity: Severity::Error,
        doc: include_str!("gateway-is-director.md"),
    },
    run,
};

fn run(cx: &CheckCx<'_>, report: &mut Report) {
    for gateway in cx.cluster.gateways() {
        for director in &cx.cluster.directors {
            let address = director.addresses().find(|address| address.0 == gateway.0);
            let Some(address) = address else { continue };
            let name = director.name.as_str();
            let message = format!("the gateway {} is the director `{name}`", gateway.value);
            report.add(
                Finding::at(&CHECK.rule, gateway.span, message)
                    .related(address.span, "the director's address")
                    .help("name the router that leads to the clients"),
            );
        }
    }
}
