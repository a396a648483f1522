//! For each need: its values, the details that a reviewer reads, and its probes. Each need has its own file.
//!
//! Takes a host and the cluster; gives [`Values`]. The matches in `new`, `details` and `probes` are
//! exhaustive: the compiler reports each place that must handle a new need.

mod director_vip;
mod failover;
mod firewall;
mod health;
mod ipvs_modules;
mod ipvs_rules;
mod kernel_settings;
mod metrics;
mod monitoring;
mod nfs_export;
mod nfs_mount;
mod packet_rules;
mod queues;
mod real_server_vip;
mod return_route;
mod tunnel_device;
mod web_server;

use serde::Serialize;

pub use director_vip::DirectorVips;
pub use failover::Failover;
pub use firewall::{Firewall, NamedOpening};
pub use health::ServiceHealth;
pub use ipvs_modules::IpvsModules;
pub use ipvs_rules::{
    CheckService, DRAIN_DIRECTORY, IpvsRules, RealServerEntry, ServiceEntry, TableOwner,
};
pub use kernel_settings::KernelSettings;
pub use metrics::Metrics;
pub use monitoring::MonitoringServer;
pub use nfs_export::{NfsExport, Page};
pub use nfs_mount::NfsMount;
pub use packet_rules::{FirewallMark, PacketRules, SizeLimit};
pub use queues::NicQueues;
pub use return_route::{ReturnRoute, ReturnRoutes, ReturnRule};
pub use tunnel_device::{TunnelDevice, TunnelDevices};
pub use web_server::WebServer;

use super::{Detail, Probe, VipAddress, Vips};
use crate::check::Checked;
use crate::model::Need;
use crate::profile::{List, Mechanism};
use crate::resolve::HostView;

