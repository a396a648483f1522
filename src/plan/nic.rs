//! The configuration of a director's NIC. It is for mechanisms that cannot add a VIP to the NIC's existing profile,
//! and therefore write the whole profile.

use ipnet::IpNet;
use serde::Serialize;

use crate::ipvs::Family;
use crate::model::{Cluster, Gateway, HasFamily as _, Host, NameServer, Network, NicKind};

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
    pub(super) fn new(cluster: &Cluster, host: &Host) -> Self {
        let (network, interface) = (&cluster.network, cluster.interface_of(host));
        let own = host.address.iter().filter_map(|address| {
            let prefix = network.subnet.of(address.family())?.0.prefix_len();
            Some(NicAddress {
                cidr: IpNet::new(address.0, prefix).expect("the prefix is of the address's family"),
                ipv4: address.0.is_ipv4(),
            })
        });
        let gateways = cluster.gateways_of(host).into_iter();
        // A director that has no address of a family cannot use a gateway of this family.
        let gateways = gateways.filter(|one| host.address(one.family()).is_some());
        Self {
            addresses: own.collect(),
            gateways: gateways
                .map(|one| NicGateway { address: one.value, ipv4: one.0.is_ipv4() })
                .collect(),
            dns: network
                .dns
                .iter()
                .map(|one| NicServer { address: one.value, ipv4: one.0.is_ipv4() })
                .collect(),
            kind: interface.kind(),
            netplan_id: interface.netplan_id().to_owned(),
            network_file: interface.network_file().into_owned(),
            dns4: keyfile_list(network, Family::Ipv4),
            dns6: keyfile_list(network, Family::Ipv6),
            ipv4: host.address(Family::Ipv4).is_some(),
            ipv6: host.address(Family::Ipv6).is_some(),
        }
    }
}

/// The name servers of a family, in the list format of GLib's key files: a semicolon ends each entry.
fn keyfile_list(network: &Network, family: Family) -> Option<String> {
    let servers = network.dns.iter().filter(|one| Family::of(one.0) == family);
    let list: String = servers.map(|one| format!("{};", one.value)).collect();
    (!list.is_empty()).then_some(list)
}
