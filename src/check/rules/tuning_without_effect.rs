//! Tuning of a host that has no effect on hosts with its roles.

use super::{Check, CheckCx};
use crate::diagnostic::{Finding, Report, Rule, Severity};
use crate::model::Role;
use crate::resolve::has_effect;

pub(super) static CHECK: Check = Check {
    rule: Rule {
        code: "tuning-without-effect",
        severity: Severity::Warning,
        doc: include_str!("tuning-without-effect.md"),
    },
    run,
};

fn run(cx: &CheckCx<'_>, report: &mut Report) {
    for view in &cx.resolved.hosts {
        let Some(tuning) = &view.host.tuning else { continue };
        let (name, roles) = (&view.host.name.value, view.role_names());
        if !view.is(Role::Director) && !view.is(Role::RealServer) {
            let message =
                format!("lvsgen tunes directors and real servers, and `{name}` is neither");
            let help = "remove `tuning` from this host";
            report.add(Finding::at(&CHECK.rule, tuning.span, message).help(help));
            continue;
        }
        let lost = tuning.set.0.iter().filter(|one| !has_effect(one.key.as_str(), &view.roles));
        for setting in lost {
            let message = format!("`{}` has no effect on `{name}`, a {roles}", setting.key);
            let help = "remove the line, or write it under a host that it has an effect on";
            report.add(Finding::at(&CHECK.rule, setting.span, message).help(help));
        }
        let bits = tuning.conn_tab_bits.filter(|_| !view.is(Role::Director));
        if let Some(bits) = bits {
            let message = format!("`{name}` is a {roles}, and has no connection table of IPVS");
            let help = "write `conn_tab_bits` under a director, or in the cluster's `tuning`";
            report.add(Finding::at(&CHECK.rule, bits.span, message).help(help));
        }
    }
}
