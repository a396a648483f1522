//! `director_vip`: the VIPs of a director, on its NIC.

use ipnet::IpNet;
use serde::Serialize;

use super::Failover;
use crate::model::Cluster;
use crate::plan::{Detail, Probe, VipAddress, Vips};
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
    pub(super) fn new(cluster: &Cluster, view: &HostView<'_>, mechanism: &Mechanism) -> Self {
        let vips = Vips::on_nic(cluster, view, mechanism);
        Self { failover: Failover::new(cluster, view, &vips), vips }
    }

    /// The VIPs that only this host may have.
    pub fn own(&self) -> &[VipAddress] {
        if self.failover.is_some() { &[] } else { &self.vips.addresses }
    }

    /// One question for each VIP. A mechanism that writes the whole profile of the NIC must keep the host's own
    /// addresses, so for such a mechanism there is also one question for each of these addresses.
    pub(super) fn probes(&self) -> Vec<Probe> {
        if let Some(failover) = &self.failover {
            let interface = &self.vips.interface;
            let probe = |net| Probe::HeldByDirector { interface: interface.clone(), net };
            let vips = self.vips.addresses.iter().map(VipAddress::net);
            return vips
                .chain(failover.inside.iter().copied().map(IpNet::from))
                .map(probe)
                .collect();
        }
        let nic = self.vips.written_nic();
        let own = nic
            .into_iter()
            .flat_map(|nic| &nic.addresses)
            .map(|one| Probe::AddressOn { interface: self.vips.interface.clone(), net: one.cidr });
        self.vips.probes().into_iter().chain(own).collect()
    }

    /// The failover; and the addresses, gateways and name servers of the NIC, if the mechanism writes the whole profile
    /// of the NIC.
    pub(super) fn details(&self) -> Vec<Detail> {
        let mut details: Vec<Detail> = self.failover.iter().flat_map(Failover::details).collect();
        let Some(nic) = self.vips.written_nic() else {
            return details;
        };
        let addresses = nic.addresses.iter().map(|one| one.cidr.to_string()).collect();
        let gateways: Vec<String> =
            nic.gateways.iter().map(|one| one.address.to_string()).collect();
        let servers: Vec<String> = nic.dns.iter().map(|one| one.address.to_string()).collect();
        details.push(Detail::NicAddresses(addresses));
        if !gateways.is_empty() {
            details.push(Detail::NicGateways(gateways));
        }
        if !servers.is_empty() {
            details.push(Detail::NicNameServers(servers));
        }
        details
    }
}
