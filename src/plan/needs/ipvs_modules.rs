//! `ipvs_modules`: the kernel modules of IPVS.

use std::collections::BTreeSet;

use serde::Serialize;

use crate::model::{Cluster, TableBits};
use crate::plan::Detail;
use crate::resolve::HostView;

/// The kernel modules of IPVS.
#[derive(Debug, PartialEq, Eq, PartialOrd, Ord, Serialize)]
pub struct IpvsModules {
    /// The names of the modules: first `ip_vs`, then one module for each scheduler in use.
    pub modules: Vec<String>,
    /// The options with which the kernel loads the modules.
    pub options: Vec<ModuleOption>,
}

/// An option of a kernel module.
#[derive(Debug, PartialEq, Eq, PartialOrd, Ord, Serialize)]
pub struct ModuleOption {
    /// The module.
    pub module: &'static str,
    /// The option.
    pub option: &'static str,
    /// The value.
    pub value: u8,
}

impl IpvsModules {
    pub(super) fn new(cluster: &Cluster, view: &HostView<'_>) -> Self {
        let schedulers: BTreeSet<_> =
            cluster.virtual_services.iter().map(|service| service.scheduler()).collect();
        let schedulers = schedulers.into_iter().map(|scheduler| format!("ip_vs_{scheduler}"));
        let bits = view.tuning.conn_tab_bits;
        let option =
            |TableBits(value)| ModuleOption { module: "ip_vs", option: "conn_tab_bits", value };
        Self {
            modules: std::iter::once("ip_vs".to_owned()).chain(schedulers).collect(),
            options: bits.map(option).into_iter().collect(),
        }
    }

    pub(super) fn details(&self) -> Vec<Detail> {
        let detail = |one: &ModuleOption| Detail::ModuleOption {
            option: one.option.to_owned(),
            value: one.value,
        };
        self.options.iter().map(detail).collect()
    }
}
