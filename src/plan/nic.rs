//! The configuration of a director's NIC. It is for mechanisms that cannot add a VIP to the NIC's existing profile,
//! and therefore write the whole profile.

use ipnet::IpNet;
use serde::Serialize;

use crate::ipvs::Family;
use crate::model::{Cluster, Gateway, HasFamily as _, NameServer, NicKind};
use crate::resolve::NicView;
use crate::source::Located;

/// The configuration of a director's NIC, without the VIPs.
#[derive(Debug, PartialEq, Eq, PartialOrd, Ord, Serialize)]
pub struct NicProfile {
    /// The host's own addresses, with the prefix length of the subnet.
    pub addresses: Vec<NicAddress>,
    /// The gateways, IPv4 first.
    pub gateways: Vec<NicGateway>,
    /// The name servers, in the order of the model.
    pub dns: Vec<NicServer>,
    /// The IPv4 name servers, in the list format of a keyfile; `None` if the network has no IPv4 name servers.
    pub dns4: Option<String>,
    /// The IPv6 name servers in the same format; `None` if the network has no IPv6 name servers.
    pub dns6: Option<String>,
    /// The kind of the NIC.
    #[serde(skip)]
    pub kind: NicKind,
    /// The id of the NIC in netplan files.
    pub netplan_id: String,
    /// The file of systemd-networkd that sets up the NIC, without its folder.
    pub network_file: String,
    /// Whether the NIC has an IPv4 address.
    pub ipv4: bool,
    /// Whether the NIC has an IPv6 address.
    pub ipv6: bool,
}

/// One of a NIC's own addresses.
#[derive(Debug, PartialEq, Eq, PartialOrd, Ord, Serialize)]
pub struct NicAddress {
    /// The address with its prefix length.
    pub cidr: IpNet,
    /// Whether it is an IPv4 address.
    pub ipv4: bool,
}

/// One of a NIC's gateways.
#[derive(Debug, PartialEq, Eq, PartialOrd, Ord, Serialize)]
pub struct NicGateway {
    /// Its address.
    pub address: Gateway,
    /// Whether it is an IPv4 address.
    pub ipv4: bool,
}

/// One of a NIC's name servers.
#[derive(Debug, PartialEq, Eq, PartialOrd, Ord, Serialize)]
pub struct NicServer {
    /// Its address.
    pub address: NameServer,
    /// Whether it is an IPv4 address.
    pub ipv4: bool,
}

impl NicProfile {
    pub(super) fn new(cluster: &Cluster, nic: &NicView<'_>) -> Self {
        let interface = nic.interface;
        let segment = nic.segment.map(|segment| cluster.segment(segment));
        let own = nic.addresses.iter().filter_map(|address| {
            let prefix = segment?.subnet.of(address.family())?.0.prefix_len();
            Some(NicAddress {
                cidr: IpNet::new(address.0, prefix).expect("the prefix is of the address's family"),
                ipv4: address.0.is_ipv4(),
            })
        });
        let dns = segment.map_or(&[][..], |segment| &segment.dns);
        let speaks = |family: Family| nic.addresses.iter().any(|one| one.family() == family);
        Self {
            addresses: own.collect(),
            gateways: nic
                .gateways
                .iter()
                .map(|one| NicGateway { address: *one, ipv4: one.0.is_ipv4() })
                .collect(),
            dns: dns
                .iter()
                .map(|one| NicServer { address: one.value, ipv4: one.0.is_ipv4() })
                .collect(),
            kind: interface.kind(),
            netplan_id: interface.netplan_id().to_owned(),
            network_file: interface.network_file().into_owned(),
            dns4: keyfile_list(dns, Family::Ipv4),
            dns6: keyfile_list(dns, Family::Ipv6),
            ipv4: speaks(Family::Ipv4),
            ipv6: speaks(Family::Ipv6),
        }
    }
}

/// The name servers of a family, in the list format of GLib's key files: a semicolon ends each entry.
fn keyfile_list(dns: &[Located<NameServer>], family: Family) -> Option<String> {
    let servers = dns.iter().filter(|one| Family::of(one.0) == family);
    let list: String = servers.map(|one| format!("{};", one.value)).collect();
    (!list.is_empty()).then_some(list)
}
