//! Neighbour discovery of IPv6: the requests that a host answers.
//!
//! The rule comes from `net/ipv6/ndisc.c` (`ndisc_recv_ns`): the target must be an address of the NIC that receives the request.

use std::net::Ipv6Addr;

use super::host::{Cause, Host, Verdict};

impl Host<'_> {
    /// Whether the host answers a neighbour solicitation on a NIC.
    pub fn ndisc_answer(&self, nic: &str, target: Ipv6Addr) -> Verdict<bool> {
        let own = self.of_nic(nic).find(|one| one.net.addr() == target);
        match (own, self.local(target.into())) {
            (Some(own), _) => Verdict::new(true, [Cause::Address(own.clone())]),
            (None, Some(other)) => Verdict::new(false, [Cause::Address(other.clone())]),
            (None, None) => Verdict::new(false, [Cause::NoAddress(target.into())]),
        }
    }
}
