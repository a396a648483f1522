//! The plan of a cluster: all defaults, addresses, paths and orders, decided for each host.
//!
//! Takes [`Checked`], a cluster without errors; gives a [`Plan`]. This step cannot fail. Later steps decide
//! nothing: templates and writers print the values of the plan.

mod detail;
mod escape;
pub mod needs;
mod nic;
mod probe;
mod vips;

use std::net::IpAddr;

use serde::Serialize;

pub use detail::Detail;
pub use escape::Html;
pub use needs::Values;
pub use nic::{NicAddress, NicGateway, NicProfile, NicServer};
pub use probe::Probe;
pub use vips::{VipAddress, VipNic, Vips};

use crate::check::Checked;
use crate::formats::keepalived::Version;
use crate::model::{
    ClusterName, Host, HostAddress, HostName, InterfaceName, MechanismName, NameServer, Need,
    TargetName,
};
use crate::profile::{Mechanism, PackageManager};
use crate::resolve::{HostView, Roles};

/// A whole cluster.
#[derive(Debug, Serialize)]
pub struct Plan<'a> {
    /// Its name.
    pub cluster: &'a ClusterName,
    /// Its hosts: directors, real servers, NFS server, monitoring server. Each list has the order of the model.
    pub hosts: Vec<HostPlan<'a>>,
}

/// One host.
#[derive(Debug, Serialize)]
pub struct HostPlan<'a> {
    /// Its name.
    pub name: &'a HostName,
    /// Its roles.
    pub roles: Roles,
    /// The address by which a person or Ansible reaches the host.
    #[serde(skip)]
    pub management_address: HostAddress,
    /// Whether it has NICs that the model only names.
    #[serde(skip)]
    pub other_nics: bool,
    /// Its OS profile.
    pub profile: &'a TargetName,
    /// The version of keepalived in the packages of its OS.
    #[serde(skip)]
    pub keepalived: Option<Version>,
    /// The program that installs packages on the host.
    #[serde(skip)]
    pub package_manager: PackageManager,
    /// Its NICs, in the order of the model.
    pub nics: Vec<NicPlan<'a>>,
    /// Its needs. It is safe to put the needs into effect in this order.
    pub needs: Vec<NeedPlan<'a>>,
    /// Its mechanisms, each listed once. The position of a mechanism is the position of its first need.
    #[serde(skip)]
    pub mechanisms: Vec<MechanismPlan<'a>>,
}

/// One NIC of a host.
#[derive(Debug, Serialize)]
pub struct NicPlan<'a> {
    /// The name of the interface.
    pub name: &'a InterfaceName,
    /// Its whole configuration, without VIPs.
    #[serde(skip)]
    pub profile: NicProfile,
    /// The host's own addresses on the NIC, IPv4 first.
    pub addresses: Vec<HostAddress>,
}

/// One need of a host.
#[derive(Debug, Serialize)]
pub struct NeedPlan<'a> {
    /// The need.
    pub need: Need,
    /// The name of the mechanism that provides the need.
    pub mechanism: &'a MechanismName,
    /// The values of the need. The mechanism's templates read these values as `needs.NAME`. The templates also
    /// read the values of the mechanism's first need as `need`.
    pub values: Values<'a>,
}

/// One mechanism of a host.
#[derive(Debug)]
pub struct MechanismPlan<'a> {
    /// The mechanism.
    pub mechanism: &'a Mechanism,
    /// The needs that the mechanism provides on this host, in the safe order. The list is never empty.
    pub needs: Vec<Need>,
}

impl<'a> Plan<'a> {
    /// Decides every value of the plan.
    pub fn new(checked: &Checked<'a>) -> Self {
        let hosts = checked.resolved().hosts.iter().map(|view| host(view, checked));
        Self { cluster: &checked.cluster().name, hosts: hosts.collect() }
    }
}

impl<'a> HostPlan<'a> {
    /// The first NIC, which is the most important one.
    pub fn nic(&self) -> &NicPlan<'a> {
        self.nics.first().expect("every host has a NIC")
    }

    /// The host's own addresses on all NICs.
    pub fn addresses(&self) -> impl Iterator<Item = HostAddress> {
        self.nics.iter().flat_map(|nic| nic.addresses.iter().copied())
    }

    /// The NICs of a director whose whole profile lvsgen writes.
    pub fn written_nics(&self) -> impl Iterator<Item = &str> {
        self.written().map(|(nic, _)| nic.name.as_str())
    }

    /// The name servers in the profiles of a director's NICs, if lvsgen writes the whole profiles.
    pub fn name_servers(&self) -> impl Iterator<Item = NameServer> {
        self.written().flat_map(|(_, profile)| profile.dns.iter().map(|server| server.address))
    }

    fn written(&self) -> impl Iterator<Item = (&VipNic, &NicProfile)> {
        let vips = match self.values(Need::DirectorVip) {
            Some(Values::DirectorVip(vips)) => Some(&vips.vips),
            _ => None,
        };
        vips.into_iter().flat_map(Vips::written_nics)
    }

    /// The IPv4 VIPs that the host takes as a director, each with its NIC: no other machine may answer ARP for them. For IPv6, the
    /// kernel itself detects a duplicate address.
    pub fn claims(&self) -> impl Iterator<Item = (&str, IpAddr)> {
        let vips = match self.values(Need::DirectorVip) {
            Some(Values::DirectorVip(vips)) => vips.own(),
            _ => &[],
        };
        vips.iter().filter(|vip| vip.ipv4).map(|vip| (vip.interface.as_str(), vip.address))
    }

    /// The values of a need; `None` if the host does not have the need.
    pub fn values(&self, need: Need) -> Option<&Values<'a>> {
        self.needs.iter().find(|plan| plan.need == need).map(|plan| &plan.values)
    }

    /// The needs that a mechanism provides, with their values.
    pub fn of<'p>(
        &'p self,
        mechanism: &'p MechanismPlan<'a>,
    ) -> impl Iterator<Item = &'p NeedPlan<'a>> {
        self.needs.iter().filter(|plan| mechanism.needs.contains(&plan.need))
    }
}

fn management_address(host: &Host) -> HostAddress {
    let own = host.management_address.as_ref().or_else(|| host.addresses().next());
    own.expect("the model gives every host an address").value
}

fn host<'a>(view: &HostView<'a>, checked: &Checked<'a>) -> HostPlan<'a> {
    let needs = view.needs.iter().map(|need| {
        let mechanism =
            need.mechanism.expect("`need-not-provided` reports a need without mechanism");
        let values = Values::new(need.need, mechanism, view, checked);
        NeedPlan { need: need.need, mechanism: &mechanism.mechanism, values }
    });
    let profile = view.profile.expect("`unknown-target` reports a host without profile");
    let nics = view.nics.iter();
    let mechanisms = view.mechanisms().into_iter();
    HostPlan {
        name: &view.host.name,
        roles: view.roles.clone(),
        management_address: management_address(view.host),
        other_nics: !view.host.other_interfaces.is_empty(),
        profile: &profile.name,
        keepalived: profile.keepalived,
        package_manager: profile.package_manager,
        nics: nics
            .map(|nic| NicPlan {
                name: nic.name(),
                profile: NicProfile::new(checked.cluster(), nic),
                addresses: nic.addresses.clone(),
            })
            .collect(),
        needs: needs.collect(),
        mechanisms: mechanisms
            .map(|(mechanism, needs)| MechanismPlan { mechanism, needs })
            .collect(),
    }
}
