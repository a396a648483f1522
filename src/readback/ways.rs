//! A real server unpacks the packets of its tunnelled services, and sends the answers of its masqueraded services back
//! through the director. This file defines the expected values a second time.

use std::net::IpAddr;

use super::{HostFacts, Mismatch, route};
use crate::check::Checked;
use crate::facts::Fact;
use crate::ipvs::{Family, Forwarding, PortRange, Protocol};
use crate::model::{Need, Vip};
use crate::resolve::ServiceView;

pub(super) fn compare(checked: &Checked<'_>, host: &HostFacts<'_>, found: &mut Vec<Mismatch>) {
    for view in checked.resolved().services_of(host.view.host) {
        let Some(entry) = view.entry_of(host.view.host) else { continue };
        for vip in view.reached(host.view.host) {
            match view.forwarding(entry) {
                Forwarding::Direct => {}
                Forwarding::Tunnel => tunnel(vip, host, found),
                Forwarding::Masquerade => {
                    for protocol in view.service.protocols() {
                        for port in view.real_ports(entry) {
                            let why = answers(checked, host, view, vip.family(), (protocol, port));
                            found.extend(why.map(|why| host.mismatch(why)));
                        }
                    }
                }
            }
        }
    }
}

fn tunnel(vip: Vip, host: &HostFacts<'_>, found: &mut Vec<Mismatch>) {
    let (device, segment) = match vip.family() {
        Family::Ipv4 => ("tunl0", 1440),
        Family::Ipv6 => ("ip6tnl0", 1400),
    };
    let has = |wanted: &dyn Fn(&Fact) -> bool| host.facts().any(|(_, fact)| wanted(fact));
    let up = has(&|fact| matches!(fact, Fact::DeviceUp(one) if one == device));
    if host.says_all_of(Need::TunnelDevice) && !up {
        let why = format!("no file brings `{device}` up, which unpacks the packets to {vip}");
        found.push(host.mismatch(why));
    }
    let addressed = has(
        &|fact| matches!(fact, Fact::Address { interface, .. } if host.interface(interface) == device),
    );
    if host.says_all_of(Need::TunnelDevice) && vip.family() == Family::Ipv4 && !addressed {
        let why =
            format!("no file gives `{device}` an address: the kernel drops the packets to {vip}");
        found.push(host.mismatch(why));
    }
    let limited = has(
        &|fact| matches!(fact, Fact::SegmentLimit { address, segment: size } if *address == vip.0 && *size == segment),
    );
    if host.says_all_of(Need::PacketRules) && !limited {
        let why = format!("no file limits the packets to {vip} to segments of {segment} bytes");
        found.push(host.mismatch(why));
    }
}

/// The fault of the way of a service's answers. A host of IPv6 must not take the director's redirects.
fn answers(
    checked: &Checked<'_>,
    host: &HostFacts<'_>,
    view: &ServiceView<'_>,
    family: Family,
    (protocol, port): (Protocol, PortRange),
) -> Option<String> {
    if !host.says_all_of(Need::ReturnRoute) {
        return None;
    }
    let own = view.server_address(host.view.host, family)?;
    let nic = host.view.nic_beside(checked.cluster(), own).name();
    let key = format!("net.ipv6.conf.{nic}.accept_redirects");
    let ignores = |fact: &Fact| matches!(fact, Fact::Setting { key: one, value } if one.replace('/', ".") == key && value == "0");
    let redirected = family == Family::Ipv6 && !host.facts().any(|(_, fact)| ignores(fact));
    if redirected && host.says_all_of(Need::KernelSettings) {
        return Some(format!("no file sets `{key}` to 0: answers would take a shorter way"));
    }
    let table = host.facts().find_map(|(_, fact)| match fact {
        Fact::SourceRule { source, protocol: of, port: from, table }
            if (*source, *of, *from) == (own, protocol, Some(port)) =>
        {
            Some(*table)
        }
        _ => None,
    });
    let name = &view.service.name.value;
    let Some(table) = table else {
        return Some(format!("no rule selects the answers of {own} for `{name}`"));
    };
    let gateways = host.facts().filter_map(|(_, fact)| match fact {
        Fact::TableRoute { table: of, gateway } if *of == table => Some(*gateway),
        _ => None,
    });
    let gateways: Vec<IpAddr> = gateways.filter(|one| Family::of(*one) == family).collect();
    let cluster = checked.cluster();
    let beside = |gateway| route::is_beside(cluster, host.view.host, gateway);
    let right = |gateway: IpAddr| match &cluster.failover {
        Some(failover) => {
            failover.value.inside(family).is_some_and(|inside| inside.value.0 == gateway)
        }
        None => cluster.directors.iter().any(|one| one.addresses().any(|own| own.0 == gateway)),
    };
    let good = matches!(gateways.as_slice(), [gateway] if right(*gateway) && beside(*gateway));
    (!good).then(|| format!("the answers of {own} for `{name}` do not go to the director"))
}
