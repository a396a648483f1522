//! The rules of Prometheus: expected series, observed series, and alerts.

use serde::Serialize;

use super::facts::Facts;
use super::promql::Labels;
use super::{alerts, expected, observed};

/// A file of rules.
#[derive(Debug, Serialize)]
pub struct RuleFile {
    /// The groups. A group reads the series of the groups before it.
    pub groups: Vec<Group>,
}

/// A group of rules that Prometheus evaluates one after the other.
#[derive(Debug, Serialize)]
pub struct Group {
    /// The name, with the name of the cluster: Prometheus shows the groups of all files together.
    pub name: String,
    /// The time between two evaluations.
    pub interval: String,
    /// The rules.
    pub rules: Vec<Rule>,
}

/// A rule.
#[derive(Debug, Serialize)]
#[serde(untagged)]
pub enum Rule {
    /// A series that Prometheus records.
    Record {
        /// The name of the series.
        record: &'static str,
        /// The expression.
        expr: String,
        /// Labels to add.
        #[serde(skip_serializing_if = "Option::is_none")]
        labels: Option<Labels>,
    },
    /// An alert.
    Alert {
        /// The name.
        alert: &'static str,
        /// The expression: the alert is on for each series that it gives.
        expr: String,
        /// The time for which the expression must hold.
        #[serde(rename = "for")]
        wait: String,
        /// Labels to add.
        labels: Labels,
        /// The texts for a person.
        annotations: Annotations,
    },
}

/// The texts of an alert.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Annotations {
    /// The fault, in a line.
    pub summary: String,
    /// The consequence, and the first command to run.
    pub description: String,
    /// The page about the alert.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub runbook_url: Option<String>,
}

impl Rule {
    /// A constant series.
    pub(super) fn constant(record: &'static str, value: u32, labels: Labels) -> Self {
        Self::Record { record, expr: format!("vector({value})"), labels: Some(labels) }
    }

    /// A series of an expression.
    pub(super) fn record(record: &'static str, expr: String) -> Self {
        Self::Record { record, expr, labels: None }
    }
}

impl RuleFile {
    /// The rules of a cluster.
    pub fn new(facts: &Facts<'_>) -> Self {
        let interval = format!("{}s", facts.model.interval);
        let group = |name: &str, rules| Group {
            name: format!("lvsgen-{}-{name}", facts.cluster),
            interval: interval.clone(),
            rules,
        };
        Self {
            groups: vec![
                group("expected", expected::rules(facts)),
                group("observed", observed::rules(facts)),
                group("alerts", alerts::rules(facts)),
            ],
        }
    }
}
