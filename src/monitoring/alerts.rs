//! The alerts. Each alert has its expression, its texts, and a fault that fires it, in one place: a file of this folder for each
//! subject.
//!
//! Takes the facts; gives the rules of the alerts that this cluster needs. The documentation of the alerts comes from the same list.

mod director;
mod documentation;
mod host;
mod network;
mod probe;
mod share;
mod table;
mod vip;

pub use documentation::documentation;
pub(super) use table::labels as entry_labels;

use super::facts::Facts;
use super::observed::REPORTS;
use super::promql::Labels;
use super::rules::{Annotations, Rule};
use super::trials::Fault;
use crate::keyword::keywords;
use crate::model::Thresholds;

keywords! {
    /// How urgent an alert is.
    Severity, "a severity of an alert",
    /// Clients are affected, or will be with the next failure: somebody must act now.
    Critical = "critical",
    /// Somebody must act today.
    Warning = "warning",
    /// Nobody must act; a person who looks for a cause finds it.
    Info = "info",
}

/// One alert.
#[derive(Debug)]
pub struct Alert {
    /// The name.
    pub name: &'static str,
    /// Its severity.
    pub severity: Severity,
    /// The fault, in a line: a template of Prometheus.
    pub summary: &'static str,
    /// The consequence, and the first command to run: a template of Prometheus.
    pub description: &'static str,
    /// The causes, and what to do about them, as Markdown.
    pub explanation: &'static str,
    /// The clusters that have the alert, as a part of a sentence; empty: all clusters.
    pub scope: &'static str,
    /// Whether a cluster has the alert.
    pub exists: fn(&Facts<'_>) -> bool,
    /// The time for which the expression must hold, in seconds.
    pub wait: fn(&Thresholds) -> u32,
    /// The expression.
    pub expr: fn(&Facts<'_>) -> String,
    /// A fault that fires the alert; `None` if the cluster is too small for the fault.
    pub fault: fn(&Facts<'_>) -> Option<Fault>,
}

/// Every alert, the most urgent subjects first.
pub fn all() -> impl Iterator<Item = &'static Alert> {
    let subjects: [&'static [Alert]; 7] = [
        table::ALERTS,
        vip::ALERTS,
        probe::ALERTS,
        director::ALERTS,
        share::ALERTS,
        host::ALERTS,
        network::ALERTS,
    ];
    subjects.into_iter().flatten()
}

/// The alerts of a cluster.
pub fn of<'f>(facts: &'f Facts<'_>) -> impl Iterator<Item = &'static Alert> + 'f {
    all().filter(|alert| (alert.exists)(facts))
}

/// The rules of the alerts of a cluster.
pub(super) fn rules(facts: &Facts<'_>) -> Vec<Rule> {
    let rule = |alert: &Alert| Rule::Alert {
        alert: alert.name,
        expr: (alert.expr)(facts),
        wait: duration(alert.waits(facts)),
        labels: Labels::default().and("severity", alert.severity),
        annotations: Annotations {
            summary: alert.summary.to_owned(),
            description: alert.description.to_owned(),
            runbook_url: facts.model.runbook_base.as_ref().map(|base| base.page(alert.name)),
        },
    };
    of(facts).map(rule).collect()
}

impl Alert {
    /// The time for which the expression must hold, in seconds: at least two scrapes, because after one failed scrape all series of a
    /// host are absent.
    pub fn waits(&self, facts: &Facts<'_>) -> u32 {
        match (self.wait)(facts.thresholds()) {
            0 => 0,
            seconds => seconds.max(2 * facts.model.interval),
        }
    }
}

/// A time as Prometheus writes it.
pub(super) fn duration(seconds: u32) -> String {
    match (seconds % 3600, seconds % 60) {
        (0, _) if seconds > 0 => format!("{}h", seconds / 3600),
        (_, 0) if seconds > 0 => format!("{}m", seconds / 60),
        _ => format!("{seconds}s"),
    }
}

/// A matcher of PromQL: all directors report. Otherwise, the missing director may be the one that explains what is seen.
fn all_directors_report(facts: &Facts<'_>) -> String {
    let reports = facts.select(REPORTS, "role=\"director\"");
    format!("count by (cluster) ({reports}) == {}", facts.directors().count())
}

/// An expression about the metrics of the hosts' scripts, for the hosts that report. The last values of a script that died are still
/// there.
fn fresh(facts: &Facts<'_>, expr: &str) -> String {
    format!("{expr}\nand on (cluster, instance) {}", facts.select(REPORTS, ""))
}

fn always(_: &Facts<'_>) -> bool {
    true
}
