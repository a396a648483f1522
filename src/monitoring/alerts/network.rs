//! Alerts about packets that a host loses.

use std::collections::BTreeSet;

use super::{Alert, Severity, always};
use crate::monitoring::facts::Facts;
use crate::monitoring::trials::Fault;

pub(super) const ALERTS: &[Alert] = &[
    Alert {
        name: "LVSConntrackNearFull",
        severity: Severity::Warning,
        summary: "{{ $value | humanizePercentage }} of the conntrack table of {{ $labels.instance }} is in use.",
        description: "A full table drops new connections. Run on {{ $labels.instance }}: sysctl net.netfilter.nf_conntrack_count net.netfilter.nf_conntrack_max",
        explanation: "Raise `net.netfilter.nf_conntrack_max` with `tuning: { set }`. On a director, lvsgen keeps the packets of the services out \
            of conntrack where it opens the firewall. `thresholds: { conntrack_percent }` sets the part.",
        scope: "",
        exists: always,
        wait: |_| 300,
        expr: |facts| {
            let part = f64::from(facts.thresholds().conntrack_percent) / 100.0;
            format!(
                "{} / ({} > 0) > {part}",
                facts.select("node_nf_conntrack_entries", ""),
                facts.select("node_nf_conntrack_entries_limit", "")
            )
        },
        fault: |facts| {
            first_host(facts, "LVSConntrackNearFull", "node_nf_conntrack_entries", "262143x")
        },
    },
    Alert {
        name: "LVSNicDrops",
        severity: Severity::Warning,
        summary: "{{ $labels.instance }} drops {{ $value | humanizePercentage }} of the packets that {{ $labels.device }} receives.",
        description: "The receive ring is too small, or the processor that serves it is busy. Run on {{ $labels.instance }}: ethtool -S {{ $labels.device }}",
        explanation: "Spread the packets over more queues and processors with `tuning: { queues: { count: auto } }`, or enlarge the ring with \
            `ethtool -G`.",
        scope: "",
        exists: always,
        wait: |_| 600,
        expr: |facts| {
            let nics: BTreeSet<&str> =
                facts.hosts.iter().flat_map(|host| host.nics.clone()).collect();
            let nics: Vec<String> = nics.into_iter().map(|nic| nic.replace('.', "[.]")).collect();
            let device = format!("device=~\"{}\"", nics.join("|"));
            let rate = |metric| format!("rate({}[5m])", facts.select(metric, &device));
            format!(
                "{}\n/ ({} > 100) > 0.001",
                rate("node_network_receive_drop_total"),
                rate("node_network_receive_packets_total")
            )
        },
        fault: |facts| {
            first_host(facts, "LVSNicDrops", "node_network_receive_drop_total", "0+600x")
        },
    },
    Alert {
        name: "LVSSoftnetDrops",
        severity: Severity::Warning,
        summary: "{{ $labels.instance }} dropped {{ $value | humanize }} packets in the backlog of its processors in 5 minutes.",
        description: "The queue between the NIC and the network stack is full. Run on {{ $labels.instance }}: cat /proc/net/softnet_stat",
        explanation: "`tuning: { profile: throughput }` raises `net.core.netdev_max_backlog`; `tuning: { queues }` spreads the packets.",
        scope: "",
        exists: always,
        wait: |_| 300,
        expr: |facts| {
            let dropped = facts.select("node_softnet_dropped_total", "");
            format!("sum by (cluster, instance) (increase({dropped}[5m])) > 0")
        },
        fault: |facts| first_host(facts, "LVSSoftnetDrops", "node_softnet_dropped_total", "0+60x"),
    },
    Alert {
        name: "LVSSoftnetSqueezed",
        severity: Severity::Info,
        summary: "Processor {{ $labels.cpu }} of {{ $labels.instance }} ends its receive round early {{ $value | humanize }} times a second.",
        description: "There is more work than one round allows. Run on {{ $labels.instance }}: cat /proc/net/softnet_stat",
        explanation: "`tuning: { queues }` spreads the packets over the processors; `net.core.netdev_budget` allows longer rounds.",
        scope: "",
        exists: always,
        wait: |_| 900,
        expr: |facts| {
            let squeezed = facts.select("node_softnet_times_squeezed_total", "");
            format!("sum by (cluster, instance, cpu) (rate({squeezed}[5m])) > 10")
        },
        fault: |facts| {
            first_host(facts, "LVSSoftnetSqueezed", "node_softnet_times_squeezed_total", "0+6000x")
        },
    },
];

/// The fault that a metric of the first host has other values.
fn first_host(
    facts: &Facts<'_>,
    alert: &'static str,
    metric: &'static str,
    values: &str,
) -> Option<Fault> {
    let mut fault = Fault::at(40, alert);
    fault.change(metric, &[("instance", facts.hosts.first()?.name.as_str())], values);
    Some(fault)
}
