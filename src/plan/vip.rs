//! The VIPs on an interface: a director's NIC, or `lo` of a real server.

use std::net::IpAddr;

use serde::Serialize;

use super::nic::Nic;
use crate::model::{Cluster, Family, Host, InterfaceName, Vip};
use crate::survey::all_vips;

/// The VIPs of one host.
#[derive(Debug, PartialEq, Eq, PartialOrd, Ord, Serialize)]
pub struct Vips {
    /// The interface that carries them.
    pub interface: String,
    /// The VIPs, in the order of the cluster's list.
    pub addresses: Vec<VipAddress>,
    /// What the interface has beside them, for mechanisms that write its profile whole; `lo` has
    /// nothing that is not the kernel's own.
    pub nic: Option<Nic>,
}

/// One VIP on one interface.
#[derive(Debug, PartialEq, Eq, PartialOrd, Ord, Serialize)]
pub struct VipAddress {
    /// The address alone.
    pub address: IpAddr,
    /// 32 or 128: with the subnet's prefix on `lo`, the whole subnet would be local and the node
    /// cut off from it.
    pub prefix: u8,
    /// Address and prefix, as `ip address` takes them.
    pub cidr: String,
    /// Whether it is an IPv4 address.
    pub ipv4: bool,
    /// Its place among the cluster's VIPs of its family, counted from 0: the same on every host
    /// that carries it.
    pub number: usize,
    /// The label under which `ifconfig` shows it (`lo:0`). IPv6 addresses have none, and none
    /// fits a long interface name: the kernel keeps 15 characters.
    pub label: Option<String>,
}

/// Counts VIPs, each family by itself: `ens33:0`, `ens33:1` has no gap where an IPv6 VIP stands.
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
    pub(super) fn on_lo(cluster: &Cluster, vips: &[Vip]) -> Self {
        Self { interface: "lo".to_owned(), addresses: addresses(cluster, vips, "lo"), nic: None }
    }

    /// Puts a director's VIPs on its NIC.
    pub(super) fn on_nic(
        cluster: &Cluster,
        vips: &[Vip],
        host: &Host,
        interface: &InterfaceName,
    ) -> Self {
        Self {
            interface: interface.to_string(),
            addresses: addresses(cluster, vips, interface.as_str()),
            nic: Some(Nic::new(&cluster.network, host)),
        }
    }
}

fn addresses(cluster: &Cluster, vips: &[Vip], interface: &str) -> Vec<VipAddress> {
    let mut numbers = Numbers::default();
    let numbered = all_vips(cluster).into_iter().map(|vip| (numbers.next(vip), vip));
    let carried = numbered.filter(|(_, vip)| vips.contains(vip));
    let addresses = carried.map(|(number, vip)| {
        let ipv4 = vip.family() == Family::Ipv4;
        let prefix = if ipv4 { 32 } else { 128 };
        let label = format!("{interface}:{number}");
        VipAddress {
            address: vip.0,
            prefix,
            cidr: format!("{vip}/{prefix}"),
            ipv4,
            number,
            label: (ipv4 && label.len() <= InterfaceName::LONGEST).then_some(label),
        }
    });
    addresses.collect()
}
