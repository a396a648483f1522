//! The panels of the dashboard: a file of this folder for each row.

mod cluster;
mod director;
mod real_server;
mod service;

use serde_json::{Value, json};

use crate::monitoring::facts::Facts;

/// A row.
#[derive(Debug)]
pub struct Row {
    /// The title.
    pub title: &'static str,
    /// The variable for whose values the row repeats.
    pub repeat: Option<&'static str>,
    /// The panels.
    pub panels: Vec<Panel>,
}

/// A panel.
#[derive(Debug)]
pub struct Panel {
    /// The kind.
    pub kind: Kind,
    /// The title.
    pub title: &'static str,
    /// The subject of the panel, and its bad values.
    pub description: &'static str,
    /// The unit of Grafana.
    pub unit: &'static str,
    /// The width in columns.
    pub width: u32,
    /// The colours.
    pub steps: Vec<Step>,
    /// The queries.
    pub queries: Vec<Query>,
}

/// A query of a panel.
#[derive(Debug)]
pub struct Query {
    /// The expression.
    pub expr: String,
    /// The name of a line, or the head of a column.
    pub legend: String,
}

/// A colour, and the value from which it applies; `None` for the first one.
#[derive(Debug)]
pub struct Step {
    /// The colour.
    pub color: &'static str,
    /// The value.
    pub from: Option<f64>,
}

/// The kind of a panel.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Kind {
    /// Numbers.
    Stat,
    /// Lines.
    TimeSeries,
    /// States over time.
    StateTimeline,
    /// A table.
    Table,
}

impl Kind {
    /// The name in Grafana.
    pub(super) fn name(self) -> &'static str {
        match self {
            Self::Stat => "stat",
            Self::TimeSeries => "timeseries",
            Self::StateTimeline => "state-timeline",
            Self::Table => "table",
        }
    }

    pub(super) fn options(self) -> Value {
        match self {
            Self::Stat => json!({
                "reduceOptions": { "calcs": ["lastNotNull"], "fields": "", "values": false },
                "colorMode": "background",
                "textMode": "value_and_name",
            }),
            Self::TimeSeries => json!({
                "legend": { "displayMode": "table", "placement": "bottom", "calcs": ["mean", "max"], "showLegend": true },
                "tooltip": { "mode": "multi", "sort": "desc" },
            }),
            Self::StateTimeline => json!({
                "mergeValues": true,
                "showValue": "never",
                "legend": { "showLegend": false, "displayMode": "list", "placement": "bottom" },
            }),
            Self::Table => json!({ "showHeader": true, "cellHeight": "sm" }),
        }
    }
}

/// The rows. A cluster without a share or without probes has no panels for them.
pub fn rows(facts: &Facts<'_>) -> Vec<Row> {
    let row = |title, repeat, panels| Row { title, repeat, panels };
    vec![
        row("Cluster", None, cluster::panels(facts)),
        row("Service $service", Some("service"), service::panels(facts)),
        row("Directors", None, director::panels(facts)),
        row("Real servers", None, real_server::panels(facts)),
    ]
}

const CLUSTER: &str = "cluster=\"$cluster\"";
const DIRECTOR: &str = "cluster=\"$cluster\", role=\"director\", instance=~\"$instance\"";
const SERVICE: &str = "cluster=\"$cluster\", service=~\"$service\"";

fn query(expr: String, legend: &str) -> Query {
    Query { expr, legend: legend.to_owned() }
}

fn lines(
    title: &'static str,
    description: &'static str,
    unit: &'static str,
    queries: Vec<Query>,
) -> Panel {
    Panel { kind: Kind::TimeSeries, title, description, unit, width: 8, steps: steps(&[]), queries }
}

/// The colours: green, and from each value on another one. The values ascend.
fn steps(from: &[(&'static str, f64)]) -> Vec<Step> {
    let first = Step { color: "green", from: None };
    let rest = from.iter().map(|(color, value)| Step { color, from: Some(*value) });
    std::iter::once(first).chain(rest).collect()
}

/// The colours of a part that should be 1.
fn complete(orange: f64, green: f64) -> Vec<Step> {
    vec![
        Step { color: "red", from: None },
        Step { color: "orange", from: Some(orange) },
        Step { color: "green", from: Some(green) },
    ]
}

fn rate(metric: &str, labels: &str) -> String {
    format!("rate({metric}{{{labels}}}[$__rate_interval])")
}

impl Panel {
    fn colored(self, from: &[(&'static str, f64)]) -> Self {
        Self { steps: steps(from), ..self }
    }
}
