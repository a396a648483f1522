//! The NICs of a host, one in each of its segments, and the NIC for each purpose.
//!
//! Takes the cluster and a host; gives [`NicView`]s.

use std::collections::BTreeSet;
use std::net::IpAddr;

use super::HostView;
use crate::ipvs::{Family, Forwarding};
use crate::model::{
    Cluster, Gateway, HasFamily as _, Host, HostAddress, Interface, InterfaceName, Nic, Role,
    SegmentId, Vip,
};
use crate::source::Located;

/// One NIC of a host.
#[derive(Debug)]
pub struct NicView<'a> {
    /// The interface.
    pub interface: &'a Interface,
    /// Its segment; `None` for a host behind a router.
    pub segment: Option<SegmentId>,
    /// The host's own addresses on the NIC, IPv4 first.
    pub addresses: Vec<HostAddress>,
    /// The gateways of the host that are on the NIC, IPv4 first. A NIC that has no address of a family cannot use a gateway of
    /// this family.
    pub gateways: Vec<Gateway>,
}

impl<'a> NicView<'a> {
    /// The NICs of a host, in the order of the model.
    pub(super) fn of(cluster: &'a Cluster, host: &'a Host) -> Vec<Self> {
        let gateways = cluster.gateways_of(host);
        let view = |nic: &'a Nic| {
            let segment = cluster.segment_of(nic);
            let here = |gateway: &&&Located<Gateway>| {
                let leads = cluster.nic_to(host, gateway);
                let leads = leads.and_then(|leads| cluster.segment_of(leads));
                leads == segment && nic.address(gateway.family()).is_some()
            };
            Self {
                interface: cluster.interface_of(nic),
                segment,
                addresses: nic.address.iter().map(|address| address.value).collect(),
                gateways: gateways.iter().filter(here).map(|gateway| gateway.value).collect(),
            }
        };
        host.nics.iter().map(view).collect()
    }

    /// The name of the interface.
    pub fn name(&self) -> &'a InterfaceName {
        &self.interface.name
    }
}

impl<'a> HostView<'a> {
    /// The first NIC, which is the most important one.
    pub fn nic(&self) -> &NicView<'a> {
        self.nics.first().expect("every host has a NIC")
    }

    /// The names of its NICs.
    pub fn nic_names(&self) -> Vec<&'a str> {
        self.nics.iter().map(|nic| nic.name().as_str()).collect()
    }

    /// The NIC in a segment; without one, the first NIC.
    pub fn nic_in(&self, segment: SegmentId) -> &NicView<'a> {
        self.nics.iter().find(|nic| nic.segment == Some(segment)).unwrap_or_else(|| self.nic())
    }

    /// The NIC on which a director carries a VIP. `check` reports a director without a NIC in the segment of the VIP.
    pub fn vip_nic(&self, cluster: &Cluster, vip: Vip) -> &NicView<'a> {
        self.nic_in(cluster.segment_of_vip(vip))
    }

    /// The NICs on which a director carries VIPs, in the order of the model.
    pub fn vip_nics(&self, cluster: &Cluster) -> Vec<&NicView<'a>> {
        if !self.is(Role::Director) {
            return Vec::new();
        }
        let names: BTreeSet<_> =
            self.vips.iter().map(|vip| self.vip_nic(cluster, *vip).name()).collect();
        self.nics.iter().filter(|nic| names.contains(nic.name())).collect()
    }

    /// The NIC in the segment of an address.
    pub fn nic_beside(&self, cluster: &Cluster, address: IpAddr) -> &NicView<'a> {
        cluster.containing(address).map_or_else(|| self.nic(), |segment| self.nic_in(segment))
    }

    /// The NIC on which a director speaks VRRP for a family, with its address.
    pub fn vrrp_nic(
        &self,
        cluster: &Cluster,
        family: Family,
    ) -> Option<(&NicView<'a>, HostAddress)> {
        let nic = cluster.vrrp_nic(self.host, family)?;
        Some((self.view_of(cluster, nic), nic.address(family)?))
    }

    /// The NIC on which a director shares its connections.
    pub fn sync_nic(&self, cluster: &Cluster) -> Option<&NicView<'a>> {
        Some(self.view_of(cluster, cluster.sync_nic(self.host)?))
    }

    /// The NIC of a real server on which packets of the directors come in.
    pub fn server_nic(
        &self,
        cluster: &Cluster,
        family: Family,
        way: Forwarding,
    ) -> Option<&NicView<'a>> {
        Some(self.view_of(cluster, cluster.server_nic(self.host, family, way)?))
    }

    fn view_of(&self, cluster: &Cluster, nic: &Nic) -> &NicView<'a> {
        let segment = cluster.segment_of(nic);
        segment.map_or_else(|| self.nic(), |segment| self.nic_in(segment))
    }

    /// The NICs in the segments of other hosts.
    pub fn nics_beside(
        &self,
        cluster: &Cluster,
        others: &[Host],
    ) -> impl Iterator<Item = &NicView<'a>> {
        beside(cluster, &self.nics, others)
    }
}

/// The NICs in the segments of other hosts.
pub(super) fn beside<'n, 'a>(
    cluster: &Cluster,
    nics: &'n [NicView<'a>],
    others: &[Host],
) -> impl Iterator<Item = &'n NicView<'a>> {
    let holds = |nic: &&NicView<'_>| {
        nic.segment.is_some_and(|segment| cluster.holds_one_of(segment, others))
    };
    nics.iter().filter(holds)
}