/// The values of a need on one host.
#[derive(Debug, PartialEq, Eq, PartialOrd, Ord, Serialize)]
#[serde(untagged)]
pub enum Values<'a> {
    /// The values of `kernel_settings`.
    KernelSettings(KernelSettings),
    /// The values of `firewall`.
    Firewall(Firewall),
    /// The values of `queues`.
    Queues(NicQueues),
    /// The values of `ipvs_modules`.
    IpvsModules(IpvsModules),
    /// The values of `nfs_export`.
    NfsExport(NfsExport<'a>),
    /// The values of `nfs_mount`.
    NfsMount(NfsMount<'a>),
    /// The values of `real_server_vip`.
    RealServerVip(Vips),
    /// The values of `web_server`.
    WebServer(WebServer<'a>),
    /// The values of `director_vip`.
    DirectorVip(DirectorVips),
    /// The values of `packet_rules`.
    PacketRules(PacketRules),
    /// The values of `tunnel_device`.
    TunnelDevice(TunnelDevices),
    /// The values of `return_route`.
    ReturnRoute(ReturnRoutes),
    /// The values of `ipvs_rules`.
    IpvsRules(IpvsRules<'a>),
    /// The values of `metrics`.
    Metrics(Metrics),
    /// The values of `monitoring`.
    Monitoring(MonitoringServer),
}

impl<'a> Values<'a> {
    /// Decides the values of a need.
    pub(super) fn new(
        need: Need,
        mechanism: &Mechanism,
        view: &HostView<'a>,
        checked: &Checked<'a>,
    ) -> Self {
        let cluster = checked.cluster();
        match need {
            Need::KernelSettings => Self::KernelSettings(KernelSettings::new(view)),
            Need::Firewall => Self::Firewall(Firewall::new(checked, view, mechanism)),
            Need::Queues => Self::Queues(NicQueues::new(view)),
            Need::IpvsModules => Self::IpvsModules(IpvsModules::new(cluster, view)),
            Need::NfsExport => Self::NfsExport(NfsExport::new(cluster, view.page.language)),
            Need::NfsMount => Self::NfsMount(NfsMount::new(cluster, view.host)),
            Need::RealServerVip => Self::RealServerVip(Vips::on_lo(checked, view)),
            Need::WebServer => Self::WebServer(WebServer::new(cluster, view, mechanism)),
            Need::DirectorVip => Self::DirectorVip(DirectorVips::new(checked, view, mechanism)),
            Need::PacketRules => Self::PacketRules(PacketRules::new(checked, view)),
            Need::TunnelDevice => Self::TunnelDevice(TunnelDevices::new(checked, view)),
            Need::ReturnRoute => Self::ReturnRoute(ReturnRoutes::new(checked, view)),
            Need::IpvsRules => Self::IpvsRules(IpvsRules::new(checked, view, mechanism)),
            Need::Metrics => Self::Metrics(Metrics::new(cluster, view)),
            Need::Monitoring => Self::Monitoring(MonitoringServer::new(cluster)),
        }
    }

    /// The details that a reviewer asks about. Values that depend only on the VIPs, the schedulers and
    /// the NIC have no details: the summary already contains the VIPs, the schedulers and the NIC.
    pub fn details(&self) -> Vec<Detail> {
        match self {
            Self::RealServerVip(_) | Self::TunnelDevice(_) | Self::Metrics(_) => Vec::new(),
            Self::KernelSettings(settings) => settings.details(),
            Self::Queues(queues) => queues.details(),
            Self::IpvsModules(modules) => modules.details(),
            Self::Firewall(firewall) => firewall.details(),
            Self::ReturnRoute(routes) => routes.details(),
            Self::NfsExport(export) => export.details(),
            Self::NfsMount(mount) => mount.details(),
            Self::WebServer(web) => web.details(),
            Self::DirectorVip(vips) => vips.details(),
            Self::PacketRules(marks) => marks.details(),
            Self::IpvsRules(rules) => rules.details(),
            Self::Monitoring(server) => server.details(),
        }
    }

    /// The questions whose answers show whether the need is in effect.
    pub fn probes(&self) -> Vec<Probe> {
        match self {
            Self::KernelSettings(settings) => settings.probes(),
            // The mechanism has the questions for the program that keeps the firewall, for the network cards, for the exporter, and for
            // Prometheus.
            Self::Firewall(_) | Self::Queues(_) | Self::Metrics(_) | Self::Monitoring(_) => {
                Vec::new()
            }
            // A probe for the modules is not necessary. Without the module of a scheduler, the kernel's table has
            // no service with this scheduler, and the probe of the table fails.
            Self::IpvsModules(_) | Self::PacketRules(_) => Vec::new(),
            Self::NfsExport(export) => export.probes(),
            Self::NfsMount(mount) => mount.probes(),
            Self::RealServerVip(vips) => real_server_vip::probes(vips),
            Self::WebServer(web) => web.probes(),
            Self::DirectorVip(vips) => vips.probes(),
            Self::IpvsRules(rules) => rules.probes(),
            Self::TunnelDevice(devices) => devices.probes(),
            Self::ReturnRoute(routes) => routes.probes(),
        }
    }

    /// The VIPs of all NICs. Templates read the VIPs of each NIC.
    pub fn addresses(&self) -> Option<&[VipAddress]> {
        match self {
            Self::RealServerVip(vips) | Self::DirectorVip(DirectorVips { vips, .. }) => {
                Some(&vips.addresses)
            }
            _ => None,
        }
    }

    /// The names of a list's items, in the order of the list; `None` if the need has no such list.
    pub fn items(&self, list: List) -> Option<Vec<String>> {
        match (self, list) {
            (Self::RealServerVip(vips), List::Addresses) => Some(vips.names()),
            (Self::DirectorVip(DirectorVips { vips, .. }), List::Addresses) => Some(vips.names()),
            (Self::RealServerVip(vips), List::Nics) => Some(vips.nic_names()),
            (Self::DirectorVip(DirectorVips { vips, .. }), List::Nics) => Some(vips.nic_names()),
            (Self::IpvsRules(rules), List::SelinuxBooleans) => {
                Some(rules.selinux_booleans.iter().map(ToString::to_string).collect())
            }
            (Self::IpvsRules(rules), List::DrainFiles) => Some(rules.drain_files.clone()),
            (Self::KernelSettings(settings), List::Settings) => {
                Some(settings.settings.iter().map(|setting| setting.key.clone()).collect())
            }
            (Self::NfsExport(export), List::Pages) => {
                Some(export.pages.iter().map(|page| page.title.as_str().to_owned()).collect())
            }
            (Self::PacketRules(marks), List::Marks) => {
                Some(marks.marks.iter().map(|mark| mark.mark.to_string()).collect())
            }
            (Self::Firewall(firewall), List::Openings) => Some(firewall.names()),
            (Self::TunnelDevice(tunnel), List::Devices) => Some(tunnel.names()),
            (Self::ReturnRoute(routes), List::Routes) => Some(routes.route_names()),
            (Self::ReturnRoute(routes), List::Rules) => Some(routes.rule_names()),
            (Self::WebServer(web), List::ExtraPorts) => {
                Some(web.extra_ports.iter().map(ToString::to_string).collect())
            }
            (Self::IpvsModules(modules), List::Modules) => Some(modules.modules.clone()),
            (Self::IpvsModules(modules), List::Options) => {
                Some(modules.options.iter().map(|one| one.option.to_owned()).collect())
            }
            _ => None,
        }
    }

    /// Whether the values contain the host's name. If they contain the name, no other host has the same values.
    pub fn name_their_host(&self) -> bool {
        let shares = |vips: &DirectorVips| vips.failover.is_some();
        matches!(self, Self::WebServer(_) | Self::Metrics(_))
            || matches!(self, Self::DirectorVip(vips) if shares(vips))
    }
}
