//! The row of the real servers, and of all hosts.

use super::{CLUSTER, Panel, lines, query, rate};
use crate::monitoring::facts::Facts;

pub(super) fn panels(facts: &Facts<'_>) -> Vec<Panel> {
    let mut panels = vec![verified(), answers()];
    if facts.mounting().next().is_some() {
        panels.push(nfs());
    }
    panels
}

const REAL_SERVERS: &str = "cluster=\"$cluster\", role=\"real_server\"";

fn verified() -> Panel {
    lines(
        "Hosts that match the last run of converge.sh",
        "1 if every probe of the host holds, else 0: run converge.sh --verify there.",
        "none",
        vec![query(
            format!("min by (instance) (lvsgen_host_verified{{{CLUSTER}}})"),
            "{{instance}}",
        )],
    )
}

fn answers() -> Panel {
    let labels = format!("{REAL_SERVERS}, device!=\"lo\"");
    let sent = rate("node_network_transmit_bytes_total", &labels);
    lines(
        "Answers of the real servers",
        "The bits that leave the NICs of the real servers. With direct routing, the answers go straight to the clients.",
        "bps",
        vec![query(format!("sum by (instance) ({sent}) * 8"), "{{instance}}")],
    )
}

fn nfs() -> Panel {
    let again = rate("node_nfs_rpc_retransmissions_total", REAL_SERVERS);
    let panel = lines(
        "NFS calls that are sent again",
        "Any value above 0 means a slow or lost NFS server.",
        "ops",
        vec![query(format!("sum by (instance) ({again})"), "{{instance}}")],
    );
    panel.colored(&[("red", 0.01)])
}
