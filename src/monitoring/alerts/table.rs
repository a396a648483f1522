//! Alerts about the tables of the directors.

use super::{Alert, Severity, always};
use crate::monitoring::NODE_JOB;
use crate::monitoring::entries::{Entry, KEY, SERVICE_KEY};
use crate::monitoring::expected::{OTHER, WEIGHT};
use crate::monitoring::facts::Facts;
use crate::monitoring::observed::SEEN_WEIGHT;
use crate::monitoring::promql::Labels;
use crate::monitoring::trials::{BEGIN, Fault};

pub(super) const ALERTS: &[Alert] = &[
    Alert {
        name: "LVSServiceWithoutRealServer",
        severity: Severity::Critical,
        summary: "{{ $labels.service }} has no real server with a weight above 0 on {{ $labels.instance }}.",
        description: "{{ $labels.instance }} refuses or drops every connection to {{ $labels.service }}. Run there: ipvsadm -Ln",
        explanation: "All real servers are drained, or failed their health checks, or somebody emptied the table. Look at the web servers of \
            the real servers first; then `converge.sh HOST` on the director brings the table of the model back.",
        scope: "",
        exists: always,
        wait: |_| 30,
        expr: |facts| {
            let sum =
                |series: &str| format!("sum by ({SERVICE_KEY}) ({})", facts.select(series, ""));
            format!(
                "{} > 0\nunless on ({SERVICE_KEY}) ({} > 0)\nand on (cluster, instance) {}",
                sum(WEIGHT),
                sum(SEEN_WEIGHT),
                up(facts)
            )
        },
        fault: |facts| {
            let first = live(facts).next()?;
            let mut fault = Fault::at(BEGIN + 4, "LVSServiceWithoutRealServer");
            for entry in live(facts).filter(|one| same_service(one, first)) {
                fault.set("node_ipvs_backend_weight", facts, entry, |weight| {
                    format!("{weight}x29 0x")
                });
            }
            Some(fault)
        },
    },
    Alert {
        name: "LVSRealServerMissing",
        severity: Severity::Critical,
        summary: "Real server {{ $labels.backend }} is not in the table of {{ $labels.instance }} for {{ $labels.service }}.",
        description: "The model has {{ $labels.remote_address }}:{{ $labels.remote_port }} in {{ $labels.service }}; the table of {{ $labels.instance }} does not. Run there: ipvsadm -Ln",
        explanation: "No health check of lvsgen removes this real server, so somebody changed the table by hand, or the unit that loads the \
            table failed. `converge.sh HOST` on the director brings the table of the model back. To take a real server out for a time, use \
            `converge.sh --drain`.",
        scope: "for real servers without a health check",
        exists: |facts| facts.entries.iter().any(|entry| !entry.checked),
        wait: |_| 120,
        expr: |facts| missing(facts, "no"),
        fault: |facts| without_entry(facts, "LVSRealServerMissing", false),
    },
    Alert {
        name: "LVSRealServerOut",
        severity: Severity::Warning,
        summary: "The health check keeps {{ $labels.backend }} out of the table of {{ $labels.instance }} for {{ $labels.service }}.",
        description: "{{ $labels.remote_address }}:{{ $labels.remote_port }} does not pass its check, so clients do not get it. Run on {{ $labels.backend }}: systemctl --failed, and on {{ $labels.instance }}: journalctl -u keepalived",
        explanation: "keepalived removed the real server because its health check fails. The other real servers carry its part. Start the \
            program of the service on the real server; keepalived takes the server back by itself.",
        scope: "for real servers with a health check",
        exists: |facts| facts.entries.iter().any(|entry| entry.checked),
        wait: |_| 120,
        expr: |facts| missing(facts, "yes"),
        fault: |facts| without_entry(facts, "LVSRealServerOut", true),
    },
    Alert {
        name: "LVSBackendNotInModel",
        severity: Severity::Warning,
        summary: "{{ $labels.instance }} sends to {{ $labels.remote_address }}:{{ $labels.remote_port }}, which the model does not have.",
        description: "The service is {{ $labels.local_address }}:{{ $labels.local_port }} {{ $labels.local_mark }}. Run on {{ $labels.instance }}: ipvsadm -Ln",
        explanation: "Somebody added the entry by hand, or the rendered files of a newer model were not applied to this director, or the rules \
            of Prometheus are older than the model. `converge.sh --dry-run HOST` on the director shows the difference.",
        scope: "without SCTP services, whose entries the exporter shows as those of another service",
        exists: |facts| !facts.has_sctp,
        wait: |_| 600,
        expr: |facts| {
            format!(
                "{}\nunless on ({KEY}) {}\nunless on ({KEY}) {}",
                facts.select("node_ipvs_backend_weight", "role=\"director\""),
                facts.select(WEIGHT, ""),
                facts.select(OTHER, "")
            )
        },
        fault: |facts| {
            let entry = facts.entries.first()?;
            let host = facts.directors().next()?;
            let labels = host.labels(facts.cluster).and("local_address", "192.0.2.1");
            let labels = labels.and("local_port", 9).and("proto", "TCP");
            let labels = labels.and("remote_address", "192.0.2.199").and("remote_port", 9);
            let mut fault = Fault::at(15, "LVSBackendNotInModel");
            fault.add("node_ipvs_backend_weight", labels, format!("{}x", entry.weight));
            Some(fault)
        },
    },
    Alert {
        name: "LVSRealServerDrained",
        severity: Severity::Warning,
        summary: "{{ $labels.backend }} has the weight 0 on {{ $labels.instance }} for longer than a drain takes.",
        description: "{{ $labels.service }} gives it no new connections. Run on {{ $labels.instance }}: sh /var/lib/lvsgen/{{ $labels.cluster }}/current/converge.sh --verify {{ $labels.instance }}",
        explanation: "Nobody gave the real server back after a drain, or a health check with `on_failure: quiesce` fails. \
            `converge.sh --give-back NAME` on each director ends a drain. `thresholds: { drained_minutes }` sets the time.",
        scope: "",
        exists: always,
        wait: |thresholds| thresholds.drained_minutes * 60,
        expr: |facts| {
            format!(
                "{} == 0\nand on ({KEY}) {} > 0",
                facts.select(SEEN_WEIGHT, ""),
                facts.select(WEIGHT, "")
            )
        },
        fault: |facts| {
            let entry = shared(facts)?;
            let end = BEGIN + facts.thresholds().drained_minutes + 3;
            let mut fault = Fault::at(end, "LVSRealServerDrained");
            for one in facts.entries.iter().filter(|one| same_backend(one, entry)) {
                fault.set("node_ipvs_backend_weight", facts, one, |weight| {
                    format!("{weight}x29 0x")
                });
                // Some long connections go on: a drained real server has no share.
                fault.set(CONNECTIONS[0], facts, one, |_| "5x".to_owned());
                fault.set(CONNECTIONS[1], facts, one, |_| "0x".to_owned());
            }
            Some(fault)
        },
    },
    Alert {
        name: "LVSWeightDiffers",
        severity: Severity::Info,
        summary: "{{ $labels.backend }} has the weight {{ $value }} on {{ $labels.instance }}, not that of the model.",
        description: "Somebody changed the table of {{ $labels.instance }} for {{ $labels.service }}, and not the model. Run there: sh /var/lib/lvsgen/{{ $labels.cluster }}/current/converge.sh --dry-run {{ $labels.instance }}",
        explanation: "A change by hand lasts until the next run of `converge.sh`, or the next reload of keepalived. Write the weight into the \
            model, or let `converge.sh HOST` bring the weight of the model back.",
        scope: "",
        exists: always,
        wait: |_| 900,
        expr: |facts| {
            let key = format!("{KEY}, service, backend");
            let seen = facts.select(SEEN_WEIGHT, "");
            format!("({seen} > 0)\n!= on ({key}) {}", facts.select(WEIGHT, ""))
        },
        fault: |facts| {
            let entry = live(facts).next()?;
            let mut fault = Fault::at(20, "LVSWeightDiffers");
            // The connections follow the new weight, so no share is off.
            let more = u32::from(entry.weight) + 1;
            fault.set("node_ipvs_backend_weight", facts, entry, |_| format!("{more}x"));
            for one in facts.entries.iter().filter(|one| same_backend(one, entry)) {
                fault.set(CONNECTIONS[0], facts, one, |_| format!("{}x", more * 10));
                fault.set(CONNECTIONS[1], facts, one, |_| format!("{}x", more * 100));
            }
            Some(fault)
        },
    },
];

