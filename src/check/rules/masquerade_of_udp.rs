//! A masqueraded UDP service, whose answers may take another way.

use super::{Check, CheckCx};
use crate::diagnostic::{Finding, Report, Rule, Severity};
use crate::ipvs::{Family, Protocol};
use crate::resolve::ServiceView;

pub(super) static CHECK: Check = Check {
    rule: Rule {
        code: "masquerade-of-udp",
        severity: Severity::Warning,
        doc: include_str!("masquerade-of-udp.md"),
    },
    run,
};

fn run(cx: &CheckCx<'_>, report: &mut Report) {
    let masquerades =
        |view: &&ServiceView<'_>| Family::ALL.into_iter().any(|family| view.masquerades(family));
    let services = cx.resolved.services.iter().filter(masquerades);
    for view in services.filter(|view| view.service.has_protocol(Protocol::Udp)) {
        let name = &view.service.name;
        let message =
            format!("answers of `{}` pass the director only from a bound address", name.value);
        let help = "let the server listen on the real server's own address, not on all addresses";
        report.add(Finding::at(&CHECK.rule, name.span, message).help(help));
    }
}
