//! `metrics`: the state of a host that its script gives to the exporter.

use serde::Serialize;

use super::{KernelSettings, NfsMount};
use crate::model::{Cluster, HostName, Need};
use crate::plan::Probe;
use crate::profile::Ability;
use crate::resolve::HostView;

/// The subjects of a host's script.
#[derive(Debug, PartialEq, Eq, PartialOrd, Ord, Serialize)]
pub struct Metrics {
    /// The host, as its record names it.
    pub host: HostName,
    /// The VIPs of the cluster, with `|` between them: a pattern of the shell.
    pub vips: String,
    /// The kernel parameters of NICs.
    pub settings: Vec<NicSetting>,
    /// The kernel parameters of the whole host.
    pub sysctls: Vec<HostSetting>,
    /// The mounted share.
    pub share: Option<Share>,
    /// The programs whose restarts the script counts, as units.
    pub units: Vec<&'static str>,
    /// Whether the host has an IPVS table.
    pub has_table: bool,
    /// Whether the host is a director that shares its connections.
    pub syncs: bool,
}

/// A kernel parameter of a NIC.
#[derive(Debug, PartialEq, Eq, PartialOrd, Ord, Serialize)]
pub struct NicSetting {
    /// The NIC.
    pub nic: String,
    /// The parameter.
    pub parameter: &'static str,
    /// The wanted value in force.
    pub value: String,
}

/// A kernel parameter of the whole host.
#[derive(Debug, PartialEq, Eq, PartialOrd, Ord, Serialize)]
pub struct HostSetting {
    /// The key.
    pub key: String,
    /// The wanted value.
    pub value: String,
}

/// A mounted share.
#[derive(Debug, PartialEq, Eq, PartialOrd, Ord, Serialize)]
pub struct Share {
    /// The directory.
    pub directory: String,
    /// The share: `ADDRESS:/PATH`.
    pub share: String,
}

impl Metrics {
    /// The names of the kernel parameters, as the script prints them.
    pub fn setting_names(&self) -> impl Iterator<Item = String> {
        let of_nics = self.settings.iter().map(|one| format!("{} on {}", one.parameter, one.nic));
        of_nics.chain(self.sysctls.iter().map(|one| one.key.clone()))
    }

    pub(super) fn new(cluster: &Cluster, view: &HostView<'_>) -> Self {
        let mut vips: Vec<String> = cluster.vips().map(|vip| vip.value.to_string()).collect();
        vips.sort_unstable();
        vips.dedup();
        let (mut settings, mut sysctls) = (Vec::new(), Vec::new());
        let has_settings = view.need(Need::KernelSettings).is_some();
        let probes = has_settings.then(|| KernelSettings::new(view).probes());
        for probe in probes.into_iter().flatten() {
            match probe {
                Probe::SettingIs { interface, parameter, value } => settings.push(NicSetting {
                    nic: interface,
                    parameter: parameter.name(),
                    value: value.to_string(),
                }),
                Probe::Sysctl { key, value } => {
                    sysctls.push(HostSetting { key, value: value.to_string() });
                }
                _ => unreachable!("kernel settings have no other probes"),
            }
        }
        let share = view.need(Need::NfsMount).map(|_| NfsMount::new(cluster, view.host));
        Self {
            host: view.host.name.value.clone(),
            vips: vips.join("|"),
            settings,
            sysctls,
            share: share
                .map(|mount| Share { directory: mount.mount.to_string(), share: mount.what }),
            units: if keeps_alive(view) { vec!["keepalived.service"] } else { Vec::new() },
            has_table: view.need(Need::IpvsRules).is_some(),
            syncs: view.need(Need::IpvsRules).is_some()
                && cluster.failover.as_ref().is_some_and(|failover| failover.value.syncs()),
        }
    }
}

/// Whether keepalived runs on the host.
fn keeps_alive(view: &HostView<'_>) -> bool {
    let program = [Ability::Failover, Ability::HealthChecks];
    view.mechanisms()
        .iter()
        .any(|(mechanism, _)| program.iter().any(|one| mechanism.abilities.contains(one)))
}
