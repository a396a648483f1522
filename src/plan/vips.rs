//! The VIPs on an interface: a director's NIC, or `lo` of a real server.

use std::net::IpAddr;

use ipnet::IpNet;
use serde::Serialize;

use super::Probe;
use super::nic::NicProfile;
use crate::check::Checked;
use crate::ipvs::Family;
use crate::model::{InterfaceName, Vip};
use crate::profile::Mechanism;
use crate::resolve::HostView;

/// The VIPs of one host.
#[derive(Debug, PartialEq, Eq, PartialOrd, Ord, Serialize)]
pub struct Vips {
    /// The interfaces that carry VIPs: NICs of a director, or `lo` of a real server.
    pub nics: Vec<VipNic>,
    /// All of these VIPs, in the order of the cluster's list.
    #[serde(skip)]
    pub addresses: Vec<VipAddress>,
    /// Whether the mechanism writes the whole profile of the interface.
    #[serde(skip)]
    pub whole_nic: bool,
}

/// An interface that carries VIPs.
#[derive(Debug, PartialEq, Eq, PartialOrd, Ord, Serialize)]
pub struct VipNic {
    /// The name of the interface.
    pub name: String,
    /// Its VIPs.
    pub vips: Vec<VipAddress>,
    /// The configuration of the NIC without the VIPs, for mechanisms that write the whole profile of the NIC.
    /// `None` for `lo`: except for the VIPs, `lo` has only the configuration that the kernel gives it.
    pub profile: Option<NicProfile>,
}

/// One VIP on one interface.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize)]
pub struct VipAddress {
    /// The interface that carries the VIP.
    pub interface: String,
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
    pub(super) fn on_lo(checked: &Checked<'_>, view: &HostView<'_>) -> Self {
        let addresses = addresses(checked, &view.vips, |_| "lo".to_owned());
        let lo = VipNic { name: "lo".to_owned(), vips: addresses.clone(), profile: None };
        Self { nics: vec![lo], addresses, whole_nic: false }
    }

    /// Puts a director's VIPs on its NICs.
    pub(super) fn on_nics(
        checked: &Checked<'_>,
        view: &HostView<'_>,
        mechanism: &Mechanism,
    ) -> Self {
        let cluster = checked.cluster();
        let interface = |vip: Vip| view.vip_nic(cluster, vip).name().to_string();
        let addresses = addresses(checked, &view.vips, interface);
        let nics = view.nics.iter().filter_map(|nic| {
            let name = nic.name().to_string();
            let own = addresses.iter().filter(|vip| vip.interface == name);
            let vips: Vec<VipAddress> = own.cloned().collect();
            let profile = Some(NicProfile::new(cluster, nic));
            (!vips.is_empty()).then_some(VipNic { name, vips, profile })
        });
        Self { nics: nics.collect(), addresses, whole_nic: mechanism.whole_nic }
    }

    /// The NICs with their profiles, if the mechanism writes the whole profile of a NIC.
    pub(super) fn written_nics(&self) -> impl Iterator<Item = (&VipNic, &NicProfile)> {
        let nics = self.nics.iter().filter(|_| self.whole_nic);
        nics.filter_map(|nic| Some((nic, nic.profile.as_ref()?)))
    }

    /// The names of the VIPs, in the order of the list.
    pub(super) fn names(&self) -> Vec<String> {
        self.addresses.iter().map(|vip| vip.cidr.clone()).collect()
    }

    /// The names of the interfaces.
    pub(super) fn nic_names(&self) -> Vec<String> {
        self.nics.iter().map(|nic| nic.name.clone()).collect()
    }

    pub(super) fn probes(&self) -> Vec<Probe> {
        let probes = self
            .addresses
            .iter()
            .map(|vip| Probe::AddressOn { interface: vip.interface.clone(), net: vip.net() });
        probes.collect()
    }
}

fn addresses(
    checked: &Checked<'_>,
    vips: &[Vip],
    interface: impl Fn(Vip) -> String,
) -> Vec<VipAddress> {
    let mut numbers = Numbers::default();
    // The numbers come from the list of all VIPs of the cluster, so a VIP has the same number on all hosts.
    let numbered = checked.resolved().vips.iter().map(|vip| (numbers.next(*vip), *vip));
    let carried = numbered.filter(|(_, vip)| vips.contains(vip));
    let addresses = carried.map(|(number, vip)| {
        let ipv4 = vip.family() == Family::Ipv4;
        let prefix = vip.family().host_prefix();
        let interface = interface(vip);
        let label = format!("{interface}:{number}");
        VipAddress {
            interface,
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
