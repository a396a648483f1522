//! The vocabulary of VRRP (RFC 5798): a group of directors of which one holds the VIPs.
//!
//! Takes nothing. Gives types that do not depend on a file format. The plan decides the instances,
//! `formats::keepalived` reads and writes them, and readback compares them with the model.

use std::net::IpAddr;

use serde::{Deserialize, Serialize};

/// One instance of VRRP on one director. An instance has the VIPs of one address family.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
pub struct Instance {
    /// The name in keepalived.conf(5). All directors use the same name.
    pub name: String,
    /// The NIC on which the advertisements go.
    pub interface: String,
    /// The virtual router ID.
    pub virtual_router_id: u8,
    /// The priority: the director with the largest priority is preferred. 255 is reserved for the owner of an address.
    pub priority: u8,
    /// The time between two advertisements, in seconds.
    pub interval: u8,
    /// Whether a preferred director takes the VIPs back.
    pub preempts: bool,
    /// The address from which the director sends.
    pub source: IpAddr,
    /// The addresses of the other directors. An empty list stands for the multicast group.
    pub peers: Vec<IpAddr>,
}
