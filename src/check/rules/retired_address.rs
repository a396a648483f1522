//! A retired host at the address of a host or of a VIP.

use std::collections::BTreeMap;

use super::{Check, CheckCx};
use crate::diagnostic::{Finding, Report, Rule, Severity};

pub(super) static CHECK: Check = Check {
    rule: Rule {
        code: "retired-address",
        severity: Severity::Error,
        doc: include_str!("retired-address.md"),
    },
    run,
};

fn run(cx: &CheckCx<'_>, report: &mut Report) {
    let mut owners = BTreeMap::new();
    for host in cx.cluster.hosts() {
        for address in host.every_address() {
            let owner = format!("the address of the {} `{}`", host.role, host.name.value);
            owners.entry(address.0).or_insert((owner, address.span));
        }
    }
    for vip in cx.cluster.vips() {
        owners.entry(vip.0).or_insert(("a VIP".to_owned(), vip.span));
    }
    for host in &cx.cluster.retired {
        for address in host.address.iter() {
            let name = host.name.as_str();
            if let Some((owner, span)) = owners.get(&address.0) {
                let message =
                    format!("the retired host `{name}` has {}, which is {owner}", address.value);
                report.add(
                    Finding::at(&CHECK.rule, address.span, message)
                        .related(*span, "in use here")
                        .help("remove the entry, or correct its address"),
                );
            } else {
                let owner = format!("the address of the retired host `{name}`");
                owners.insert(address.0, (owner, address.span));
            }
        }
    }
}
