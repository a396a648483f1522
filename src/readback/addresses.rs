//! Each VIP is on the NIC of its directors and on `lo` of its real servers, and on no other interface. The prefix
//! of a VIP covers only one address.

use std::collections::BTreeSet;
use std::net::IpAddr;

use super::{HostFacts, Mismatch};
use crate::check::Checked;
use crate::facts::Fact;
use crate::ipvs::Family;
use crate::model::{Need, Role, Vip};

pub(super) fn compare(checked: &Checked<'_>, host: &HostFacts<'_>, found: &mut Vec<Mismatch>) {
    let view = host.view;
    let cluster = checked.cluster();
    let on_nic = |vip: Vip| view.vip_nic(cluster, vip).name().as_str();
    let places: [Place<'_>; 2] = [
        (Role::Director, Need::DirectorVip, &on_nic),
        (Role::RealServer, Need::RealServerVip, &|_| "lo"),
    ];
    // A host with both roles carries its VIPs on both interfaces.
    let places: Vec<&Place<'_>> = places.iter().filter(|(role, ..)| view.is(*role)).collect();
    let mut seen: BTreeSet<(Vip, &str)> = BTreeSet::new();
    let mut own: Vec<_> = view.host.addresses().map(|address| address.0).collect();
    let inside = inside(checked, host);
    own.extend(&inside);
    for (at, fact) in host.facts() {
        let Fact::Address { interface: on, net } = fact else { continue };
        let on = host.interface(on);
        let vip = Vip(net.addr());
        if view.vips.contains(&vip) {
            seen.insert((vip, on));
            // With a shorter prefix on `lo`, the kernel treats the whole subnet as local, and the host can no longer
            // reach the other hosts of the subnet (fib_frontend.c, `fib_add_ifaddr`).
            if net.prefix_len() != net.max_prefix_len() {
                let why = format!("the VIP {vip} has the prefix length {}", net.prefix_len());
                found.push(host.mismatch_at(at, why));
            }
            if !places.iter().any(|(_, _, interface)| on == interface(vip)) {
                let wanted: Vec<&str> =
                    places.iter().map(|(_, _, interface)| interface(vip)).collect();
                let wanted = wanted.join("` and `");
                let why = format!("the VIP {vip} is on `{on}` and belongs on `{wanted}`");
                found.push(host.mismatch_at(at, why));
            }
        } else if !(own.contains(&net.addr()) || on == "lo" && net.addr().is_loopback()) {
            // If the host carried a VIP of services that it does not serve, it would answer requests that IPVS never
            // sends to this host.
            let foreign = checked.cluster().vips().any(|one| one.value == vip);
            let what = if foreign { "a VIP of other hosts" } else { "not an address of the host" };
            found.push(host.mismatch_at(at, format!("the address {net} is {what}")));
        }
    }
    inside_is_held(checked, host, &inside, found);
    all_are_placed(host, &places, &seen, found);
}

/// Each VIP is on each of its interfaces.
fn all_are_placed(
    host: &HostFacts<'_>,
    places: &[&Place<'_>],
    seen: &BTreeSet<(Vip, &str)>,
    found: &mut Vec<Mismatch>,
) {
    // If lvsgen cannot read all files of the need, the VIP may be in one of the other files.
    for (_, _, interface) in places.iter().filter(|(_, need, _)| host.says_all_of(*need)) {
        for vip in &host.view.vips {
            let interface = interface(*vip);
            if !seen.contains(&(*vip, interface)) {
                found.push(host.mismatch(format!("no file puts the VIP {vip} on `{interface}`")));
            }
        }
    }
}

/// A role, the need that places its VIPs, and the interface of each VIP.
type Place<'p> = (Role, Need, &'p dyn Fn(Vip) -> &'p str);

/// Each address for the answers of real servers is on the NIC in its segment.
fn inside_is_held(
    checked: &Checked<'_>,
    host: &HostFacts<'_>,
    inside: &[IpAddr],
    found: &mut Vec<Mismatch>,
) {
    if !host.says_all_of(Need::DirectorVip) {
        return;
    }
    for address in inside {
        let nic = host.view.nic_beside(checked.cluster(), *address).name().as_str();
        let is_it = |fact: &Fact| matches!(fact, Fact::Address { interface, net } if net.addr() == *address && host.interface(interface) == nic);
        if host.facts().any(|(_, fact)| is_it(fact)) {
            continue;
        }
        found.push(host.mismatch(format!("no file puts the address {address} on `{nic}`")));
    }
}

/// The addresses of a director to which masqueraded real servers send their answers.
fn inside(checked: &Checked<'_>, host: &HostFacts<'_>) -> Vec<IpAddr> {
    let inside = checked.cluster().inside().filter(|_| host.view.is(Role::Director));
    let inside = inside.map(|address| address.value.0);
    // Each family with a VIP has a VRRP instance, which holds the address.
    let held =
        |address: &IpAddr| host.view.vips.iter().any(|vip| vip.family() == Family::of(*address));
    inside.filter(held).collect()
}
