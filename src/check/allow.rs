//! Applies the model's `allow` entries to the findings.
//!
//! Takes the entries, and a [`Report`] with the findings of every rule. It moves each allowed warning to the
//! report's list of allowed findings. It also reports an entry that allows nothing.

use crate::diagnostic::{Finding, Report, Rule, Severity, cite, did_you_mean};
use crate::model::{Allow, Cluster, Text};
use crate::source::{Located, Span};

/// An entry of `allow` that allows no warning, or that repeats an earlier entry.
pub(super) static UNMATCHED: Rule = Rule {
    code: "unmatched-allow",
    severity: Severity::Warning,
    doc: include_str!("allow/unmatched-allow.md"),
};

/// Whether a check depends on the number of the entries of a list. An entry of `allow` for such a check stays right while the
/// list grows and shrinks.
fn counts(cluster: &Cluster, entry: &Allow) -> bool {
    let on = name_of(entry);
    let director = |name| cluster.directors.iter().any(|host| host.name.value.as_str() == name);
    let mut services = cluster.virtual_services.iter();
    match entry.check.as_str() {
        "single-director" => on.is_none_or(director),
        "one-real-server" => {
            on.is_none_or(|name| services.any(|service| service.name.value.as_str() == name))
        }
        _ => false,
    }
}

/// Applies every entry. Errors stay in the report: an entry cannot allow an error.
pub(super) fn apply(cluster: &Cluster, report: &mut Report) {
    for (at, entry) in cluster.allow.iter().enumerate() {
        let Allow { check, on, reason } = entry;
        if let Some(before) = cluster.allow[..at].iter().find(|before| is_same(before, entry)) {
            let message = format!("`{}` is allowed twice", check.value);
            let finding = Finding::at(&UNMATCHED, check.span, message)
                .related(before.check.span, "first allowed here")
                .help("keep one of the two");
            report.add(finding);
            continue;
        }
        let within = match on.as_ref().map(|on| entries(cluster, on)).transpose() {
            Ok(within) => within,
            Err(finding) => {
                report.add(finding);
                continue;
            }
        };
        let allowed = report.allow(check.as_str(), within.as_deref(), reason.as_str());
        let mut allowable = super::allowable();
        let known = allowable.any(|rule| rule.code == check.as_str());
        if allowed == 0 && known && !counts(cluster, entry) {
            let place =
                on.as_ref().map_or("in this model".to_owned(), |on| format!("on `{}`", on.value));
            let message = format!("`{}` finds nothing {place}", check.value);
            let finding = Finding::at(&UNMATCHED, check.span, message);
            report.add(finding.help("remove the entry"));
        }
    }
}

fn is_same(one: &Allow, other: &Allow) -> bool {
    one.check.value == other.check.value && name_of(one) == name_of(other)
}

/// The name of the host or service that an entry is for.
fn name_of(entry: &Allow) -> Option<&str> {
    entry.on.as_ref().map(|on| on.value.as_str())
}

/// The places of the hosts and the services with a name. Without such a host or service, or if the host shares its place with the
/// other hosts of a range, the result is a finding.
fn entries(cluster: &Cluster, on: &Located<Text>) -> Result<Vec<Span>, Finding> {
    let name = on.value.as_str();
    let spans: Vec<Span> =
        names(cluster).filter(|(known, _)| *known == name).map(|(_, span)| span).collect();
    if spans.is_empty() {
        let message = format!("there is no host and no service {}", cite(name));
        let help = did_you_mean(name, names(cluster).map(|(name, _)| name));
        let help = help.unwrap_or_else(|| "write the name of a host or a service".to_owned());
        return Err(Finding::at(&UNMATCHED, on.span, message).help(help));
    }
    if names(cluster).filter(|(_, span)| spans.contains(span)).count() > spans.len() {
        let message = format!("`{name}` is one host of a range, whose hosts share an entry");
        let help = format!("write `{name}` as an entry of its own");
        return Err(Finding::at(&UNMATCHED, on.span, message).help(help));
    }
    Ok(spans)
}

/// The hosts and the services: the name and the place of each.
fn names(cluster: &Cluster) -> impl Iterator<Item = (&str, Span)> {
    let hosts = cluster.hosts().map(|host| (host.name.value.as_str(), host.entry));
    let services = cluster.virtual_services.iter();
    hosts.chain(services.map(|service| (service.name.value.as_str(), service.entry)))
}
