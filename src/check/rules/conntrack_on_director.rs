//! A director with connection tracking for the connections that IPVS forwards.

use super::{Check, CheckCx, KernelRule, Said, whole_host};
use crate::diagnostic::{Report, Rule, Severity};
use crate::model::Role;
use crate::resolve::HostView;

pub(super) static CHECK: Check = Check {
    rule: Rule {
        code: "conntrack-on-director",
        severity: Severity::Warning,
        doc: include_str!("conntrack-on-director.md"),
    },
    run,
};

fn run(cx: &CheckCx<'_>, report: &mut Report) {
    // Masquerading needs it.
    let own = |view: &HostView<'_>| {
        view.settings.iter().any(|setting| setting.key == "net.ipv4.vs.conntrack")
    };
    let views = cx.resolved.hosts.iter().filter(|view| view.is(Role::Director) && !own(view));
    let kernel = KernelRule {
        rule: &CHECK.rule,
        bad: &|value| value != 0,
        fix: None,
        say: &|Said { who, when, .. }| {
            format!("{when}, the director {who} tracks the connections that IPVS forwards")
        },
    };
    kernel.find(
        cx.resolved,
        views,
        whole_host,
        |kernel, _| kernel.written("net/ipv4/vs/conntrack"),
        report,
    );
}
