//! The cluster as it is meant: every default, address, path and order decided, host by host.
//!
//! Takes [`Checked`], the proof that the cluster makes sense; gives a [`Plan`]. It cannot fail, and
//! after it nothing is decided: templates print what they find here.

mod director;
mod escape;
mod nfs;
mod nic;
mod real_server;
mod rules;
mod vip;

use serde::Serialize;

pub use director::{IpvsModules, RedirectsOff};
pub use escape::Html;
pub use nfs::{NfsExport, NfsMount, Page};
pub use nic::{Nic, NicAddress, NicGateway, NicServer};
pub use real_server::{ArpSuppression, WebServer};
pub use rules::{FirewallMark, FirewallMarks, IpvsRules, Rule, RuleServer};
pub use vip::{VipAddress, Vips};

use crate::check::Checked;
use crate::model::{
    ClusterName, HostAddress, HostName, InterfaceName, MechanismName, Need, Role, TargetName,
};
use crate::profile::Mechanism;
use crate::survey::HostView;

/// A whole cluster.
#[derive(Debug, Serialize)]
pub struct Plan<'a> {
    /// Its name.
    pub cluster: &'a ClusterName,
    /// Its hosts: directors, real servers, NFS server, each in the order written.
    pub hosts: Vec<HostPlan<'a>>,
}

/// One host.
#[derive(Debug, Serialize)]
pub struct HostPlan<'a> {
    /// Its name.
    pub name: &'a HostName,
    /// What it is in the cluster.
    pub role: Role,
    /// Its OS profile.
    pub profile: &'a TargetName,
    /// Its NIC on the cluster's segment.
    pub interface: &'a InterfaceName,
    /// Its own addresses, IPv4 first.
    pub addresses: Vec<HostAddress>,
    /// Its needs, in the order in which it is safe to put them into effect.
    pub needs: Vec<NeedPlan<'a>>,
}

/// One need of a host.
#[derive(Debug, Serialize)]
pub struct NeedPlan<'a> {
    /// The need.
    pub need: Need,
    /// The name of the mechanism that provides it.
    pub mechanism: &'a MechanismName,
    /// What the mechanism's templates show as `need`.
    pub values: Facts<'a>,
    /// The mechanism itself.
    #[serde(skip)]
    pub provision: &'a Mechanism,
}

/// What a need is about on one host.
#[derive(Debug, PartialEq, Eq, PartialOrd, Ord, Serialize)]
#[serde(untagged)]
pub enum Facts<'a> {
    /// Of `arp_suppression`.
    ArpSuppression(ArpSuppression),
    /// Of `redirects_off`.
    RedirectsOff(RedirectsOff),
    /// Of `ipvs_modules`.
    IpvsModules(IpvsModules),
    /// Of `nfs_export`.
    NfsExport(NfsExport<'a>),
    /// Of `nfs_mount`.
    NfsMount(NfsMount<'a>),
    /// Of `real_server_vip` and `director_vip`.
    Vips(Vips),
    /// Of `web_server`.
    WebServer(WebServer<'a>),
    /// Of `firewall_marks`.
    FirewallMarks(FirewallMarks),
    /// Of `ipvs_rules`.
    IpvsRules(IpvsRules<'a>),
}

impl Facts<'_> {
    /// Whether they hold the name of their host, so that no other host has the same.
    pub fn name_their_host(&self) -> bool {
        matches!(self, Self::WebServer(_))
    }
}

impl<'a> Plan<'a> {
    /// Decides everything.
    pub fn new(checked: &Checked<'a>) -> Self {
        let cluster = checked.cluster();
        let hosts = checked.survey().hosts.iter().filter_map(|view| host(view, checked));
        Self { cluster: &cluster.name, hosts: hosts.collect() }
    }
}

fn host<'a>(view: &HostView<'a>, checked: &Checked<'a>) -> Option<HostPlan<'a>> {
    let interface = checked.cluster().interface_of(view.host);
    let needs = view.needs.iter().filter_map(|need| {
        let provision = need.mechanism?;
        let values = facts(need.need, provision, view, &interface.value, checked)?;
        Some(NeedPlan { need: need.need, mechanism: &provision.mechanism, values, provision })
    });
    Some(HostPlan {
        name: &view.host.name,
        role: view.host.role,
        profile: &view.profile?.name,
        interface: &interface.value,
        addresses: view.host.address.iter().map(|address| address.value).collect(),
        needs: needs.collect(),
    })
}

fn facts<'a>(
    need: Need,
    mechanism: &Mechanism,
    view: &HostView<'a>,
    interface: &InterfaceName,
    checked: &Checked<'a>,
) -> Option<Facts<'a>> {
    let cluster = checked.cluster();
    Some(match need {
        Need::ArpSuppression => Facts::ArpSuppression(ArpSuppression::new(&view.vips)),
        Need::RedirectsOff => Facts::RedirectsOff(RedirectsOff::new(interface)),
        Need::IpvsModules => Facts::IpvsModules(IpvsModules::new(cluster)),
        Need::NfsExport => Facts::NfsExport(NfsExport::new(cluster)?),
        Need::NfsMount => Facts::NfsMount(NfsMount::new(cluster, view.host)?),
        Need::RealServerVip => Facts::Vips(Vips::on_lo(cluster, &view.vips)),
        Need::DirectorVip => Facts::Vips(Vips::on_nic(cluster, &view.vips, view.host, interface)),
        Need::WebServer => {
            let served = mechanism.values.get("document_root").map(String::as_str);
            Facts::WebServer(WebServer::new(cluster, view.host, served))
        }
        Need::FirewallMarks => Facts::FirewallMarks(FirewallMarks::new(cluster)),
        Need::IpvsRules => Facts::IpvsRules(IpvsRules::new(checked)),
    })
}
