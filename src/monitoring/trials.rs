//! The tests of the rules, for `promtool test rules`: the series of the healthy cluster with one fault each. Each test names all
//! alerts that fire, so an alert too many fails it as well.

use super::alerts::{self, entry_labels};
use super::entries::Entry;
use super::facts::Facts;
use super::promql::Labels;
use super::series::Series;

/// The minute at which most faults begin.
pub const BEGIN: u32 = 30;

/// The largest number of hosts for which lvsgen writes tests. The file grows with the hosts times the alerts.
pub const MOST_HOSTS: usize = 200;

/// A fault of a cluster.
#[derive(Debug)]
pub struct Fault {
    minutes: u32,
    fires: Vec<&'static str>,
    edits: Vec<Edit>,
}

/// A change of the healthy series.
#[derive(Debug)]
enum Edit {
    /// A further series.
    Add { metric: &'static str, labels: Labels, values: String },
    /// Other values of the series with these labels; `None` for no series.
    Change { metric: &'static str, labels: Vec<(&'static str, String)>, values: Option<String> },
    /// No series with these labels, except `up`.
    Silence { labels: Vec<(&'static str, String)> },
}

impl Fault {
    /// A fault, the minute at which the test looks for alerts, and the alert that fires.
    pub fn at(minutes: u32, alert: &'static str) -> Self {
        Self { minutes, fires: vec![alert], edits: Vec::new() }
    }

    /// Adds an alert that fires too.
    pub fn fires(&mut self, alert: &'static str) {
        self.fires.push(alert);
    }

    /// Adds a series.
    pub fn add(&mut self, metric: &'static str, labels: Labels, values: impl Into<String>) {
        self.edits.push(Edit::Add { metric, labels, values: values.into() });
    }

    /// Changes the values of an entry's series.
    pub fn set(
        &mut self,
        metric: &'static str,
        facts: &Facts<'_>,
        entry: &Entry<'_>,
        values: impl Fn(u16) -> String,
    ) {
        if let Some(labels) = entry_labels(facts, entry) {
            let labels = labels.into_pairs();
            let values = Some(values(entry.weight));
            self.edits.push(Edit::Change { metric, labels, values });
        }
    }

    /// Changes the values of all series of a metric that have the labels.
    pub fn change(&mut self, metric: &'static str, labels: &[(&'static str, &str)], values: &str) {
        let labels = labels.iter().map(|(name, value)| (*name, (*value).to_owned())).collect();
        self.edits.push(Edit::Change { metric, labels, values: Some(values.to_owned()) });
    }

    /// Removes all series of a metric that have the labels.
    pub fn remove(&mut self, metric: &'static str, labels: &[(&'static str, &str)]) {
        let labels = labels.iter().map(|(name, value)| (*name, (*value).to_owned())).collect();
        self.edits.push(Edit::Change { metric, labels, values: None });
    }

    /// Removes every series of a host's exporter, except `up`, which becomes 0.
    pub fn silence(&mut self, host: &str) {
        self.change("up", &[("instance", host)], "0x");
        let labels = vec![("instance", host.to_owned()), ("job", super::NODE_JOB.to_owned())];
        self.edits.push(Edit::Silence { labels });
    }

    /// The series with the fault.
    fn apply(&self, mut series: Series) -> Series {
        for edit in &self.edits {
            match edit {
                Edit::Add { metric, labels, values } => {
                    series.add(metric, labels.clone(), values.clone());
                }
                Edit::Change { metric, labels, values: Some(values) } => {
                    let all = series.0.iter_mut();
                    all.filter(|one| one.metric == *metric && one.labels.have(labels))
                        .for_each(|one| one.values.clone_from(values));
                }
                Edit::Change { metric, labels, values: None } => {
                    series.0.retain(|one| one.metric != *metric || !one.labels.have(labels));
                }
                Edit::Silence { labels } => {
                    series.0.retain(|one| one.metric == "up" || !one.labels.have(labels));
                }
            }
        }
        series
    }
}

/// One test.
#[derive(Debug)]
pub struct Trial {
    /// The name: the alert, or `healthy`.
    pub name: &'static str,
    /// The minute at which the test looks for alerts.
    pub minutes: u32,
    /// The series.
    pub series: Series,
    /// The alerts that fire, sorted.
    pub fires: Vec<&'static str>,
}

/// The tests of a cluster: the healthy one, and one for each alert.
pub fn of(facts: &Facts<'_>) -> Vec<Trial> {
    let healthy = Series::healthy(facts);
    let first = Trial { name: "healthy", minutes: 90, series: healthy.clone(), fires: Vec::new() };
    let faults = alerts::of(facts).filter_map(|alert| {
        let fault = (alert.fault)(facts)?;
        let mut fires = fault.fires.clone();
        fires.sort_unstable();
        fires.dedup();
        let series = fault.apply(healthy.clone());
        Some(Trial { name: alert.name, minutes: fault.minutes, series, fires })
    });
    std::iter::once(first).chain(faults).collect()
}
