//! A sysctl file that switches off a setting that the cluster needs.

use std::collections::BTreeSet;

use super::{Check, CheckCx, KernelRule, Said, whole_host};
use crate::diagnostic::{Report, Rule, Severity};
use crate::model::Need;
use crate::resolve::{HostView, KernelSetting, SettingValue};

pub(super) static CHECK: Check = Check {
    rule: Rule {
        code: "setting-switched-off",
        severity: Severity::Error,
        doc: include_str!("setting-switched-off.md"),
    },
    run,
};

fn run(cx: &CheckCx<'_>, report: &mut Report) {
    let views = || cx.resolved.hosts.iter().filter(|view| view.provides(Need::KernelSettings));
    // The parameters of NICs have rules of their own.
    let of_host = |view: &HostView<'_>| {
        // The cluster works without its tuning.
        let settings = view.settings.iter();
        let settings = settings.filter(|setting| setting.parameter.is_none() && !setting.tunes);
        let value = |setting: &KernelSetting| match setting.value {
            SettingValue::Number(value) => Some((setting.key.clone(), value)),
            SettingValue::Text(_) => None,
        };
        settings.filter_map(value).collect::<Vec<_>>()
    };
    let wanted: BTreeSet<(String, i64)> = views().flat_map(of_host).collect();
    for (key, wanted) in wanted {
        let needs = |view: &&HostView<'_>| of_host(view).contains(&(key.clone(), wanted));
        let kernel = KernelRule {
            rule: &CHECK.rule,
            bad: &|value| value != wanted,
            fix: None,
            say: &|Said { who, when, value, .. }| {
                format!("`{key}` of {who} is {value} {when}, and must be {wanted}")
            },
        };
        let slashed = if key.contains('/') { key.clone() } else { key.replace('.', "/") };
        kernel.find(
            cx.resolved,
            views().filter(needs),
            whole_host,
            |kernel, _| kernel.written(&slashed),
            report,
        );
    }
}
