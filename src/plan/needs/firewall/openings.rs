//! The openings of a host, from its roles and its services.

use std::collections::BTreeSet;
use std::net::IpAddr;

use ipnet::IpNet;

use crate::check::Checked;
use crate::firewall::{IPV4_IN_IP, IPV6_IN_IP, Opening, Traffic, VRRP};
use crate::health::{Check, Question};
use crate::ipvs::{Family, Forwarding, PortRange, Protocol};
use crate::model::{Cluster, Host, NODE_EXPORTER, NfsVersion, Role, Vip};
use crate::plan::needs::{health, nfs_export};
use crate::resolve::{HostView, ServiceView};

/// The port of NFSv4 (RFC 7530, section 3.1).
const NFS: u16 = 2049;

/// The ports of version 3: rpcbind, NFS and rpc.mountd. The last is the port of the Red Hat family (`/etc/services`); elsewhere,
/// `port=20048` below `[mountd]` in /etc/nfs.conf sets it.
const NFS_3: [u16; 3] = [111, NFS, 20048];

/// The port of the sync daemon of IPVS (`IP_VS_SYNC_PORT`).
const SYNC: u16 = 8848;

/// The openings, in the order of the roles. No opening appears twice.
pub(super) fn of(checked: &Checked<'_>, view: &HostView<'_>) -> Vec<Opening> {
    let mut all = Vec::new();
    let cluster = checked.cluster();
    for service in checked.resolved().services_on(view) {
        if view.is(Role::Director) {
            all.extend(requests(service));
            all.extend(check_answers(service, view.host));
        }
        if view.is(Role::RealServer) {
            real_server(cluster, service, view.host, &mut all);
        }
    }
    if view.is(Role::Director) {
        directors(cluster, view.host, &mut all);
    }
    if view.is(Role::NfsServer) {
        all.extend(storage(cluster));
    }
    all.extend(monitoring(checked, view.host));
    let mut seen = BTreeSet::new();
    all.retain(|opening| seen.insert(*opening));
    all
}

/// The requests of clients to the VIPs of a service.
pub(in crate::plan::needs) fn requests(service: &ServiceView<'_>) -> Vec<Opening> {
    let vips = service.service.vips.iter().map(|vip| vip.value.0);
    vips.flat_map(|vip| requests_to(service, vip, &service.real_ports(None))).collect()
}

/// The requests of clients to an address; no ports: every port.
fn requests_to(service: &ServiceView<'_>, to: IpAddr, ports: &[PortRange]) -> Vec<Opening> {
    let opening = |traffic| Opening { family: Family::of(to), from: None, to: Some(to), traffic };
    let mut all = Vec::new();
    for protocol in service.service.protocols() {
        if ports.is_empty() {
            all.push(opening(Traffic::EveryPort(protocol)));
        }
        all.extend(ports.iter().map(|port| opening(Traffic::Port(protocol, *port))));
    }
    all
}

/// The answers to a director's checks that go through its own table. No firewall knows the check: IPVS hides the packets of
/// the check from conntrack (`ip_vs_notrack`).
pub(in crate::plan::needs) fn check_answers(
    service: &ServiceView<'_>,
    director: &Host,
) -> Vec<Opening> {
    let mut all = Vec::new();
    for vip in service.service.table_vips() {
        for (server, entry) in &service.real_servers {
            let Some(check) = service.health_check(*entry) else { continue };
            let own = service.director_address(director, server, vip.family());
            let own = own.filter(|_| check.goes_through_vip());
            let check = health::of_real_server(service, *entry, check, vip);
            let (Some(own), Some((protocol, port))) = (own, port_of(&check)) else { continue };
            all.push(Opening {
                family: vip.family(),
                from: Some(vip.0.into()),
                to: Some(own),
                traffic: Traffic::FromPort(protocol, port),
            });
        }
    }
    all
}

/// The port that a check asks, if it asks one.
fn port_of(check: &Check) -> Option<(Protocol, u16)> {
    let protocol = match check.question {
        Question::Tcp | Question::Page { .. } | Question::Mail => Protocol::Tcp,
        Question::Udp | Question::Name { .. } => Protocol::Udp,
        // Every firewall accepts ICMP echo requests by default. Only the user knows what a program asks.
        Question::Echo | Question::Command { .. } => return None,
    };
    Some((protocol, check.port?))
}

/// The packets of a service on a real server: the requests, the tunnel that carries them, and the checks.
fn real_server(cluster: &Cluster, service: &ServiceView<'_>, host: &Host, all: &mut Vec<Opening>) {
    let Some(entry) = service.entry_of(host) else { return };
    let way = service.forwarding(entry);
    for vip in service.reached(host) {
        let own = service
            .server_address(host, vip.family())
            .expect("the host has an address of the family");
        let to = if way == Forwarding::Masquerade { own } else { vip.0 };
        let requests = requests_to(service, to, &service.real_ports(entry));
        if way == Forwarding::Tunnel {
            let number = match vip.family() {
                Family::Ipv4 => IPV4_IN_IP,
                Family::Ipv6 => IPV6_IN_IP,
            };
            all.extend(from_directors(cluster, service, host, own, Traffic::Number(number)));
        }
        if let Some((to, traffic)) = check_of(service, host, vip, own) {
            let open = |one: &Opening| one.to == Some(to) && one.traffic == traffic;
            if !requests.iter().any(open) {
                all.extend(from_directors(cluster, service, host, to, traffic));
            }
        }
        all.extend(requests);
    }
}

