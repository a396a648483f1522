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
        let interface = &cx.cluster.interface_of(view.host).name;
        let labelled = view.needs.iter().find(|need| {
            let mechanism = need.mechanism.is_some_and(|mechanism| mechanism.labelled);
            mechanism && need.need == Need::DirectorVip
        });
        let ipv4 = view.vips.iter().filter(|vip| vip.family() == Family::Ipv4).count();
        let last = ipv4.saturating_sub(1);
        let label = format!("{}:{last}", interface.value);
        if labelled.is_some() && label.len() > LONGEST {
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
