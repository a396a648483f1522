//! A page title for a host without a page.

use super::{Check, CheckCx};
use crate::diagnostic::{Finding, Report, Rule, Severity};
use crate::model::Need;

pub(super) static CHECK: Check = Check {
    rule: Rule {
        code: "title-unused",
        severity: Severity::Warning,
        doc: include_str!("title-unused.md"),
    },
    run,
};

fn run(cx: &CheckCx<'_>, report: &mut Report) {
    for view in cx.resolved.hosts.iter().filter(|view| !view.provides(Need::WebServer)) {
        if let Some(title) = view.page.title {
            let message = format!("`{}` has no page that shows its title", view.host.name.value);
            let help = "lvsgen sets up a web server only for services on TCP port 80";
            report.add(Finding::at(&CHECK.rule, title.span, message).help(help));
        }
    }
}
