//! A service on every port without persistence.

use super::{Check, CheckCx};
use crate::diagnostic::{Finding, Report, Rule, Severity};
use crate::model::PortOrMark;

pub(super) static CHECK: Check = Check {
    rule: Rule {
        code: "any-port-without-persistence",
        severity: Severity::Error,
        doc: include_str!("any-port-without-persistence.md"),
    },
    run,
};

fn run(cx: &CheckCx<'_>, report: &mut Report) {
    for service in &cx.cluster.virtual_services {
        if let (PortOrMark::AnyPort(span), None) = (&service.port_or_mark, &service.persistence) {
            let name = &service.name;
            let message = format!("`{}` takes every port, and has no persistence", name.value);
            let help = "add `persistence: 300`, or use `fwmark` instead of `port: any`";
            report.add(Finding::at(&CHECK.rule, *span, message).help(help));
        }
    }
}
