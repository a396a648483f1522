//! A mechanism that cannot do what `failover`, `health` or `web` asks for.

use super::{Check, CheckCx};
use crate::diagnostic::{Finding, Report, Rule, Severity};
use crate::profile::Ability;

pub(super) static CHECK: Check = Check {
    rule: Rule {
        code: "mechanism-lacks-ability",
        severity: Severity::Error,
        doc: include_str!("mechanism-lacks-ability.md"),
    },
    run,
};

fn run(cx: &CheckCx<'_>, report: &mut Report) {
    let mut seen = Vec::new();
    for view in &cx.resolved.hosts {
        for need in &view.needs {
            let wanted = cx.resolved.wanted.iter().find(|wanted| wanted.need == need.need);
            let (Some(asked), Some(mechanism), Some(wanted)) = (need.asked, need.mechanism, wanted)
            else {
                continue;
            };
            if wanted.suits(need.need, mechanism) || seen.contains(&asked.span) {
                continue;
            }
            // The `mechanisms` of the cluster stand at one place for all hosts.
            seen.push(asked.span);
            let name = &asked.value;
            let (message, help) = match (wanted.ability, wanted.must) {
                (Ability::Failover, true) => (
                    format!("`{name}` cannot move the VIPs between directors, as `failover` asks"),
                    "remove the line: lvsgen then uses `keepalived`",
                ),
                (Ability::Failover, false) => (
                    format!("`{name}` carries the VIPs only with `failover`"),
                    "add `failover: { virtual_router_id: 51 }`, or remove the line",
                ),
                (Ability::Nginx, true) => (
                    format!("`{name}` is not nginx, as `web` asks"),
                    "remove the line: lvsgen then uses `nginx`",
                ),
                (Ability::Nginx, false) => (
                    format!("`{name}` is not httpd, as `web` asks"),
                    "remove the line, or write `web: nginx`",
                ),
                (Ability::HealthChecks, _) => (
                    format!("`{name}` cannot check the real servers, as `health` asks"),
                    "remove the line: lvsgen then uses `keepalived`",
                ),
            };
            report.add(Finding::at(&CHECK.rule, asked.span, message).help(help));
        }
    }
}
