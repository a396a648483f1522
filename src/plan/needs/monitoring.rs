//! `monitoring`: the Prometheus of a monitoring server, and the prober beside it.

use serde::Serialize;

use crate::model::Cluster;
use crate::plan::Detail;

/// The values of the programs. Their files are documents, which `monitoring` makes from the plan of all hosts.
#[derive(Debug, PartialEq, Eq, PartialOrd, Ord, Serialize)]
pub struct MonitoringServer {
    /// Whether the prober asks the VIPs and the real servers.
    pub probe: bool,
    /// The address and port at which the Prometheus reaches the prober.
    pub prober: String,
    /// The Alertmanagers that get the alerts.
    pub alertmanagers: Vec<String>,
}

impl MonitoringServer {
    pub(super) fn new(cluster: &Cluster) -> Self {
        let model = cluster.monitoring.as_ref().expect("only `monitoring` gives a host this role");
        let alertmanagers = model.alertmanager.iter().map(|one| one.as_str().to_owned());
        Self {
            probe: model.probe,
            prober: model.prober.as_str().to_owned(),
            alertmanagers: alertmanagers.collect(),
        }
    }

    pub(super) fn details(&self) -> Vec<Detail> {
        vec![Detail::Alertmanagers(self.alertmanagers.clone())]
    }
}
