//! An address for the answers of real servers that something else has.

use super::{Check, CheckCx};
use crate::diagnostic::{Finding, Report, Rule, Severity};
use crate::source::Span;

pub(super) static CHECK: Check = Check {
    rule: Rule {
        code: "inside-not-free",
        severity: Severity::Error,
        doc: include_str!("inside-not-free.md"),
    },
    run,
};

fn run(cx: &CheckCx<'_>, report: &mut Report) {
    for written in cx.cluster.inside() {
        let address = written.0;
        let gateways = cx.cluster.gateways().filter(|one| one.0 == address);
        let gateways = gateways.map(|one| ("the gateway".to_owned(), one.span));
        let vips = cx.cluster.vips().filter(|vip| vip.0 == address);
        let vips = vips.map(|vip| ("a VIP".to_owned(), vip.span));
        let hosts = cx.cluster.hosts().flat_map(|host| {
            let own = host.every_address().filter(|one| one.0 == address);
            own.map(|one| (format!("`{}`", host.name.value), one.span))
        });
        let mut owners = gateways.chain(vips).chain(hosts);
        let owner: Option<(String, Span)> = owners.next();
        if let Some((owner, span)) = owner {
            let message = format!("`inside` of `failover` is {address}, the address of {owner}");
            let finding = Finding::at(&CHECK.rule, written.span, message)
                .related(span, "its owner")
                .help("choose a free address of the subnet");
            report.add(finding);
            continue;
        }
        let subnets = cx.cluster.segments.iter().flat_map(|segment| segment.subnet.iter());
        let ends = subnets.filter(|subnet| subnet.0.addr().is_ipv4());
        let mut ends = ends.flat_map(|subnet| [subnet.0.network(), subnet.0.broadcast()]);
        if ends.any(|end| end == address) {
            let message = format!("`inside` of `failover` is {address}, an end of the subnet");
            let finding = Finding::at(&CHECK.rule, written.span, message);
            report.add(finding.help("choose a free address of the subnet"));
        }
    }
}
