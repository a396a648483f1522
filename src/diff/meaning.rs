//! Reports the changes of a cluster (not of its files), and their effect on its traffic.
//!
//! Takes two [`Summary`]s, and gives [`Statement`]s of one line each. Also takes the changed files,
//! and gives the [`Step`]s that apply these files. The statements about IPVS follow the kernel's
//! source in net/netfilter/ipvs.

mod english;
mod health;
mod hosts;
mod needs;
mod services;
mod steps;
mod vips;

use std::collections::BTreeMap;

use serde::Serialize;

pub use english::{detail, endpoint};
pub use steps::{Step, steps};

use super::visible;
use crate::model::HostName;
use crate::ranges;
use crate::summary::{HostSummary, Summary};

/// One change of the cluster.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Statement {
    /// The change: `http: web2 weight 1 → 3`.
    pub change: String,
    /// The effect of the change on traffic, if there is any.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub traffic: Option<String>,
    /// The hosts that the statement is about, if there are any.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub hosts: Vec<HostName>,
    /// Whether these hosts must be drained before the change.
    #[serde(skip_serializing_if = "std::ops::Not::not")]
    pub drain: bool,
}

/// A statement about one host, or about no host. Equal statements about several hosts are merged.
#[derive(Clone, Debug, Default, PartialEq, Eq, PartialOrd, Ord)]
struct Draft {
    /// The text before the host.
    before: String,
    /// The text after a single host.
    one: String,
    /// The text after several hosts.
    many: String,
    traffic: Option<String>,
    drain: bool,
}

impl Draft {
    fn new(text: impl Into<String>) -> Self {
        Self { before: text.into(), ..Self::default() }
    }

    /// A statement with the same text after a single host and after several hosts.
    fn of_host(before: impl Into<String>, after: impl Into<String>) -> Self {
        let after = after.into();
        Self { before: before.into(), one: after.clone(), many: after, ..Self::default() }
    }

    /// A statement that begins with the hosts. `one` follows a single host, and `many` follows several hosts.
    fn of_hosts(one: String, many: String) -> Self {
        Self { one, many, ..Self::default() }
    }

    fn traffic(self, traffic: impl Into<String>) -> Self {
        Self { traffic: Some(traffic.into()), ..self }
    }
}

/// The collected statements, in the order of their first appearance.
#[derive(Default)]
struct Drafts {
    order: Vec<Draft>,
    hosts: BTreeMap<Draft, Vec<HostName>>,
}

impl Drafts {
    fn say(&mut self, draft: Draft) {
        self.of(draft, None);
    }

    fn of<'a>(&mut self, draft: Draft, host: impl Into<Option<&'a HostName>>) {
        let hosts = match self.hosts.get_mut(&draft) {
            Some(hosts) => hosts,
            None => {
                self.order.push(draft.clone());
                self.hosts.entry(draft).or_default()
            }
        };
        // A service with IPv4 and IPv6 VIPs produces each statement twice: add the host once.
        hosts.extend(host.into().filter(|host| hosts.last() != Some(host)).cloned());
    }

    fn statements(mut self) -> Vec<Statement> {
        let each = self.order.into_iter().map(|draft| {
            let hosts = self.hosts.remove(&draft).expect("each draft has its hosts");
            let Draft { before, one, many, traffic, drain } = draft;
            let after = if hosts.len() > 1 { many } else { one };
            let names = ranges::briefly(hosts.iter().map(HostName::as_str));
            let change = visible(&format!("{before}{names}{after}"));
            Statement { change, traffic, hosts, drain }
        });
        each.collect()
    }
}

/// Two clusters to compare, with their hosts by name.
struct Pair<'a> {
    old: &'a Summary,
    new: &'a Summary,
    old_hosts: BTreeMap<&'a HostName, &'a HostSummary>,
    new_hosts: BTreeMap<&'a HostName, &'a HostSummary>,
    /// The renamed hosts (same roles, same addresses): a map from the old name to the new name.
    renamed: BTreeMap<&'a HostName, &'a HostName>,
}

impl<'a> Pair<'a> {
    fn new(old: &'a Summary, new: &'a Summary) -> Self {
        let by_name = |summary: &'a Summary| -> BTreeMap<&'a HostName, &'a HostSummary> {
            summary.hosts.iter().map(|host| (&host.name, host)).collect()
        };
        let (old_hosts, new_hosts) = (by_name(old), by_name(new));
        let gone = old.hosts.iter().filter(|host| !new_hosts.contains_key(&host.name));
        let come = new.hosts.iter().filter(|host| !old_hosts.contains_key(&host.name));
        let by_address: BTreeMap<_, _> =
            come.map(|host| ((&host.roles, &host.addresses), &host.name)).collect();
        let renamed = gone.filter_map(|host| {
            Some((&host.name, *by_address.get(&(&host.roles, &host.addresses))?))
        });
        let renamed = renamed.collect();
        Self { old, new, old_hosts, new_hosts, renamed }
    }

    /// The name of an old host in the new cluster: the new name if the host was renamed, or else the old name.
    fn now<'n>(&'n self, old: &'n HostName) -> &'n HostName {
        self.renamed.get(old).copied().unwrap_or(old)
    }

    /// Whether the addresses of a host are unchanged. Takes the host's old name and new name.
    fn keeps_address(&self, old: &HostName, new: &HostName) -> bool {
        let addresses = |host: Option<&&'a HostSummary>| host.map(|host| &host.addresses);
        addresses(self.old_hosts.get(old)) == addresses(self.new_hosts.get(new))
    }

    /// Every host that is in both clusters: its old summary and its new summary.
    fn both(&self) -> impl Iterator<Item = (&'a HostSummary, &'a HostSummary)> {
        self.old
            .hosts
            .iter()
            .filter_map(|old| Some((old, *self.new_hosts.get(self.now(&old.name))?)))
    }
}

/// Gives a statement for each change.
pub fn compare(old: &Summary, new: &Summary) -> Vec<Statement> {
    let pair = Pair::new(old, new);
    let mut drafts = Drafts::default();
    if old.cluster != new.cluster {
        let (old, new) = (&old.cluster, &new.cluster);
        drafts.say(Draft::new(format!("the cluster `{old}` is called `{new}`")));
    }
    hosts::compare(&pair, &mut drafts);
    vips::compare(&pair, &mut drafts);
    services::compare(&pair, &mut drafts);
    needs::compare(&pair, &mut drafts);
    drafts.statements()
}

/// The task before the rollout, if hosts must be drained.
pub fn drain(statements: &[Statement]) -> Option<String> {
    let hosts = to_drain(statements);
    let names = ranges::briefly(hosts.iter().map(|host| host.as_str()));
    (!hosts.is_empty()).then(|| visible(&format!("drain {names} in all services")))
}

/// The hosts that must be drained before all other steps.
pub fn to_drain(statements: &[Statement]) -> Vec<&HostName> {
    let hosts = statements.iter().filter(|one| one.drain).flat_map(|one| &one.hosts);
    let all: std::collections::BTreeSet<&HostName> = hosts.collect();
    all.into_iter().collect()
}
