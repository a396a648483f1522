//! The commands that run while a change is applied, and their effect on traffic.
//!
//! Takes the changed files and the rollout of the new cluster. Gives [`Step`]s in the order of the rollout.
//! The rollout runs the commands of a mechanism if one of the mechanism's files changed.

use std::collections::{BTreeMap, BTreeSet};
use std::fmt;

use serde::Serialize;

use super::english;
use crate::delivery::install;
use crate::diff::{Change, Kind};
use crate::model::{HostName, Need};
use crate::profile::Effect;
use crate::ranges;
use crate::render::RenderedCommand;
use crate::rollout::{self, HostWork, MechanismWork, Rollout};

/// A mechanism that is applied again on some hosts, or new hosts that are set up.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Step {
    /// The first need of the mechanism; none for new hosts, on which all mechanisms are applied.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub need: Option<Need>,
    /// The hosts.
    pub hosts: Vec<HostName>,
    /// The commands that run on each host.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub run: Vec<String>,
    /// The effects of the commands on traffic.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub effects: Vec<Effect>,
}

impl fmt::Display for Step {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let hosts = ranges::briefly(self.hosts.iter().map(HostName::as_str));
        match self.need {
            None => write!(f, "{hosts}: set up")?,
            Some(need) if self.run.is_empty() => write!(f, "{need} on {hosts}")?,
            Some(need) => write!(f, "{need} on {hosts}: {}", self.run.join("; "))?,
        }
        if self.need == Some(Need::IpvsRules) {
            f.write_str(" (entry by entry: connections and counters of the other entries stay)")?;
        }
        self.effects.iter().try_for_each(|effect| write!(f, " ({})", english::effect(*effect)))
    }
}

/// The changed files: for each file, its host and its path in the rendered directory.
struct Changed<'c> {
    /// The steps of each host before the change.
    steps: BTreeMap<&'c HostName, &'c str>,
    kept: BTreeSet<(&'c HostName, &'c str)>,
    added: BTreeSet<(&'c HostName, &'c str)>,
}

impl<'c> Changed<'c> {
    fn new(changes: &'c [Change]) -> Self {
        let on_host = |change: &'c Change| {
            let host = change.owner.host.as_ref().filter(|_| change.owner.is_tree())?;
            Some((host, change.path.as_str()))
        };
        let of = |kinds: &[Kind]| {
            let wanted = changes.iter().filter(|change| kinds.contains(&change.kind()));
            wanted.filter_map(on_host).collect()
        };
        let steps = changes.iter().filter_map(|change| {
            let host = change.owner.host.as_ref()?;
            let before = change.before.as_ref()?;
            (change.path == install::steps_path(host)).then_some((host, &*before.contents))
        });
        Self {
            steps: steps.collect(),
            kept: of(&[Kind::Added, Kind::Changed]),
            added: of(&[Kind::Added]),
        }
    }

    fn touches(&self, host: &HostName, work: MechanismWork<'_>) -> bool {
        let mut files = work.provision().files.iter();
        files.any(|file| self.kept.contains(&(host, &*tree_path(host, &file.path))))
    }

    /// The commands of a mechanism that `converge.sh` runs.
    fn commands<'r>(&self, host: &HostName, work: MechanismWork<'r>) -> Vec<&'r RenderedCommand> {
        let before = self.steps.get(host).copied().unwrap_or_default();
        let new = |command: &&RenderedCommand| !install::has_run(before, work.provision(), command);
        work.apply().iter().filter(new).collect()
    }

    fn sets_up(&self, work: &HostWork<'_>) -> bool {
        let host = work.host.plan.name;
        let mut files = work.mechanisms.iter().flat_map(|one| &one.provision().files).peekable();
        files.peek().is_some()
            && files.all(|file| self.added.contains(&(host, &*tree_path(host, &file.path))))
    }
}

fn tree_path(host: &HostName, path: &str) -> String {
    format!("hosts/{host}{path}")
}

/// Gives the steps.
pub fn steps(changes: &[Change], rollout: &Rollout<'_>) -> Vec<Step> {
    let changed = Changed::new(changes);
    let mut steps: Vec<Step> = Vec::new();
    for wave in &rollout.waves {
        let (new, old): (Vec<&HostWork<'_>>, Vec<&HostWork<'_>>) =
            wave.hosts.iter().partition(|work| changed.sets_up(work));
        if !new.is_empty() {
            let hosts = new.iter().map(|work| work.host.plan.name.clone()).collect();
            steps.push(Step { need: None, hosts, run: Vec::new(), effects: Vec::new() });
        }
        for need in Need::ALL {
            for work in &old {
                let host = work.host.plan.name;
                let own = work.mechanisms.iter().find(|one| one.provision().first_need() == *need);
                let Some(mechanism) = own.filter(|one| changed.touches(host, **one)) else {
                    continue;
                };
                add(&mut steps, *need, host, &changed.commands(host, *mechanism));
            }
        }
    }
    steps
}

/// Adds a host to the step with the same commands, or adds a new step.
fn add(steps: &mut Vec<Step>, need: Need, host: &HostName, commands: &[&RenderedCommand]) {
    let runs: Vec<String> = commands.iter().map(|command| command.run.clone()).collect();
    let same = |step: &&mut Step| step.need == Some(need) && step.run == runs;
    match steps.iter_mut().find(same) {
        Some(step) => step.hosts.push(host.clone()),
        None => steps.push(Step {
            need: Some(need),
            hosts: vec![host.clone()],
            run: runs,
            effects: rollout::effects(commands.iter().copied()),
        }),
    }
}
