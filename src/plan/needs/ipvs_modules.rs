//! `ipvs_modules`: the kernel modules of IPVS.

use std::collections::BTreeSet;

use serde::Serialize;

use crate::model::Cluster;

/// The kernel modules of IPVS.
#[derive(Debug, PartialEq, Eq, PartialOrd, Ord, Serialize)]
pub struct IpvsModules {
    /// The names of the modules: first `ip_vs`, then one module for each scheduler in use.
    pub modules: Vec<String>,
}

impl IpvsModules {
    pub(super) fn new(cluster: &Cluster) -> Self {
        let schedulers: BTreeSet<_> =
            cluster.virtual_services.iter().map(|service| service.scheduler()).collect();
        let schedulers = schedulers.into_iter().map(|scheduler| format!("ip_vs_{scheduler}"));
        Self { modules: std::iter::once("ip_vs".to_owned()).chain(schedulers).collect() }
    }
}
