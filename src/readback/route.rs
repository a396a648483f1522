//! The ways of packets between hosts, from the written addresses and subnets alone. The plan decides ways by segments; this file
//! decides them a second time, as the kernel of a host does: by the subnets of its addresses.
//!
//! Takes the cluster; gives the source address for a destination, and says whether a host reaches an address on a layer 2.

use std::net::IpAddr;

use crate::ipvs::Family;
use crate::model::{Cluster, Host};

/// Whether a host has an address in one subnet with another address.
pub(super) fn is_beside(cluster: &Cluster, host: &Host, other: IpAddr) -> bool {
    beside(cluster, host, other).is_some()
}

/// The source address of a host's packets to an address: its address in a subnet of the destination, else that in a subnet of one
/// of its gateways, else its first one.
pub(super) fn source(cluster: &Cluster, host: &Host, to: IpAddr) -> Option<IpAddr> {
    let gateways = cluster.gateways_of(host).into_iter().map(|gateway| gateway.0);
    let mut gateways = gateways.filter(|gateway| Family::of(*gateway) == Family::of(to));
    let default = || gateways.find_map(|gateway| beside(cluster, host, gateway));
    let first = || host.address(Family::of(to)).map(|address| address.0);
    beside(cluster, host, to).or_else(default).or_else(first)
}

/// The address of a host in a subnet with another address.
fn beside(cluster: &Cluster, host: &Host, other: IpAddr) -> Option<IpAddr> {
    let subnets = cluster.segments.iter().flat_map(|segment| segment.subnet.iter());
    let mut shared = subnets.filter(|subnet| subnet.0.contains(&other));
    shared.find_map(|subnet| host.addresses().map(|own| own.0).find(|own| subnet.0.contains(own)))
}

#[cfg(test)]
mod tests {
    use super::{is_beside, source};
    use crate::model::Cluster;
    use crate::source::Source;

    const MODEL: &str = "
name: web
segments:
  front: { interface: ens33, subnet: 10.1.100.0/24, gateway: 10.1.100.1 }
  back: { interface: ens34, subnet: 10.1.101.0/24 }
directors:
  - { name: lvs1, nics: [{ address: 10.1.101.11 }, { address: 10.1.100.11 }] }
real_servers: [{ name: web1, address: 10.1.100.21 }]
virtual_services: [{ name: http, vip: 10.1.100.200, port: 80 }]
";

    #[test]
    fn a_packet_has_the_source_of_its_subnet() {
        let (cluster, _) = Cluster::parse(&Source::new("model", MODEL));
        let cluster = cluster.unwrap();
        let director = &cluster.directors[0];
        let from = |to: &str| source(&cluster, director, to.parse().unwrap()).unwrap().to_string();
        assert_eq!(from("10.1.100.21"), "10.1.100.11");
        assert_eq!(from("10.1.101.21"), "10.1.101.11");
        // A router leads there, and the router is in the front segment.
        assert_eq!(from("192.0.2.1"), "10.1.100.11");
    }

    #[test]
    fn only_hosts_with_an_address_in_the_subnet_are_beside() {
        let (cluster, _) = Cluster::parse(&Source::new("model", MODEL));
        let cluster = cluster.unwrap();
        let other = "10.1.101.11".parse().unwrap();
        assert!(is_beside(&cluster, &cluster.directors[0], other));
        assert!(!is_beside(&cluster, &cluster.real_servers[0], other));
    }
}
