//! The row of the directors.

use super::{CLUSTER, DIRECTOR, Panel, lines, query, rate};
use crate::monitoring::facts::Facts;
use crate::monitoring::observed::DIRECTOR_CONNECTIONS;

pub(super) fn panels(facts: &Facts<'_>) -> Vec<Panel> {
    let thresholds = facts.thresholds();
    vec![
        buckets(thresholds.connections_per_bucket),
        conntrack(thresholds.conntrack_percent),
        packets(),
        drops(),
        squeezed(),
        softirq(),
    ]
}

/// The rate of a metric, by some labels.
fn by(labels: &str, metric: &str, more: &str) -> String {
    format!("sum by ({labels}) ({})", rate(metric, &format!("{DIRECTOR}{more}")))
}

/// A matcher of the NICs.
const NIC: &str = ", device!=\"lo\"";

/// `most`: the length from which on an alert fires.
fn buckets(most: u32) -> Panel {
    let connections = format!("{DIRECTOR_CONNECTIONS}{{{CLUSTER}, instance=~\"$instance\"}}");
    let expr = format!("{connections} / on (cluster, instance) lvsgen_ipvs_buckets{{{DIRECTOR}}}");
    let panel = lines(
        "Connections for each bucket",
        "The length of a chain in the connection table. Where the panel is red, raise conn_tab_bits.",
        "short",
        vec![query(expr, "{{instance}}")],
    );
    panel.colored(&[("orange", f64::from(most) / 4.0), ("red", most.into())])
}

/// `most`: the percentage from which on an alert fires.
fn conntrack(most: u32) -> Panel {
    let red = f64::from(most) / 100.0;
    let metric = |name: &str| format!("node_nf_conntrack_{name}{{{DIRECTOR}}}");
    let panel = lines(
        "Conntrack table",
        "The part of nf_conntrack_max in use. Where the panel is red, new connections will soon be lost.",
        "percentunit",
        vec![query(format!("{} / {}", metric("entries"), metric("entries_limit")), "{{instance}}")],
    );
    panel.colored(&[("orange", red * 0.75), ("red", red)])
}

fn packets() -> Panel {
    let packets =
        |way: &str| by("instance, device", &format!("node_network_{way}_packets_total"), NIC);
    lines(
        "Packets by NIC",
        "In and out. As many packets go out as come in: each one leaves again for a real server.",
        "pps",
        vec![
            query(packets("receive"), "{{instance}} {{device}} in"),
            query(packets("transmit"), "{{instance}} {{device}} out"),
        ],
    )
}

fn drops() -> Panel {
    let nic = by("instance, device", "node_network_receive_drop_total", NIC);
    let panel = lines(
        "Drops",
        "The packets that a NIC or the backlog of a processor loses. Any value above 0 hurts.",
        "pps",
        vec![
            query(nic, "{{instance}} {{device}}"),
            query(by("instance", "node_softnet_dropped_total", ""), "{{instance}} backlog"),
        ],
    );
    panel.colored(&[("red", 0.01)])
}

fn squeezed() -> Panel {
    let expr = by("instance, cpu", "node_softnet_times_squeezed_total", "");
    lines(
        "Receive rounds that end early",
        "One processor far above the others means that the queues are not spread.",
        "cps",
        vec![query(expr, "{{instance}} cpu {{cpu}}")],
    )
}

fn softirq() -> Panel {
    let expr = by("instance, cpu", "node_cpu_seconds_total", ", mode=\"softirq\"");
    let panel = lines(
        "Time in softirq by processor",
        "A director works in softirq. A processor near 1 is its limit.",
        "percentunit",
        vec![query(expr, "{{instance}} cpu {{cpu}}")],
    );
    panel.colored(&[("red", 0.8)])
}
