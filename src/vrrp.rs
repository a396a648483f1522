//! The vocabulary of VRRP (RFC 5798): a group of directors of which one holds the VIPs.
//!
//! Takes the names of secrets. Gives types that do not depend on a file format. The plan decides the instances,
//! `formats::keepalived` reads and writes them, and readback compares them with the model.

use std::net::IpAddr;

use serde::{Deserialize, Serialize};

use crate::ipvs::Family;
use crate::secret::SecretName;

/// A password. The value of a password is never kept.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Password {
    /// A secret, whose value only the hosts have.
    Secret(SecretName),
    /// A value that a file has in clear text.
    InClearText,
}

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
    /// The version of the protocol: 3, or 2 with a password.
    pub version: u8,
    /// The password of the advertisements.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub password: Option<Password>,
    /// The time between two advertisements, in seconds.
    pub interval: u8,
    /// Whether a preferred director takes the VIPs back.
    pub preempts: bool,
    /// The address from which the director sends. Without it, keepalived takes the first address of the NIC.
    pub source: Option<IpAddr>,
    /// The addresses of the other directors. An empty list stands for the multicast group.
    pub peers: Vec<IpAddr>,
}

impl Instance {
    /// The family of the advertisements: IPv4 if the instance names no address.
    pub fn family(&self) -> Family {
        let named = self.source.or_else(|| self.peers.first().copied());
        named.map_or(Family::Ipv4, Family::of)
    }
}
