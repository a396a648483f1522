//! A service that names a real server that does not exist.

use std::collections::BTreeSet;

use super::{Check, CheckCx};
use crate::diagnostic::{Finding, Report, Rule, Severity, did_you_mean};

pub(super) static CHECK: Check = Check {
    rule: Rule {
        code: "unknown-real-server",
        severity: Severity::Error,
        doc: include_str!("unknown-real-server.md"),
    },
    run,
};

fn run(cx: &CheckCx<'_>, report: &mut Report) {
    let names = cx.cluster.real_servers.iter().map(|one| one.name.as_str());
    let known: BTreeSet<&str> = names.collect();
    for service in &cx.cluster.virtual_services {
        let listed = service.real_servers.iter().flat_map(|listed| listed.iter());
        let listed = listed.map(|one| (&one.name.value, one.name.span));
        let sorry = service.sorry_host().zip(service.sorry_server.as_ref().map(|one| one.span));
        for (name, span) in listed.chain(sorry).filter(|(one, _)| !known.contains(one.as_str())) {
            let name = name.as_str();
            let message = format!("there is no real server `{name}`");
            let help = did_you_mean(name, known.iter().copied());
            let help = help.unwrap_or_else(|| "add it under `real_servers`".into());
            report.add(Finding::at(&CHECK.rule, span, message).help(help));
        }
    }
}