/// The address of a real server and the port that the checks of the directors ask.
fn check_of(
    service: &ServiceView<'_>,
    host: &Host,
    vip: Vip,
    own: IpAddr,
) -> Option<(IpAddr, Traffic)> {
    let entry = service.real_server(host)?;
    let check = health::of_real_server(service, entry, service.health_check(entry)?, vip);
    let to = check.address.unwrap_or(own);
    let (protocol, port) = port_of(&check).filter(|_| to == own || to == vip.0)?;
    Some((to, Traffic::Port(protocol, port.into())))
}

/// The packets of the directors to an address of a host that answers requests to a service.
fn from_directors(
    cluster: &Cluster,
    service: &ServiceView<'_>,
    host: &Host,
    to: IpAddr,
    traffic: Traffic,
) -> Vec<Opening> {
    let family = Family::of(to);
    let senders = others(cluster, host);
    let senders = senders.filter_map(|one| service.director_address(one, host, family));
    senders.map(|from| Opening { family, from: Some(from.into()), to: Some(to), traffic }).collect()
}

/// The directors, without the host itself.
fn others<'c>(cluster: &'c Cluster, host: &'c Host) -> impl Iterator<Item = &'c Host> {
    cluster.directors.iter().filter(|one| one.name.value != host.name.value)
}

/// The addresses from which the other directors speak VRRP.
fn peers<'c>(
    cluster: &'c Cluster,
    host: &'c Host,
    family: Family,
) -> impl Iterator<Item = IpNet> + use<'c> {
    let addresses = others(cluster, host).filter_map(move |one| cluster.vrrp_address(one, family));
    addresses.map(|address| address.0.into())
}

/// The packets between directors: VRRP to an address or a multicast group, and the connections of the sync daemon, always
/// to a multicast group of IPv4.
fn directors(cluster: &Cluster, host: &Host, all: &mut Vec<Opening>) {
    let Some(failover) = &cluster.failover else { return };
    let carried = |family: &Family| cluster.vips().any(|vip| vip.value.family() == *family);
    for family in Family::ALL.into_iter().filter(carried) {
        let opening =
            |from| Opening { family, from: Some(from), to: None, traffic: Traffic::Number(VRRP) };
        all.extend(peers(cluster, host, family).map(opening));
    }
    if failover.value.syncs() {
        let traffic = Traffic::Port(Protocol::Udp, SYNC.into());
        let senders = others(cluster, host)
            .filter_map(|one| cluster.sync_nic(one)?.address(Family::Ipv4))
            .map(|address| address.0.into());
        all.extend(senders.map(|from| Opening {
            family: Family::Ipv4,
            from: Some(from),
            to: None,
            traffic,
        }));
    }
}

/// The shared directory, for the clients of the export.
fn storage(cluster: &Cluster) -> Vec<Opening> {
    let nfs = nfs_export::nfs(cluster);
    let ports: &[u16] = if nfs.version() == NfsVersion::V3 { &NFS_3 } else { &[NFS] };
    let mut all = Vec::new();
    for family in nfs_export::families(nfs) {
        let clients = nfs_export::clients(cluster, nfs, family);
        let everyone = clients.contains(&None);
        // Thousands of real servers are a few networks: together these contain exactly the clients.
        let nets = IpNet::aggregate(&clients.into_iter().flatten().collect());
        let from = nets.into_iter().map(Some).chain(everyone.then_some(None));
        for from in from {
            let traffic = ports.iter().map(|port| Traffic::Port(Protocol::Tcp, (*port).into()));
            all.extend(traffic.map(|traffic| Opening { family, from, to: None, traffic }));
        }
    }
    all
}

/// The questions of the Prometheus and of its prober to the host's own addresses.
fn monitoring(checked: &Checked<'_>, host: &Host) -> Vec<Opening> {
    let Some(monitoring) = &checked.cluster().monitoring else { return Vec::new() };
    let mut all = Vec::new();
    for from in monitoring.from.iter().map(|from| from.value.0) {
        let family = Family::of(from);
        let opening = |to: IpAddr, traffic| Opening {
            family,
            from: Some(from.into()),
            to: Some(to),
            traffic,
        };
        let own = host.addresses().map(|own| own.value.0).filter(|own| Family::of(*own) == family);
        let exporter = Traffic::Port(Protocol::Tcp, NODE_EXPORTER.into());
        all.extend(own.map(|own| opening(own, exporter)));
        for view in checked.resolved().services.iter().filter(|_| monitoring.probe) {
            let asked = view.asked_directly(host).into_iter();
            let asked = asked.filter(|(own, _)| Family::of(*own) == family);
            all.extend(asked.map(|(own, asked)| {
                opening(own, Traffic::Port(asked.protocol, asked.port.into()))
            }));
        }
    }
    all
}
