//! Several directors that would all hold the same VIPs.

use super::{Check, CheckCx};
use crate::diagnostic::{Finding, Report, Rule, Severity};

pub(super) static CHECK: Check = Check {
    rule: Rule {
        code: "vip-on-several-directors",
        severity: Severity::Error,
        doc: include_str!("vip-on-several-directors.md"),
    },
    run,
};

fn run(cx: &CheckCx<'_>, report: &mut Report) {
    let [first, others @ ..] = cx.cluster.directors.as_slice() else {
        return;
    };
    if cx.cluster.failover.is_some() {
        return;
    }
    for other in others {
        let (one, two) = (first.name.as_str(), other.name.as_str());
        let message = format!("the directors `{one}` and `{two}` would both hold every VIP");
        report.add(
            Finding::at(&CHECK.rule, other.name.span, message)
                .related(first.name.span, "the first director")
                .help("add `failover: { virtual_router_id: 51 }`: one director at a time then holds the VIPs"),
        );
    }
}
