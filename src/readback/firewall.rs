//! The firewall of a host accepts the packets of the cluster. This file defines the expected packets a second time.

use std::net::IpAddr;

use super::{HostFacts, Mismatch, route};
use crate::check::Checked;
use crate::facts::Fact;
use crate::firewall::{Opening, Traffic, VRRP};
use crate::ipvs::{Family, Forwarding, PortRange, Protocol};
use crate::model::{Cluster, HealthKind, Host, HostAddress, Need, NfsClients, NfsVersion, Role};
use crate::resolve::HostView;

/// A packet to a host.
struct Packet {
    /// The sender; `None` for a client, whose address nobody knows.
    from: Option<IpAddr>,
    to: IpAddr,
    traffic: Traffic,
    /// The reason why the packet arrives, as a noun.
    what: String,
}

pub(super) fn compare(checked: &Checked<'_>, host: &HostFacts<'_>, found: &mut Vec<Mismatch>) {
    let packets = packets(checked, host);
    if host.says_all_of(Need::Firewall) {
        let accepts = |fact: &Fact, packet: &Packet| match fact {
            Fact::Opens(opening) => opening.accepts(packet.from, packet.to, packet.traffic),
            _ => false,
        };
        for packet in &packets {
            if !host.facts().any(|(_, fact)| accepts(fact, packet)) {
                let Packet { what, to, .. } = packet;
                found.push(host.mismatch(format!("no file lets {what} to {to} in")));
            }
        }
        // An opening for one sender may be for a check.
        let wanted = |opening: &Opening| {
            let mut packets = packets.iter();
            opening.from.is_some()
                || packets.any(|one| opening.accepts(one.from, one.to, one.traffic))
        };
        for (at, fact) in host.facts() {
            if let Fact::Opens(opening) = fact
                && !wanted(opening)
            {
                let why = format!("the model asks for no opening for {opening}");
                found.push(host.mismatch_at(at, why));
            }
        }
    }
    if host.view.need(Need::Firewall).is_some() && host.says_all_of(Need::PacketRules) {
        untracked(checked, host, found);
    }
}

/// The packets of services that go through a director in one direction only.
fn untracked(checked: &Checked<'_>, host: &HostFacts<'_>, found: &mut Vec<Mismatch>) {
    if !host.view.is(Role::Director) {
        return;
    }
    let hidden = |to: IpAddr, traffic: Traffic| {
        host.facts().any(|(_, fact)| {
            matches!(fact, Fact::Untracked(opening) if opening.accepts(None, to, traffic))
        })
    };
    for view in &checked.resolved().services {
        let direct = view.answers_directly();
        for vip in view.service.vips.iter().map(|vip| vip.value.0) {
            let errors = host.facts().any(|(_, fact)| *fact == Fact::UntrackedErrors(vip));
            if direct && !errors {
                let why = format!("conntrack sees the ICMP errors to {vip}: a firewall drops them");
                found.push(host.mismatch(why));
            }
            for traffic in traffic(&view.service.protocols(), &view.real_ports(None)) {
                if hidden(vip, traffic) != direct {
                    let name = &view.service.name.value;
                    let why = match direct {
                        true => format!("conntrack sees the packets of `{name}` to {vip}"),
                        false => format!("conntrack does not see the packets of `{name}` to {vip}"),
                    };
                    found.push(host.mismatch(why));
                }
            }
        }
    }
}

/// The packets that a host gets because of its roles.
fn packets(checked: &Checked<'_>, host: &HostFacts<'_>) -> Vec<Packet> {
    let mut packets = requests(checked, host.view);
    packets.extend(from_directors(checked, host.view));
    packets.extend(from_everyone(checked.cluster(), host.view));
    packets.extend(from_hosts(checked.cluster(), host.view));
    packets.extend(from_monitoring(checked.cluster(), host.view));
    packets
}

/// The requests of clients.
fn requests(checked: &Checked<'_>, view: &HostView<'_>) -> Vec<Packet> {
    let mut packets = Vec::new();
    let mut requests = |to: IpAddr, protocols: &[Protocol], ports: &[PortRange], name: &str| {
        let what = format!("requests of `{name}`");
        let each = traffic(protocols, ports).into_iter();
        packets.extend(each.map(|traffic| Packet { from: None, to, traffic, what: what.clone() }));
    };
    for service in &checked.resolved().services {
        let (protocols, name) = (service.service.protocols(), service.service.name.value.as_str());
        for vip in service.service.vips.iter().map(|vip| vip.value) {
            if view.is(Role::Director) {
                requests(vip.0, &protocols, &service.real_ports(None), name);
            }
            let Some(own) = service.server_address(view.host, vip.family()) else { continue };
            let Some(entry) = service.entry_of(view.host).filter(|_| view.is(Role::RealServer))
            else {
                continue;
            };
            let masqueraded = service.forwarding(entry) == Forwarding::Masquerade;
            let to = if masqueraded { own } else { vip.0 };
            requests(to, &protocols, &service.real_ports(entry), name);
        }
    }
    packets
}

