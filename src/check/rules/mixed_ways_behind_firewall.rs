//! A service that is forwarded in two ways, of which a stateful firewall can follow only one.

use super::{Check, CheckCx};
use crate::diagnostic::{Finding, Report, Rule, Severity};
use crate::ipvs::Forwarding;
use crate::model::{Need, Role};

pub(super) static CHECK: Check = Check {
    rule: Rule {
        code: "mixed-ways-behind-firewall",
        severity: Severity::Warning,
        doc: include_str!("mixed-ways-behind-firewall.md"),
    },
    run,
};

fn run(cx: &CheckCx<'_>, report: &mut Report) {
    let mut directors = cx.resolved.hosts.iter().filter(|view| view.is(Role::Director));
    let Some(director) = directors.find(|view| view.need(Need::Firewall).is_some()) else {
        return;
    };
    for view in &cx.resolved.services {
        let is_masqueraded = |entry| view.forwarding(entry) == Forwarding::Masquerade;
        let masqueraded = view.answering().find(|(_, entry)| is_masqueraded(*entry));
        let other = view.answering().find(|(_, entry)| !is_masqueraded(*entry));
        let (Some((masqueraded, _)), Some((other, _))) = (masqueraded, other) else { continue };
        let message = format!(
            "the firewall of `{}` drops the answers of `{}` to `{}`: `{}` of the same service answers directly",
            director.host.name.value,
            masqueraded.name.value,
            view.service.name.value,
            other.name.value
        );
        let help =
            "write two services, or the same `forwarding` for all real servers of the service";
        report.add(Finding::at(&CHECK.rule, view.service.name.span, message).help(help));
    }
}
