//! Groups hosts that have the same changes, so that each change is shown once.

use std::collections::BTreeMap;

use similar::ChangeTag;

use super::{Change, Kind};
use crate::ranges;

/// Hosts, and the changes that are the same on all of them.
pub(super) struct HostGroup<'a> {
    /// The hosts; empty if the files do not belong to one host.
    pub(super) hosts: Vec<&'a str>,
    /// The changes of the first host. They represent the changes of all hosts in the group.
    pub(super) changes: Vec<&'a Change>,
}

impl HostGroup<'_> {
    /// The number of added lines and the number of removed lines.
    pub(super) fn lines(&self) -> (usize, usize) {
        let counts = self.changes.iter().map(|change| change.counts());
        counts.fold((0, 0), |sum, one| (sum.0 + one.0, sum.1 + one.1))
    }

    /// The names of the hosts in short form.
    pub(super) fn title(&self) -> String {
        if self.hosts.is_empty() {
            return "all hosts".to_owned();
        }
        let mut hosts = self.hosts.clone();
        hosts.sort_by_key(|host| ranges::natural(host));
        ranges::briefly(hosts)
    }
}

/// The key of a change: the path on the host, the kind of the change, the remarks, and the added and
/// removed lines without the host's name. Two hosts have the same change if the keys are equal. The
/// unchanged lines around the change may differ.
#[derive(PartialEq, Eq, PartialOrd, Ord)]
struct ChangeKey {
    place: String,
    kind: Kind,
    remarks: Vec<String>,
    lines: Vec<(bool, String)>,
}

fn key(change: &Change, host: &str, place: String) -> ChangeKey {
    let diff = change.lines();
    let lines = diff.iter_all_changes().filter(|line| line.tag() != ChangeTag::Equal);
    let lines = lines.map(|line| {
        let text = line.value();
        (line.tag() == ChangeTag::Insert, without(text, host))
    });
    ChangeKey { place, kind: change.kind(), remarks: change.remarks(), lines: lines.collect() }
}

/// Replaces the host's name in a line with a NUL character. A longer name that contains the host's name
/// stays.
fn without(line: &str, host: &str) -> String {
    let word = |c: char| c.is_ascii_alphanumeric() || c == '-';
    let mut text = String::with_capacity(line.len());
    let mut rest = line;
    while let Some(at) = rest.find(host) {
        let end = at + host.len();
        let alone = !rest[..at].ends_with(word) && !rest[end..].starts_with(word);
        text += &rest[..at];
        text += if alone { "\0" } else { host };
        rest = &rest[end..];
    }
    text + rest
}

/// Groups changes that are the same on many hosts. The first change of a group decides the position of
/// the group. The group without hosts comes last.
pub(super) fn groups<'a>(changes: impl IntoIterator<Item = &'a Change>) -> Vec<HostGroup<'a>> {
    let mut common = Vec::new();
    // For each change: its position, its hosts, and the change of the first host.
    let mut equal: BTreeMap<ChangeKey, (usize, Vec<&str>, &Change)> = BTreeMap::new();
    for (at, change) in changes.into_iter().enumerate() {
        match &change.owner.host {
            None => common.push(change),
            Some(host) => {
                let place = change.owner.pattern(&change.path);
                let entry = equal.entry(key(change, host.as_str(), place));
                entry.or_insert((at, Vec::new(), change)).1.push(host.as_str());
            }
        }
    }
    let mut equal: Vec<_> = equal.into_values().collect();
    equal.sort_by_key(|(at, ..)| *at);
    let mut places: BTreeMap<Vec<&str>, usize> = BTreeMap::new();
    let mut groups: Vec<HostGroup<'_>> = Vec::new();
    for (_, hosts, change) in equal {
        let place = *places.entry(hosts.clone()).or_insert(groups.len());
        match groups.get_mut(place) {
            Some(group) => group.changes.push(change),
            None => groups.push(HostGroup { hosts, changes: vec![change] }),
        }
    }
    if !common.is_empty() {
        groups.push(HostGroup { hosts: Vec::new(), changes: common });
    }
    groups
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::delivery::Owner;
    use crate::diff::Side;
    use crate::file::Mode;
    use crate::model::HostName;

    #[test]
    fn a_hosts_own_name_makes_no_difference() {
        assert_eq!(without("web1 web11 x-web1 web1.", "web1"), "\0 web11 x-web1 \0.");
        let change = |host: &str, after: &str| Change {
            path: format!("hosts/{host}/etc/x"),
            owner: Owner::host(&HostName::new(host).unwrap(), None),
            before: Some(Side::of(Mode::file(), format!("around {host}\na {host}\n"))),
            after: Some(Side::of(Mode::file(), format!("around {host}\n{after} {host}\n"))),
            by_hand: false,
        };
        let changes =
            [change("web1", "b"), change("web2", "b"), change("web3", "c"), change("web4", "b")];
        let groups = groups(&changes);
        let titles: Vec<String> = groups.iter().map(HostGroup::title).collect();
        assert_eq!(titles, ["web1, web2, web4", "web3"]);
    }
}
