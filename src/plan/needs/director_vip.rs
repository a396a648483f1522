//! `director_vip`: the VIPs of a director, on its NIC.

use ipnet::IpNet;
use serde::Serialize;

use super::Failover;
use crate::check::Checked;
use crate::plan::{Detail, NicProfile, Probe, VipAddress, Vips};
use crate::profile::Mechanism;
use crate::resolve::HostView;

/// The VIPs of a director.
#[derive(Debug, PartialEq, Eq, PartialOrd, Ord, Serialize)]
pub struct DirectorVips {
    /// The VIPs on the NIC.
    #[serde(flatten)]
    pub vips: Vips,
    /// The failover, if several directors share the VIPs.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub failover: Option<Failover>,
}

impl DirectorVips {
    pub(super) fn new(checked: &Checked<'_>, view: &HostView<'_>, mechanism: &Mechanism) -> Self {
        let vips = Vips::on_nics(checked, view, mechanism);
        Self { failover: Failover::new(checked.cluster(), view, &vips), vips }
    }

    /// The VIPs that only this host may have.
    pub fn own(&self) -> &[VipAddress] {
        if self.failover.is_some() { &[] } else { &self.vips.addresses }
    }

    /// One question for each VIP. A mechanism that writes the whole profile of the NIC must keep the host's own
    /// addresses, so for such a mechanism there is also one question for each of these addresses.
    pub(super) fn probes(&self) -> Vec<Probe> {
        if let Some(failover) = &self.failover {
            let held = |(interface, net): (&str, IpNet)| Probe::HeldByDirector {
                interface: interface.to_owned(),
                net,
            };
            let vips = self.vips.addresses.iter().map(|vip| (vip.interface.as_str(), vip.net()));
            let inside = failover.inside.iter();
            let inside = inside.map(|one| (one.interface.as_str(), one.address.into()));
            return vips.chain(inside).map(held).collect();
        }
        let own = self.vips.written_nics().flat_map(|(nic, profile)| {
            let probe = |net| Probe::AddressOn { interface: nic.name.clone(), net };
            profile.addresses.iter().map(move |one| probe(one.cidr))
        });
        self.vips.probes().into_iter().chain(own).collect()
    }

    /// The failover; and the addresses, gateways and name servers of each NIC whose whole profile the mechanism writes.
    pub(super) fn details(&self) -> Vec<Detail> {
        let mut details: Vec<Detail> = self.failover.iter().flat_map(Failover::details).collect();
        for (nic, profile) in self.vips.written_nics() {
            details.extend(nic_details(&nic.name, profile));
        }
        details
    }
}

fn nic_details(name: &str, nic: &NicProfile) -> Vec<Detail> {
    let name = || name.to_owned();
    let mut details = Vec::new();
    let addresses = nic.addresses.iter().map(|one| one.cidr.to_string()).collect();
    let gateways: Vec<String> = nic.gateways.iter().map(|one| one.address.to_string()).collect();
    let servers: Vec<String> = nic.dns.iter().map(|one| one.address.to_string()).collect();
    details.push(Detail::NicAddresses { nic: name(), addresses });
    if !gateways.is_empty() {
        details.push(Detail::NicGateways { nic: name(), gateways });
    }
    if !servers.is_empty() {
        details.push(Detail::NicNameServers { nic: name(), servers });
    }
    details
}
