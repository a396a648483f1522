//! Two hosts or two services with the same name.

use std::collections::BTreeMap;

use super::{Check, CheckCx};
use crate::diagnostic::{Finding, Report, Rule, Severity};
use crate::model::{Host, Role};
use crate::resolve::HostView;
use crate::source::Span;

pub(super) static CHECK: Check = Check {
    rule: Rule {
        code: "duplicate-name",
        severity: Severity::Error,
        doc: include_str!("duplicate-name.md"),
    },
    run,
};

fn run(cx: &CheckCx<'_>, report: &mut Report) {
    // An entry of `real_servers` with the name and the addresses of a director is the same host, and so is the monitoring server
    // with those of another host: the rule `prober-in-cluster` refuses all but the NFS server.
    let mut views: BTreeMap<&str, &HostView<'_>> = BTreeMap::new();
    for view in &cx.resolved.hosts {
        views.entry(view.host.name.as_str()).or_insert(view);
    }
    let second = |host: &&Host| {
        let view = views.get(host.name.as_str());
        view.is_some_and(|view| match host.role {
            Role::RealServer => view.is_two_box(),
            Role::MonitoringServer => view.is(host.role) && view.roles.len() > 1,
            Role::Director | Role::NfsServer => false,
        })
    };
    let hosts = cx.cluster.hosts().filter(|host| !second(host)).map(|host| &host.name);
    let hosts = hosts.chain(cx.cluster.retired.iter().map(|host| &host.name));
    let same = "; a director that is also a real server, or an NFS server that is also the monitoring server, has the same addresses \
                in both places";
    distinct("host", same, hosts.map(|name| (name.as_str(), name.span)), report);
    let services = cx.cluster.virtual_services.iter();
    let services = services.map(|service| (service.name.as_str(), service.name.span));
    distinct("virtual service", "", services, report);
}

fn distinct<'a>(
    what: &str,
    same: &str,
    names: impl Iterator<Item = (&'a str, Span)>,
    report: &mut Report,
) {
    let mut first: BTreeMap<&str, Span> = BTreeMap::new();
    for (name, span) in names {
        let Some(before) = first.get(name) else {
            first.insert(name, span);
            continue;
        };
        let message = format!("two {what}s are called `{name}`");
        report.add(
            Finding::at(&CHECK.rule, span, message)
                .label("used again here")
                .related(*before, "first used here")
                .help(format!("give each {what} its own name{same}")),
        );
    }
}
