//! Every rule over every host of a cluster, with all findings at once.
//!
//! Takes a [`Cluster`] and the [`ProfileSet`]; gives a [`Report`] and, where the report holds no error,
//! [`Checked`], which only this module can make. One file of `check/rules/` is one rule.

mod allow;
mod kernel_rule;
mod rules;

use crate::diagnostic::{Report, Rule};
use crate::model::{Cluster, TargetName, shape};
use crate::profile::ProfileSet;
use crate::resolve::Resolved;
use crate::yaml;

use self::kernel_rule::{KernelRule, arp_silent, on_nic};
pub use self::rules::ALL;

/// The input of a rule.
struct CheckCx<'a> {
    /// The model as it was written.
    cluster: &'a Cluster,
    /// Roles, needs, mechanisms and VIPs of each host.
    resolved: &'a Resolved<'a>,
    /// The operating systems that lvsgen knows.
    profiles: &'a ProfileSet,
}

/// A rule and the function that finds its breaches.
pub struct Check {
    /// The rule.
    pub rule: Rule,
    run: fn(&CheckCx<'_>, &mut Report),
}

impl std::fmt::Debug for Check {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(self.rule.code)
    }
}

/// Every rule over the meaning of a model: the rules of the checks, and the rule of `allow` itself.
pub fn meaning() -> impl Iterator<Item = &'static Rule> + Clone {
    ALL.iter().map(|check| &check.rule).chain(std::iter::once(&allow::UNMATCHED))
}

/// The codes that `allow` may name.
fn codes() -> impl Iterator<Item = &'static str> + Clone {
    meaning().map(|rule| rule.code)
}

/// Every rule that a model can break: rules of its text, of its shape, of its meaning.
pub fn rules() -> Vec<&'static Rule> {
    let text = std::iter::once(&yaml::SYNTAX);
    text.chain(shape::ALL.iter().copied()).chain(meaning()).collect()
}

/// A cluster in which no check found an error.
#[derive(Debug)]
pub struct Checked<'a> {
    cluster: &'a Cluster,
    resolved: Resolved<'a>,
}

impl<'a> Checked<'a> {
    /// The model as it was written.
    pub fn cluster(&self) -> &'a Cluster {
        self.cluster
    }

    /// The resolved cluster: here every host has its profile and every need its mechanism.
    pub fn resolved(&self) -> &Resolved<'a> {
        &self.resolved
    }
}

/// Runs every check. `target` is the command line's target, which wins over the cluster's own;
/// `fallback` is the target of a host for which neither names any.
pub fn run<'a>(
    cluster: &'a Cluster,
    profiles: &'a ProfileSet,
    target: Option<&'a TargetName>,
    fallback: &'a TargetName,
) -> (Option<Checked<'a>>, Report) {
    let resolved = Resolved::new(cluster, profiles, target, fallback);
    let mut report = Report::default();
    let cx = CheckCx { cluster, resolved: &resolved, profiles };
    for check in ALL {
        (check.run)(&cx, &mut report);
    }
    // The entries of `allow` come last: only now every warning is known.
    allow::apply(&cluster.allow, &mut report);
    report.join_places();
    let checked = (!report.has_errors()).then_some(Checked { cluster, resolved });
    (checked, report)
}

#[cfg(test)]
pub(crate) mod tests {
    use super::*;

    /// Takes a cluster for checked, whatever its rules say: tests of roles that no model may have yet.
    pub(crate) fn assume<'a>(cluster: &'a Cluster, resolved: Resolved<'a>) -> Checked<'a> {
        Checked { cluster, resolved }
    }
}