/// The packets of the directors to a real server: its tunnel, and the checks that ask its own address or the VIP by TCP.
fn from_directors(checked: &Checked<'_>, view: &HostView<'_>) -> Vec<Packet> {
    let mut packets = Vec::new();
    for service in checked.resolved().services_of(view.host) {
        let Some(entry) = service.entry_of(view.host).filter(|_| view.is(Role::RealServer)) else {
            continue;
        };
        let check = service.real_server(view.host).and_then(|entry| service.health_check(entry));
        let check = check.filter(|check| check.address.is_none() && asks_by_tcp(&check.kind));
        let first = service.real_ports(entry).first().map(|ports| ports.first);
        let asked = check.and_then(|check| {
            Some((check.goes_through_vip(), check.port.map(|port| port.value).or(first)?))
        });
        for vip in service.service.vips.iter().map(|vip| vip.value) {
            let Some(own) = service.server_address(view.host, vip.family()) else { continue };
            let others = checked.cluster().directors.iter();
            let others = others.filter(|one| one.name.value != view.host.name.value);
            for from in others.filter_map(|one| route::source(checked.cluster(), one, own)) {
                let packet = |to, traffic, what: &str| {
                    let what =
                        format!("{what} of the directors for `{}`", service.service.name.value);
                    Packet { from: Some(from), to, traffic, what }
                };
                if service.forwarding(entry) == Forwarding::Tunnel {
                    let traffic = Traffic::Number(if from.is_ipv4() { 4 } else { 41 });
                    packets.push(packet(own, traffic, "the tunnel"));
                }
                if let Some((through_vip, port)) = asked {
                    let to = if through_vip { vip.0 } else { own };
                    let traffic = Traffic::Port(Protocol::Tcp, port.into());
                    packets.push(packet(to, traffic, "the check"));
                }
            }
        }
    }
    packets
}

fn asks_by_tcp(kind: &HealthKind) -> bool {
    matches!(kind, HealthKind::Tcp | HealthKind::Http(_) | HealthKind::Https(_) | HealthKind::Smtp)
}

/// The packets of clients of the NFS server outside of the cluster, if the model lets them in.
fn from_everyone(cluster: &Cluster, view: &HostView<'_>) -> Vec<Packet> {
    let everyone = cluster.nfs.as_ref().is_some_and(|nfs| nfs.clients() == NfsClients::Everyone);
    if !everyone || !view.is(Role::NfsServer) {
        return Vec::new();
    }
    let traffic = |port: &u16| Traffic::Port(Protocol::Tcp, (*port).into());
    let packets = view.host.addresses().flat_map(|own| {
        let each = nfs_ports(cluster).iter().map(traffic);
        each.map(move |traffic| Packet { from: None, to: own.0, traffic, what: "NFS".to_owned() })
    });
    packets.collect()
}

/// The packets of other hosts of the cluster: VRRP between directors, and NFS.
fn from_hosts(cluster: &Cluster, view: &HostView<'_>) -> Vec<Packet> {
    let mut packets = Vec::new();
    let mut from_hosts = |senders: &[Host], path: &Path<'_>, traffic: Traffic, what: &str| {
        let others = senders.iter().filter(|one| one.name.value != view.host.name.value);
        let paths = others.filter_map(path);
        let what = what.to_owned();
        packets.extend(paths.map(|(from, to)| Packet {
            from: Some(from.0),
            to: to.0,
            traffic,
            what: what.clone(),
        }));
    };
    for family in Family::ALL {
        let carried = || cluster.vips().any(|vip| vip.value.family() == family);
        if view.is(Role::Director) && cluster.failover.is_some() && carried() {
            let speaks = |host: &Host| cluster.vrrp_address(host, family);
            let path = |one: &Host| Some((speaks(one)?, speaks(view.host)?));
            from_hosts(&cluster.directors, &path, Traffic::Number(VRRP), "VRRP");
        }
        if view.is(Role::NfsServer) {
            for port in nfs_ports(cluster) {
                let traffic = Traffic::Port(Protocol::Tcp, (*port).into());
                let path = |one: &Host| cluster.path(one, view.host, family);
                from_hosts(&cluster.real_servers, &path, traffic, "NFS");
            }
        }
    }
    packets
}

/// The scrapes of the exporter. An opening for one sender may be for the prober.
fn from_monitoring(cluster: &Cluster, view: &HostView<'_>) -> Vec<Packet> {
    let senders = cluster.monitoring.iter().flat_map(|monitoring| &monitoring.from);
    let packets = senders.flat_map(|sender| {
        let own = view.host.addresses().map(|own| own.value.0);
        let own = own.filter(|own| own.is_ipv4() == sender.value.0.is_ipv4());
        own.map(|to| Packet {
            from: Some(sender.value.0),
            to,
            traffic: Traffic::Port(Protocol::Tcp, 9100.into()),
            what: "a scrape".to_owned(),
        })
    });
    packets.collect()
}

/// The addresses of a sender and of the host, by which the sender's packets go.
type Path<'p> = dyn Fn(&Host) -> Option<(HostAddress, HostAddress)> + 'p;

/// The ports of the NFS server. Version 3 has programs of its own for mounts.
fn nfs_ports(cluster: &Cluster) -> &'static [u16] {
    let third = cluster.nfs.as_ref().is_some_and(|nfs| nfs.version() == NfsVersion::V3);
    if third { &[111, 2049, 20048] } else { &[2049] }
}

fn traffic(protocols: &[Protocol], ports: &[PortRange]) -> Vec<Traffic> {
    let each = protocols.iter().flat_map(|protocol| match ports {
        [] => vec![Traffic::EveryPort(*protocol)],
        _ => ports.iter().map(|port| Traffic::Port(*protocol, *port)).collect(),
    });
    each.collect()
}
