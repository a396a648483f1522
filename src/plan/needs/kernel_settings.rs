//! `kernel_settings`: the kernel parameters of all roles of a host, in one file.

use std::collections::BTreeMap;

use serde::Serialize;

use crate::ipvs::Family;
use crate::kernel::Parameter;
use crate::model::Vip;
use crate::plan::{Detail, Probe};
use crate::resolve::{HostView, KernelSetting, SettingValue};

/// The kernel parameters of a host.
#[derive(Debug, PartialEq, Eq, PartialOrd, Ord, Serialize)]
pub struct KernelSettings {
    /// The parameters, in the order of the file.
    pub settings: Vec<KernelSetting>,
    /// The IPv4 VIPs for which the host does not answer ARP.
    pub silent_vips: Vec<Vip>,
    /// The interface on which the probes check the effective values.
    #[serde(skip)]
    interface: String,
}

impl KernelSettings {
    pub(super) fn new(view: &HostView<'_>) -> Self {
        let silent = view.settings.iter().any(|one| one.parameter == Some(Parameter::ArpIgnore));
        let vips = view.vips.iter().filter(|vip| silent && vip.family() == Family::Ipv4);
        Self {
            settings: view.settings.clone(),
            silent_vips: vips.copied().collect(),
            interface: view.nic().name().to_string(),
        }
    }

    /// The tuning. The other parameters follow from the roles and the VIPs.
    pub(super) fn details(&self) -> Vec<Detail> {
        let tunes = self.settings.iter().filter(|setting| setting.tunes);
        let detail = |one: &KernelSetting| Detail::Setting {
            key: one.key.clone(),
            value: one.value.to_string(),
        };
        tunes.map(detail).collect()
    }

    /// One question for each parameter, even if `all` and the NIC's own entry both set the parameter.
    pub(super) fn probes(&self) -> Vec<Probe> {
        let mut wanted: BTreeMap<Parameter, SettingValue> = BTreeMap::new();
        let mut of_host = Vec::new();
        for setting in &self.settings {
            match setting.parameter {
                Some(parameter) => drop(wanted.entry(parameter).or_insert(setting.value.clone())),
                None => {
                    of_host.push(Probe::Sysctl {
                        key: setting.key.clone(),
                        value: setting.value.clone(),
                    });
                }
            }
        }
        let probes = wanted.into_iter().map(|(parameter, value)| Probe::SettingIs {
            interface: self.interface.clone(),
            parameter,
            value,
        });
        probes.chain(of_host).collect()
    }
}
