//! A director on which more than one systemd unit would write the IPVS table.

use super::{Check, CheckCx};
use crate::diagnostic::{Finding, Report, Rule, Severity, quoted};
use crate::model::Role;
use crate::profile::Text;

pub(super) static CHECK: Check = Check {
    rule: Rule {
        code: "two-table-owners",
        severity: Severity::Error,
        doc: include_str!("two-table-owners.md"),
    },
    run,
};

/// The systemd units that write the IPVS table.
const OWNERS: [&str; 4] =
    ["ipvsadm.service", "keepalived.service", "ldirectord.service", "lvsgen-ipvs.service"];

fn run(cx: &CheckCx<'_>, report: &mut Report) {
    for view in cx.resolved.hosts.iter().filter(|view| view.is(Role::Director)) {
        let mechanisms = view.needs.iter().filter_map(|need| need.mechanism);
        let services = mechanisms.flat_map(|mechanism| &mechanism.services);
        let mut owners: Vec<&str> =
            services.map(Text::source).filter(|unit| OWNERS.contains(unit)).collect();
        owners.sort_unstable();
        owners.dedup();
        if owners.len() > 1 {
            let name = &view.host.name;
            let message =
                format!("{} would each write the IPVS table of `{}`", quoted(owners), name.value);
            let help = "choose the mechanisms so that only one of them writes the table";
            report.add(Finding::at(&CHECK.rule, name.span, message).help(help));
        }
    }
}
