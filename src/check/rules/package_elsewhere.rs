//! A mechanism with a package that the system's own repositories lack.

use super::{Check, CheckCx};
use crate::diagnostic::{Finding, Report, Rule, Severity};
use std::collections::BTreeMap;

use crate::profile::Text;
use crate::resolve::HostView;

pub(super) static CHECK: Check = Check {
    rule: Rule {
        code: "package-elsewhere",
        severity: Severity::Warning,
        doc: include_str!("package-elsewhere.md"),
    },
    run,
};

fn run(cx: &CheckCx<'_>, report: &mut Report) {
    // One finding for each target and package.
    let mut places: BTreeMap<(&str, &str), (&HostView<'_>, &str)> = BTreeMap::new();
    for view in &cx.resolved.hosts {
        let Some(profile) = view.profile else { continue };
        for (mechanism, _) in view.mechanisms() {
            for package in mechanism.packages.iter().map(Text::source) {
                if let Some(repository) = profile.elsewhere.get(package) {
                    let target = view.target.name.as_str();
                    places.entry((target, package)).or_insert((view, repository));
                }
            }
        }
    }
    for ((target, package), (view, repository)) in places {
        let message = format!("`{target}` has no package `{package}` in its own repositories");
        let help = format!(
            "install an exporter by other means, and write `mechanisms: {{ metrics: textfile }}`; or enable {repository} on the \
             hosts"
        );
        report.add(Finding::at(&CHECK.rule, view.host.name.span, message).help_and_allow(help));
    }
}
