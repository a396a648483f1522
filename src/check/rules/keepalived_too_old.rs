//! A setting that the keepalived of a director does not know.

use super::{Check, CheckCx};
use crate::diagnostic::{Finding, Report, Rule, Severity};
use crate::formats::keepalived::Feature;
use crate::model::{HealthCheck, HealthKind, Need, Role};
use crate::profile::Ability;
use crate::resolve::{HostView, Resolved};
use crate::source::Span;

pub(super) static CHECK: Check = Check {
    rule: Rule {
        code: "keepalived-too-old",
        severity: Severity::Error,
        doc: include_str!("keepalived-too-old.md"),
    },
    run,
};

fn run(cx: &CheckCx<'_>, report: &mut Report) {
    let mut seen = Vec::new();
    for view in cx.resolved.hosts.iter().filter(|view| view.is(Role::Director) && keeps(view)) {
        let Some(profile) = view.profile else { continue };
        for (span, feature, what) in features(cx.resolved) {
            if profile.keepalived.is_some_and(|version| version.has(feature))
                || seen.contains(&span)
            {
                continue;
            }
            seen.push(span);
            let since = feature.since();
            let has = profile
                .keepalived
                .map_or("no keepalived".to_owned(), |version| format!("keepalived {version}"));
            let message = format!(
                "{what} needs keepalived {since}, and the target `{}` has {has}",
                profile.name
            );
            let help =
                "use another kind of check or another weight, or another target for the director";
            report.add(Finding::at(&CHECK.rule, span, message).help(help));
        }
    }
}

/// Whether keepalived keeps the table of a director.
fn keeps(view: &HostView<'_>) -> bool {
    let mechanism = view.need(Need::IpvsRules).and_then(|need| need.mechanism);
    mechanism.is_some_and(|mechanism| mechanism.abilities.contains(&Ability::HealthChecks))
}

/// The settings of the services that not every version knows, with their places.
fn features(resolved: &Resolved<'_>) -> Vec<(Span, Feature, String)> {
    let mut features = Vec::new();
    for view in &resolved.services {
        for (_, entry) in &view.real_servers {
            let check = view.health_check(*entry).and_then(of_check);
            features.extend(check);
            let weight = entry.and_then(|entry| entry.weight).filter(|weight| weight.value.0 == 0);
            let what = || "the weight 0".to_owned();
            features.extend(weight.map(|weight| (weight.span, Feature::WeightZero, what())));
        }
    }
    features
}

fn of_check(check: &HealthCheck) -> Option<(Span, Feature, String)> {
    let feature = match check.kind {
        HealthKind::Udp => Feature::UdpCheck,
        HealthKind::Ping => Feature::PingCheck,
        _ => return None,
    };
    Some((check.span, feature, format!("a check of the kind `{}`", check.kind.key())))
}
