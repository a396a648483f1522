//! Hosts that are added, removed or changed.

use super::{Draft, Drafts, Pair};
use crate::model::{HostAddress, HostName, Role};
use crate::ranges;
use crate::resolve::role_names;
use crate::summary::HostSummary;

/// The effect on a host if lvsgen no longer writes a part of the host's configuration.
pub(super) const UNDONE: &str = "the run on the host undoes the old configuration first";

pub(super) fn compare(pair: &Pair<'_>, drafts: &mut Drafts) {
    for renamed in renames(pair) {
        drafts.say(Draft::new(renamed));
    }
    let come = pair.new.hosts.iter().filter(|host| {
        !pair.old_hosts.contains_key(&host.name)
            && !pair.renamed.values().any(|new| **new == host.name)
    });
    for host in come {
        let (role, target) = (role_names(&host.roles), &host.target);
        let one = format!(" added: {role} ({target})");
        drafts.of(Draft::of_hosts(one, format!(" added: {role}s ({target})")), &host.name);
    }
    let gone =
        pair.old.hosts.iter().filter(|host| !pair.new_hosts.contains_key(pair.now(&host.name)));
    for host in gone {
        let later = match pair.new.retired.contains(&host.name) {
            true => "the next rollout undoes its files and VIPs, before the directors change",
            false => "its files and VIPs stay there until `retired` lists the host",
        };
        let draft = Draft::of_host("", format!(" removed ({})", role_names(&host.roles)));
        drafts.of(draft.traffic(later), &host.name);
    }
    retired(pair, drafts);
    for (old, new) in pair.both() {
        differences(old, new, drafts);
    }
}

/// The renamed hosts. Hosts with consecutive numbers, before and after, are one line.
fn renames(pair: &Pair<'_>) -> Vec<String> {
    let mut renamed: Vec<(&str, &str)> =
        pair.renamed.iter().map(|(old, new)| (old.as_str(), new.as_str())).collect();
    renamed.sort_by_key(|(old, _)| ranges::natural(old));
    let follow = |before: &(&str, &str), after: &(&str, &str)| ranges::is_next(before.1, after.1);
    let runs = ranges::runs(&renamed, |(old, _)| old, follow).into_iter();
    let lines = runs.filter_map(|run| match run {
        [] => None,
        [(old, new)] => Some(format!("{old} is called {new}")),
        [first, .., last] => {
            let (old, new) = (ranges::name(first.0, last.0), ranges::name(first.1, last.1));
            Some(format!("{old} are called {new}"))
        }
    });
    lines.collect()
}

/// The entries of `retired` that come later than the removal of the host, or that go.
fn retired(pair: &Pair<'_>, drafts: &mut Drafts) {
    let was = |host: &HostName| pair.old_hosts.contains_key(host);
    let come = pair.new.retired.iter().filter(|host| !pair.old.retired.contains(host));
    for host in come.filter(|host| !was(host)) {
        let draft = Draft::of_host("", " retired");
        drafts.of(draft.traffic("the next rollout undoes its files and VIPs"), host);
    }
    let gone = pair.old.retired.iter().filter(|host| !pair.new.retired.contains(host));
    for host in gone.filter(|host| !pair.new_hosts.contains_key(host)) {
        let draft = Draft::of_host("", " no longer retired");
        drafts.of(draft.traffic("no rollout undoes it any more"), host);
    }
}

fn differences(old: &HostSummary, new: &HostSummary, drafts: &mut Drafts) {
    let mut tell = |what: &str, before: &str, after: &str, traffic: Option<&str>| {
        if before != after {
            let draft = Draft::of_host("", format!(": {what} {before} → {after}"));
            drafts.of(Draft { traffic: traffic.map(str::to_owned), ..draft }, &new.name);
        }
    };
    tell("role", &role_names(&old.roles), &role_names(&new.roles), Some(UNDONE));
    tell("target", old.target.as_str(), new.target.as_str(), Some("the host is set up again"));
    let moves = if new.roles.contains(&Role::Director) {
        "clients lose the VIPs until the director has the VIPs again"
    } else if new.roles.contains(&Role::RealServer) {
        "connections to the old address break"
    } else if !new.roles.contains(&Role::NfsServer) {
        "the alerts are silent until the Prometheus runs again"
    } else {
        "the real servers have no shared pages until they mount them again"
    };
    tell("interface", old.interface.as_str(), new.interface.as_str(), Some(UNDONE));
    tell("address", &addresses(&old.addresses), &addresses(&new.addresses), Some(moves));
}

fn addresses(addresses: &[HostAddress]) -> String {
    addresses.iter().map(ToString::to_string).collect::<Vec<_>>().join(" and ")
}
