//! What is run where while a change is applied, and what that does to traffic.
//!
//! Takes the files that change and the hosts as they will be; gives [`Step`]s in the order of the
//! playbooks, which run a need's commands where one of its files changed.

use std::collections::BTreeSet;
use std::fmt;

use serde::Serialize;

use crate::artifact::{Bundle, Provision};
use crate::diff::{Change, Kind, spans};
use crate::model::{HostName, Need, Role};

/// One need of hosts that is put into effect again, or hosts that are set up.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Step {
    /// The need; none where hosts are new, and get all of theirs.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub need: Option<Need>,
    /// The hosts.
    pub hosts: Vec<HostName>,
    /// The commands that are run on each.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub run: Vec<String>,
    /// What they do to traffic, where they do anything.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub traffic: Option<&'static str>,
}

impl fmt::Display for Step {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let hosts = spans::name(self.hosts.iter().map(HostName::as_str));
        match self.need {
            None => write!(f, "{hosts}: set up")?,
            Some(need) if self.run.is_empty() => write!(f, "{need} on {hosts}")?,
            Some(need) => write!(f, "{need} on {hosts}: {}", self.run.join("; "))?,
        }
        self.traffic.iter().try_for_each(|traffic| write!(f, " ({traffic})"))
    }
}

/// The order in which it is safe: storage, real servers, directors.
const ORDER: [Role; 3] = [Role::NfsServer, Role::RealServer, Role::Director];

/// Gives the steps.
pub fn steps(changes: &[Change], bundles: &[Bundle]) -> Vec<Step> {
    let kept = changes.iter().filter(|change| change.kind() != Kind::Removed);
    let changed: BTreeSet<&str> = kept.map(|change| change.path.as_str()).collect();
    let added = changes.iter().filter(|change| change.kind() == Kind::Added);
    let added: BTreeSet<&str> = added.map(|change| change.path.as_str()).collect();
    let mut steps: Vec<Step> = Vec::new();
    for role in ORDER {
        let hosts = bundles.iter().filter(|bundle| bundle.role == role);
        let all_of = |bundle: &&Bundle| {
            bundle.artifacts().all(|one| added.contains(&*path(bundle, &one.path)))
        };
        let (new, old): (Vec<&Bundle>, Vec<&Bundle>) = hosts.partition(all_of);
        if !new.is_empty() {
            let hosts = new.iter().map(|bundle| bundle.host.clone()).collect();
            steps.push(Step { need: None, hosts, run: Vec::new(), traffic: None });
        }
        for need in Need::ALL {
            for bundle in &old {
                let own = bundle.provisions.iter().find(|one| one.need == *need);
                let touched = own.filter(|provision| {
                    let mut files = provision.artifacts.iter();
                    files.any(|one| changed.contains(&*path(bundle, &one.path)))
                });
                let Some(provision) = touched else { continue };
                let like =
                    |step: &&mut Step| step.need == Some(*need) && step.run == provision.apply;
                match steps.iter_mut().find(like) {
                    Some(step) => step.hosts.push(bundle.host.clone()),
                    None => steps.push(Step {
                        need: Some(*need),
                        hosts: vec![bundle.host.clone()],
                        run: provision.apply.clone(),
                        traffic: traffic(provision),
                    }),
                }
            }
        }
    }
    steps
}

fn path(bundle: &Bundle, path: &str) -> String {
    format!("hosts/{}{path}", bundle.host)
}

/// What applying a need again does to traffic.
fn traffic(provision: &Provision) -> Option<&'static str> {
    let runs = |word: &str| provision.apply.iter().any(|command| command.contains(word));
    match provision.need {
        // ipvsadm-restore(8) begins with `-C`. The kernel keeps destinations that are still in use
        // in its trash, and takes them out again when they come back (ip_vs_trash_get_dest).
        Need::IpvsRules => Some(
            "the table is emptied and filled again: open connections stay with their real servers, \
             one that begins in that moment may be refused",
        ),
        Need::NfsMount => Some("without the shared pages until they are mounted again"),
        Need::WebServer if runs("restart") => Some("requests that are under way break off"),
        Need::WebServer => Some("requests that are under way are finished"),
        Need::RealServerVip if runs("restart") => {
            Some("the VIPs leave lo and come back: packets to them are lost in that moment")
        }
        Need::DirectorVip => Some("the NIC is set up again: packets wait for it"),
        _ => None,
    }
}
