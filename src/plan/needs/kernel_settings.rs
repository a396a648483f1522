//! `kernel_settings`: the kernel parameters of all roles of a host, in one file.

use std::collections::BTreeMap;

use serde::Serialize;

use crate::ipvs::Family;
use crate::kernel::Parameter;
use crate::model::{InterfaceName, Vip};
use crate::plan::{Detail, Probe};
use crate::resolve::{HostView, KernelSetting, SettingValue};

/// The kernel parameters of a host.
#[derive(Debug, PartialEq, Eq, PartialOrd, Ord, Serialize)]
pub struct KernelSettings {
    /// The parameters, in the order of the file.
    pub settings: Vec<KernelSetting>,
    /// The IPv4 VIPs for which the host does not answer ARP.
    pub silent_vips: Vec<Vip>,
    /// The NICs on which the probes check the effective values.
    #[serde(skip)]
    nics: Vec<InterfaceName>,
}

impl KernelSettings {
    pub(super) fn new(view: &HostView<'_>) -> Self {
        let silent = view.settings.iter().any(|one| one.parameter == Some(Parameter::ArpIgnore));
        let vips = view.vips.iter().filter(|vip| silent && vip.family() == Family::Ipv4);
        Self {
            settings: view.settings.clone(),
            silent_vips: vips.copied().collect(),
            nics: view.nics.iter().map(|nic| nic.name().clone()).collect(),
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
        let mut wanted: BTreeMap<(Parameter, &InterfaceName), &SettingValue> = BTreeMap::new();
        let mut of_host = Vec::new();
        for setting in &self.settings {
            match setting.parameter {
                Some(parameter) => {
                    for nic in self.nics_of(parameter) {
                        wanted.entry((parameter, nic)).or_insert(&setting.value);
                    }
                }
                None => {
                    of_host.push(Probe::Sysctl {
                        key: setting.key.clone(),
                        value: setting.value.clone(),
                    });
                }
            }
        }
        let probes = wanted.into_iter().map(|((parameter, nic), value)| Probe::SettingIs {
            interface: nic.to_string(),
            parameter,
            value: value.clone(),
        });
        probes.chain(of_host).collect()
    }

    /// The NICs on which a parameter must have its value: those with a setting of their own, or all.
    fn nics_of(&self, parameter: Parameter) -> Vec<&InterfaceName> {
        let own = self.settings.iter().filter(|one| one.parameter == Some(parameter));
        let own: Vec<&InterfaceName> = own.filter_map(|one| one.nic.as_ref()).collect();
        if own.is_empty() { self.nics.iter().collect() } else { own }
    }
}
