//! The row of the whole cluster.

use super::{CLUSTER, DIRECTOR, Kind, Panel, Query, Step, complete, lines, query, rate, steps};
use crate::monitoring::VIP_JOB;
use crate::monitoring::expected::WEIGHT;
use crate::monitoring::facts::Facts;
use crate::monitoring::observed::{HELD, SEEN_WEIGHT};

pub(super) fn panels(facts: &Facts<'_>) -> Vec<Panel> {
    let mut panels = vec![owner(), in_table(), alerts()];
    if !facts.through_vips.is_empty() {
        panels.push(probe(f64::from(facts.thresholds().probe_percent) / 100.0));
    }
    panels.extend([connections(), traffic(), places()]);
    panels
}

/// A number.
fn stat(
    title: &'static str,
    description: &'static str,
    unit: &'static str,
    steps: Vec<Step>,
    query: Query,
) -> Panel {
    let queries = vec![query];
    Panel { kind: Kind::Stat, title, description, unit, width: 6, steps, queries }
}

fn held() -> String {
    format!("max by (address, instance) ({HELD}{{{CLUSTER}}})")
}

fn owner() -> Panel {
    stat(
        "Owners of each VIP",
        "The number of directors that have the VIP on a NIC. It must be 1: 0 means that no client reaches the VIP, and 2 means that the directors fight.",
        "none",
        vec![
            Step { color: "red", from: None },
            Step { color: "green", from: Some(1.0) },
            Step { color: "red", from: Some(2.0) },
        ],
        query(format!("sum by (address) ({HELD}{{{CLUSTER}}})"), "{{address}}"),
    )
}

fn in_table() -> Panel {
    let live = |series| format!("count by (service, instance) ({series}{{{CLUSTER}}} > 0)");
    let (seen, expected) = (live(SEEN_WEIGHT), live(WEIGHT));
    // An empty table has no series.
    let part = format!("({seen} or on (service, instance) 0 * {expected}) / {expected}");
    stat(
        "Real servers in the table",
        "The real servers with a weight above 0, as a part of those of the model, on the worst director. Below 1, one is drained or out.",
        "percentunit",
        complete(0.5, 1.0),
        query(format!("min by (service) ({part})"), "{{service}}"),
    )
}

fn alerts() -> Panel {
    let firing = format!("ALERTS{{{CLUSTER}, alertstate=\"firing\"}}");
    let none = format!(
        "label_replace(vector(0), \"severity\", \"none\", \"\", \"\") unless on () {firing}"
    );
    stat(
        "Firing alerts",
        "The alerts of this cluster, by severity.",
        "short",
        steps(&[("red", 1.0)]),
        query(format!("count by (severity) ({firing}) or ({none})"), "{{severity}}"),
    )
}

/// `good`: the part of the probes from which on all is well.
fn probe(good: f64) -> Panel {
    let success = format!("probe_success{{{CLUSTER}, job=\"{VIP_JOB}\"}}");
    stat(
        "Probe through the VIP",
        "The part of the probes from the monitoring server that passed in ten minutes. Most often, a lower value means that one real server does not answer.",
        "percentunit",
        complete(good, good.max(0.999)),
        query(format!("min by (service) (avg_over_time({success}[10m]))"), "{{service}}"),
    )
}

fn connections() -> Panel {
    let expr = format!("max by (instance) ({})", rate("node_ipvs_connections_total", DIRECTOR));
    lines(
        "New connections",
        "The connections that the directors gave to real servers, of all services together.",
        "cps",
        vec![query(expr, "{{instance}}")],
    )
}

fn traffic() -> Panel {
    let bits = |metric| format!("max by (instance) ({}) * 8", rate(metric, DIRECTOR));
    lines(
        "Traffic",
        "The bits of requests, and of answers that pass the director. With direct routing and tunnels, no answer does.",
        "bps",
        vec![
            query(bits("node_ipvs_incoming_bytes_total"), "{{instance}} in"),
            query(bits("node_ipvs_outgoing_bytes_total"), "{{instance}} out"),
        ],
    )
}

fn places() -> Panel {
    Panel {
        kind: Kind::StateTimeline,
        title: "Places of the VIPs",
        description: "Each director over time: 1 while it has the VIP. Many changes mean that the directors fight.",
        unit: "none",
        width: 8,
        steps: vec![
            Step { color: "transparent", from: None },
            Step { color: "green", from: Some(1.0) },
        ],
        queries: vec![query(held(), "{{instance}} {{address}}")],
    }
}
