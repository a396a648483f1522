//! `director_vip`: the VIPs of a director, on its NIC. The need's values are [`Vips`].

use crate::plan::{Detail, Probe, Vips};

/// One question for each VIP. A mechanism that writes the whole profile of the NIC must keep the host's own
/// addresses, so for such a mechanism there is also one question for each of these addresses.
pub(super) fn probes(vips: &Vips) -> Vec<Probe> {
    let own = vips.nic.iter().filter(|_| vips.whole_nic).flat_map(|nic| &nic.addresses);
    let own = own.map(|one| Probe::AddressOn { interface: vips.interface.clone(), net: one.cidr });
    vips.probes().into_iter().chain(own).collect()
}

/// The addresses, gateways and name servers of the NIC, if the mechanism writes the whole profile of the NIC.
pub(super) fn details(vips: &Vips) -> Vec<Detail> {
    let Some(nic) = vips.nic.as_ref().filter(|_| vips.whole_nic) else { return Vec::new() };
    let addresses = nic.addresses.iter().map(|one| one.cidr.to_string()).collect();
    let gateways: Vec<String> = nic.gateways.iter().map(|one| one.address.to_string()).collect();
    let servers: Vec<String> = nic.dns.iter().map(|one| one.address.to_string()).collect();
    let mut details = vec![Detail::NicAddresses(addresses)];
    if !gateways.is_empty() {
        details.push(Detail::NicGateways(gateways));
    }
    if !servers.is_empty() {
        details.push(Detail::NicNameServers(servers));
    }
    details
}