/// The connections of an entry.
pub(super) const CONNECTIONS: [&str; 2] =
    ["node_ipvs_backend_connections_active", "node_ipvs_backend_connections_inactive"];

/// The directors whose exporters answer.
fn up(facts: &Facts<'_>) -> String {
    format!("{} == 1", facts.select("up", &format!("job=\"{NODE_JOB}\", role=\"director\"")))
}

/// The entries of the model that a table lacks.
fn missing(facts: &Facts<'_>, checked: &str) -> String {
    format!(
        "{}\nunless on ({KEY}) {}\nand on (cluster, instance) {}",
        facts.select(WEIGHT, &format!("checked=\"{checked}\"")),
        facts.select("node_ipvs_backend_weight", "role=\"director\""),
        up(facts)
    )
}

/// The entries that get connections.
pub(super) fn live<'f, 'a>(facts: &'f Facts<'a>) -> impl Iterator<Item = &'f Entry<'a>> {
    facts.entries.iter().filter(|entry| entry.weight > 0)
}

/// An entry of a real server that is alone in no service of a table.
fn shared<'f, 'a>(facts: &'f Facts<'a>) -> Option<&'f Entry<'a>> {
    let other = |entry: &Entry<'_>| {
        live(facts).any(|one| !same_backend(one, entry) && same_service(one, entry))
    };
    live(facts).find(|entry| live(facts).filter(|one| same_backend(one, entry)).all(other))
}

fn same_service(one: &Entry<'_>, other: &Entry<'_>) -> bool {
    one.director == other.director && one.key.is_of_service(&other.key)
}

/// Whether two entries are of one real server in one service, on any director and any VIP.
fn same_backend(one: &Entry<'_>, other: &Entry<'_>) -> bool {
    one.service == other.service && one.backend == other.backend
}

/// The fault that an entry is gone.
fn without_entry(facts: &Facts<'_>, alert: &'static str, checked: bool) -> Option<Fault> {
    let entry = live(facts).find(|entry| entry.checked == checked)?;
    let mut fault = Fault::at(BEGIN + 6, alert);
    let alone = !live(facts).any(|other| other != entry && same_service(other, entry));
    if alone {
        fault.fires("LVSServiceWithoutRealServer");
    }
    fault.set("node_ipvs_backend_weight", facts, entry, |weight| format!("{weight}x29 stale"));
    for (metric, times) in CONNECTIONS.into_iter().zip([10, 100]) {
        fault.set(metric, facts, entry, |weight| format!("{}x29 stale", u32::from(weight) * times));
    }
    Some(fault)
}

/// The labels of an entry in the table of its director.
pub(in crate::monitoring) fn labels(facts: &Facts<'_>, entry: &Entry<'_>) -> Option<Labels> {
    let host = facts.hosts.iter().find(|host| host.name == entry.director)?;
    Some(entry.key.label(host.labels(facts.cluster)))
}
