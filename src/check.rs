//! Checks a cluster with every rule and reports all findings at once.
//!
//! Takes a [`Cluster`] and the [`ProfileSet`]; gives a [`Report`]. If the report has no error, the module
//! also gives a [`Checked`]. Only this module can make a [`Checked`]. Each file of `check/rules/` holds one rule.

mod allow;
mod kernel_rule;
mod part;
mod rules;

use crate::diagnostic::{Report, Rule, Severity};
use crate::model::{Cluster, TargetName, shape};
use crate::profile::ProfileSet;
use crate::resolve::Resolved;
use crate::yaml;

use self::kernel_rule::{KernelRule, Said, arp_silent, effective, nic_names, whole_host};
pub use self::rules::ALL;

/// The input of a rule.
struct CheckCx<'a> {
    /// The cluster as the model describes it.
    cluster: &'a Cluster,
    /// Roles, needs, mechanisms and VIPs of each host.
    resolved: &'a Resolved<'a>,
    /// The operating systems that lvsgen knows.
    profiles: &'a ProfileSet,
}

impl CheckCx<'_> {
    /// The findings of some checks.
    fn run<'c>(&self, checks: impl Iterator<Item = &'c &'static Check>) -> Report {
        let mut report = Report::default();
        checks.for_each(|check| (check.run)(self, &mut report));
        report
    }
}

/// A rule, and the function that reports each place where a model breaks the rule.
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

/// Every rule about the meaning of a model: the rules of [`ALL`], and the rule about the entries of `allow`.
pub fn meaning() -> impl Iterator<Item = &'static Rule> + Clone {
    ALL.iter().map(|check| &check.rule).chain(std::iter::once(&allow::UNMATCHED))
}

/// The checks that `allow` may name: those whose findings are warnings.
pub fn allowable() -> impl Iterator<Item = &'static Rule> + Clone {
    meaning().filter(|rule| rule.severity == Severity::Warning)
}

/// The codes of the rules about the meaning of a model. The rule `unknown-check` reports other codes in `allow`.
fn codes() -> impl Iterator<Item = &'static str> + Clone {
    meaning().map(|rule| rule.code)
}

/// Every rule that a model can break: rules about its text, its shape and its meaning.
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
    /// The cluster as the model describes it.
    pub fn cluster(&self) -> &'a Cluster {
        self.cluster
    }

    /// The resolved cluster. Every host in it has a profile, and every need has a mechanism.
    pub fn resolved(&self) -> &Resolved<'a> {
        &self.resolved
    }
}

/// Runs every check. `target` is the target from the command line. It overrides the target of the cluster, but
/// not the target of a host. If the host, the command line and the cluster set no target, the host gets `fallback`.
pub fn run<'a>(
    cluster: &'a Cluster,
    profiles: &'a ProfileSet,
    target: Option<&'a TargetName>,
    fallback: &'a TargetName,
) -> (Option<Checked<'a>>, Report) {
    let resolved = Resolved::new(cluster, profiles, target, fallback);
    let cx = CheckCx { cluster, resolved: &resolved, profiles };
    let mut report = cx.run(ALL.iter());
    // Apply the entries of `allow` after all checks: an entry applies only to warnings that the report already has.
    allow::apply(cluster, &mut report);
    report.join_places();
    let checked = (!report.has_errors()).then_some(Checked { cluster, resolved });
    (checked, report)
}

/// Runs the checks that are right for a part of a model ([`Cluster::readable_part`]): one fault of shape then hides no other fault.
pub fn of_part(cluster: &Cluster, profiles: &ProfileSet, fallback: &TargetName) -> Report {
    let resolved = Resolved::new(cluster, profiles, None, fallback);
    let cx = CheckCx { cluster, resolved: &resolved, profiles };
    let mut report = cx.run(ALL.iter().filter(|check| part::CODES.contains(&check.rule.code)));
    report.join_places();
    report
}

#[cfg(test)]
pub(crate) mod tests {
    use super::*;

    /// Makes a [`Checked`] without running the checks. A test needs this for roles that the checks do not allow yet.
    pub(crate) fn assume<'a>(cluster: &'a Cluster, resolved: Resolved<'a>) -> Checked<'a> {
        Checked { cluster, resolved }
    }
}
