//! The alert about the shares of the real servers.

use std::collections::BTreeSet;

use super::table::{CONNECTIONS, live};
use super::{Alert, Severity};
use crate::monitoring::expected::BY_WEIGHT;
use crate::monitoring::observed::{EXPECTED_SHARE, SERVICE_CONNECTIONS, SHARE};
use crate::monitoring::trials::Fault;

pub(super) const ALERTS: &[Alert] = &[Alert {
    name: "LVSShareOffWeight",
    severity: Severity::Warning,
    summary: "{{ $labels.backend }} has another share of {{ $labels.service }} than its weight gives.",
    description: "The share is {{ $value | humanize }} standard deviations off. Run on the active director: ipvsadm -Ln",
    explanation: "Slow answers on one real server, one client with most of the connections, or traffic that passes the director by. The \
        alert needs enough connections, a deviation that chance does not explain (4 standard deviations), and a deviation that matters: \
        `thresholds: { share_connections, share_percent }`.",
    scope: "for services with `rr` or `wrr` and without persistence, if no service uses SCTP: other schedulers promise no shares",
    exists: |facts| !facts.by_weight.is_empty() && !facts.has_sctp,
    wait: |_| 900,
    expr: |facts| {
        let (share, expected) = (facts.select(SHARE, ""), facts.select(EXPECTED_SHARE, ""));
        let connections = facts.select(SERVICE_CONNECTIONS, "");
        let percent = f64::from(facts.thresholds().share_percent) / 100.0;
        format!(
            "(\n  abs({share} - {expected})\n  / on (cluster, service, backend)\n    sqrt({expected} * (1 - {expected}) / on (cluster, service) group_left () {connections})\n) > 4\nand on (cluster, service, backend)\n  abs({share} / {expected} - 1) > {percent}\nand on (cluster, service)\n  {connections} >= {}\nand on (cluster, service)\n  {}",
            facts.thresholds().share_connections,
            facts.select(BY_WEIGHT, "")
        )
    },
    fault: |facts| {
        // One real server of a service with several has nearly all connections.
        let two = |service: &str| {
            let of_service = live(facts).filter(|entry| entry.service.as_str() == service);
            let backends: BTreeSet<&str> = of_service.map(|entry| entry.backend.as_str()).collect();
            backends.len() > 1
        };
        let service = facts.by_weight.iter().find(|service| two(service.as_str()))?;
        let mine = || live(facts).filter(|entry| entry.service == *service);
        let first = mine().next()?.backend;
        let many = facts.thresholds().share_connections.max(1000) * 10;
        let mut fault = Fault::at(45, "LVSShareOffWeight");
        for entry in mine() {
            let first = entry.backend == first;
            fault.set(CONNECTIONS[0], facts, entry, |_| "0x".to_owned());
            fault.set(CONNECTIONS[1], facts, entry, |_| match first {
                true => format!("{many}x"),
                false => "1x".to_owned(),
            });
        }
        Some(fault)
    },
}];
