//! A service that names a real server twice.

use std::collections::BTreeMap;

use super::{Check, CheckCx};
use crate::diagnostic::{Finding, Report, Rule, Severity};

pub(super) static CHECK: Check = Check {
    rule: Rule {
        code: "duplicate-real-server",
        severity: Severity::Error,
        doc: include_str!("duplicate-real-server.md"),
    },
    run,
};

fn run(cx: &CheckCx<'_>, report: &mut Report) {
    for service in &cx.cluster.virtual_services {
        let mut first = BTreeMap::new();
        for one in service.real_servers.iter().flat_map(|listed| listed.iter()) {
            let Some(before) = first.get(&one.name.value) else {
                first.insert(&one.name.value, one.name.span);
                continue;
            };
            let (name, service) = (&one.name.value, &service.name.value);
            let message = format!("the service `{service}` names `{name}` twice");
            report.add(
                Finding::at(&CHECK.rule, one.name.span, message)
                    .label("named again here")
                    .related(*before, "first named here")
                    .help("keep one of them; for a larger share, write a larger `weight`"),
            );
        }
    }
}
