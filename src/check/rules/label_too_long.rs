//! An address label that is too long: the kernel would cut the label.

use super::{Check, CheckCx};
use crate::diagnostic::{Finding, Report, Rule, Severity};
use crate::ipvs::Family;
use crate::model::{InterfaceName, Need};

pub(super) static CHECK: Check = Check {
    rule: Rule {
        code: "label-too-long",
        severity: Severity::Error,
        doc: include_str!("label-too-long.md"),
    },
    run,
};

const LONGEST: usize = InterfaceName::LONGEST;

fn run(cx: &CheckCx<'_>, report: &mut Report) {
    for view in &cx.resolved.hosts {
        let labelled = view.needs.iter().find(|need| {
            let mechanism = need.mechanism.is_some_and(|mechanism| mechanism.labelled);
            mechanism && need.need == Need::DirectorVip
        });
        if labelled.is_none() {
            continue;
        }
        let ipv4 = view.vips.iter().filter(|vip| vip.family() == Family::Ipv4);
        let too_long = ipv4.enumerate().map(|(number, vip)| {
            let interface = &view.vip_nic(cx.cluster, *vip).interface.name;
            (interface, format!("{}:{number}", interface.value))
        });
        let last = too_long.filter(|(_, label)| label.len() > LONGEST).last();
        if let Some((interface, label)) = last {
            let message = format!("the label `{label}` has more than {LONGEST} characters");
            let help = "give the NIC a shorter name, or write \
                        `mechanisms: { director_vip: systemd-unit }`";
            report.add(
                Finding::at(&CHECK.rule, interface.span, message)
                    .related(view.host.name.span, "the host that needs the label")
                    .help(help),
            );
        }
    }
}
