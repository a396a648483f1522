//! The VIPs on an interface: a director's NIC, or `lo` of a real server.

use std::net::IpAddr;

use ipnet::IpNet;
use serde::Serialize;

use super::Probe;
use super::nic::NicProfile;
use crate::ipvs::Family;
use crate::model::{Cluster, InterfaceName, Vip};
use crate::profile::Mechanism;
use crate::resolve::{HostView, all_vips};

/// The VIPs of one host.
#[derive(Debug, PartialEq, Eq, PartialOrd, Ord, Serialize)]
pub struct Vips {
    /// The interface that carries the VIPs.
    pub interface: String,
    /// The VIPs, in the order of the cluster's list.
    pub addresses: Vec<VipAddress>,
    /// The configuration of the NIC without the VIPs, for mechanisms that write the whole profile of the NIC.
    /// `None` for `lo`: except for the VIPs, `lo` has only the configuration that the kernel gives it.
    pub nic: Option<NicProfile>,
    /// Whether the mechanism writes the whole profile of the interface.
    #[serde(skip)]
    pub whole_nic: bool,
}

/// One VIP on one interface.
#[derive(Debug, PartialEq, Eq, PartialOrd, Ord, Serialize)]
pub struct VipAddress {
    /// The address without a prefix length.
    pub address: IpAddr,
    /// The prefix length: 32 or 128. With the subnet's prefix length on `lo`, the kernel would treat the whole
    /// subnet as local, and the node could not reach the subnet.
    pub prefix: u8,
    /// The address with its prefix length, in the form that `ip address` accepts.
    pub cidr: String,
    /// The address with `_` in place of `.` and `:`, for the name of a shell variable.
    pub variable: String,
    /// Whether it is an IPv4 address.
    pub ipv4: bool,
    /// The VIP's number among the cluster's VIPs of the same family, counted from 0. Every host that carries
    /// the VIP uses the same number.
    pub number: usize,
    /// The label under which `ifconfig` shows the VIP (`lo:0`). IPv6 addresses have no labels. A long
    /// interface name leaves no space for a label, because the kernel limits a label to 15 characters.
    pub label: Option<String>,
}

impl VipAddress {
    /// The address with its prefix length.
    pub fn net(&self) -> IpNet {
        IpNet::new(self.address, self.prefix).expect("32 and 128 are valid prefix lengths")
    }
}

/// Counts the VIPs of each family separately. With one count for both families, an IPv6 VIP would cause a gap in
/// the IPv4 labels: `ens33:0` and then `ens33:2`.
#[derive(Default)]
struct Numbers {
    ipv4: usize,
    ipv6: usize,
}

impl Numbers {
    fn next(&mut self, vip: Vip) -> usize {
        let count = match vip.family() {
            Family::Ipv4 => &mut self.ipv4,
            Family::Ipv6 => &mut self.ipv6,
        };
        *count += 1;
        *count - 1
    }
}

impl Vips {
    /// Puts a real server's VIPs on `lo`.
    pub(super) fn on_lo(cluster: &Cluster, view: &HostView<'_>) -> Self {
        let addresses = addresses(cluster, &view.vips, "lo");
        Self { interface: "lo".to_owned(), addresses, nic: None, whole_nic: false }
    }

    /// Puts a director's VIPs on its NIC.
    pub(super) fn on_nic(cluster: &Cluster, view: &HostView<'_>, mechanism: &Mechanism) -> Self {
        let interface = view.nic().name();
        Self {
            interface: interface.to_string(),
            addresses: addresses(cluster, &view.vips, interface.as_str()),
            nic: Some(NicProfile::new(cluster, view.host)),
            whole_nic: mechanism.whole_nic,
        }
    }

    /// The profile of the NIC, if the mechanism writes the whole profile.
    pub(super) fn written_nic(&self) -> Option<&NicProfile> {
        self.nic.as_ref().filter(|_| self.whole_nic)
    }

    /// The names of the VIPs, in the order of the list.
    pub(super) fn names(&self) -> Vec<String> {
        self.addresses.iter().map(|vip| vip.cidr.clone()).collect()
    }

    pub(super) fn probes(&self) -> Vec<Probe> {
        let probes = self
            .addresses
            .iter()
            .map(|vip| Probe::AddressOn { interface: self.interface.clone(), net: vip.net() });
        probes.collect()
    }
}

fn addresses(cluster: &Cluster, vips: &[Vip], interface: &str) -> Vec<VipAddress> {
    let mut numbers = Numbers::default();
    // The numbers come from the list of all VIPs of the cluster, so a VIP has the same number on all hosts.
    let numbered = all_vips(cluster).into_iter().map(|vip| (numbers.next(vip), vip));
    let carried = numbered.filter(|(_, vip)| vips.contains(vip));
    let addresses = carried.map(|(number, vip)| {
        let ipv4 = vip.family() == Family::Ipv4;
        let prefix = vip.family().host_prefix();
        let label = format!("{interface}:{number}");
        VipAddress {
            address: vip.0,
            prefix,
            cidr: format!("{vip}/{prefix}"),
            variable: vip.to_string().replace(['.', ':'], "_"),
            ipv4,
            number,
            // `ip address` accepts labels only for IPv4, and the kernel limits a label to 15 characters (IFNAMSIZ).
            label: (ipv4 && label.len() <= InterfaceName::LONGEST).then_some(label),
        }
    });
    addresses.collect()
}
