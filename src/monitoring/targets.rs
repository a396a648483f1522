//! The targets of Prometheus, as its file_sd reads them.

use serde::Serialize;

use super::facts::Facts;
use super::probes::Probed;
use super::promql::Labels;
use crate::model::NODE_EXPORTER;

/// Targets with the same labels.
#[derive(Debug, Serialize)]
pub struct Targets {
    targets: [String; 1],
    labels: Labels,
}

/// The exporter of each host.
pub fn nodes(facts: &Facts<'_>) -> Vec<Targets> {
    let each = facts.hosts.iter().map(|host| {
        let labels = Labels::of_cluster(facts.cluster).and("role", host.role);
        Targets {
            targets: [std::net::SocketAddr::new(host.address, NODE_EXPORTER).to_string()],
            labels: labels.and("instance", host.name).and("target", host.target),
        }
    });
    each.collect()
}

/// The questions of the prober.
pub fn probes(facts: &Facts<'_>, probed: &[Probed<'_>]) -> Vec<Targets> {
    let each = probed.iter().map(|probe| Targets {
        targets: [probe.target.clone()],
        labels: labels(facts, probe).and("__param_module", probe.module.name()),
    });
    each.collect()
}

/// The labels of a probe's series. `instance` is the name of the host, or the address and port of the VIP.
pub(super) fn labels(facts: &Facts<'_>, probe: &Probed<'_>) -> Labels {
    let labels = Labels::of_cluster(facts.cluster).and("service", probe.service);
    match probe.host {
        Some(host) => {
            let labels = labels.and("role", "real_server").and("instance", host);
            labels.and("address", probe.socket)
        }
        None => labels
            .and("role", "vip")
            .and("address", probe.socket.ip())
            .and("instance", probe.socket),
    }
}
