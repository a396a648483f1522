//! The row of a service.

use super::{DIRECTOR, Kind, Panel, SERVICE, lines, query, steps};
use crate::monitoring::entries::KEY;
use crate::monitoring::expected::WEIGHT;
use crate::monitoring::facts::Facts;
use crate::monitoring::observed::{EXPECTED_SHARE, SEEN_CONNECTIONS, SEEN_WEIGHT, SHARE};
use crate::monitoring::{DIRECT_JOB, VIP_JOB};

pub(super) fn panels(facts: &Facts<'_>) -> Vec<Panel> {
    let mut panels = vec![active(), inactive(), entries(), shares()];
    if !facts.through_vips.is_empty() {
        panels.push(probe_time());
    }
    if !facts.direct.is_empty() {
        panels.push(direct_probes());
    }
    panels
}

/// A metric of the exporter by real server. The director with the largest value is the active one.
fn by_backend(metric: &str) -> String {
    let named =
        format!("* on ({KEY}) group_left (service, backend) ({WEIGHT}{{{SERVICE}}} * 0 + 1)");
    format!("max by (backend) (sum by (instance, backend) ({metric}{{{DIRECTOR}}} {named}))")
}

fn active() -> Panel {
    lines(
        "Active connections by real server",
        "The established connections. With direct routing, a connection stays active until the client ends it. A value far above the others means slow answers.",
        "short",
        vec![query(by_backend("node_ipvs_backend_connections_active"), "{{backend}}")],
    )
}

fn inactive() -> Panel {
    lines(
        "Inactive connections by real server",
        "The closed connections that the director still remembers, and the flows of UDP.",
        "short",
        vec![query(by_backend("node_ipvs_backend_connections_inactive"), "{{backend}}")],
    )
}

fn entries() -> Panel {
    let column = |series: &str| {
        format!("sum by (backend, instance) ({series}{{{SERVICE}, instance=~\"$instance\"}})")
    };
    Panel {
        kind: Kind::Table,
        title: "Entries of the tables",
        description: "The weight of each real server on each director, beside the weight of the model. A difference is a drain, a failed check, or a change by hand.",
        unit: "short",
        width: 8,
        steps: steps(&[]),
        queries: vec![
            query(column(SEEN_WEIGHT), "weight"),
            query(column(WEIGHT), "weight of the model"),
            query(column(SEEN_CONNECTIONS), "connections"),
        ],
    }
}

fn shares() -> Panel {
    let by_backend = |series: &str| format!("max by (backend) ({series}{{{SERVICE}}})");
    lines(
        "Share by real server",
        "Full line: the share of the connections. Dashed line: the share that the weights give. Only `rr` and `wrr` without persistence promise it.",
        "percentunit",
        vec![
            query(by_backend(SHARE), "{{backend}}"),
            query(by_backend(EXPECTED_SHARE), "{{backend}} by weight"),
        ],
    )
}

fn probe_time() -> Panel {
    let time = format!("probe_duration_seconds{{{SERVICE}, job=\"{VIP_JOB}\"}}");
    lines(
        "Time of a probe",
        "The time of a whole probe through the VIP. It grows with slow real servers.",
        "s",
        vec![query(format!("max by (instance) ({time})"), "{{instance}}")],
    )
}

fn direct_probes() -> Panel {
    let success = format!("probe_success{{{SERVICE}, job=\"{DIRECT_JOB}\"}}");
    lines(
        "Probes of the real servers",
        "1 if a real server answers at its own address, else 0.",
        "none",
        vec![query(format!("min by (instance) ({success})"), "{{instance}}")],
    )
}
