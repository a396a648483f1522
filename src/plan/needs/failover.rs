//! The failover of the VIPs between directors: the VRRP instances of one director.
//!
//! Takes the cluster and a director; gives [`Failover`], a part of the values of `director_vip`.

use std::net::IpAddr;

use serde::Serialize;

use crate::ipvs::Family;
use crate::model::{self, Cluster, Host, PerFamily};
use crate::plan::{Detail, Vips};
use crate::resolve::HostView;
use crate::vrrp::{Instance, Password};

/// The file that makes a director give the VIPs away while the file exists.
const MAINTENANCE: &str = "/etc/lvsgen/maintenance";

/// The part of a director in the failover.
#[derive(Debug, PartialEq, Eq, PartialOrd, Ord, Serialize)]
pub struct Failover {
    /// The name of the group in which all instances change together.
    pub group: String,
    /// The file that makes the director give the VIPs away while the file exists.
    pub maintenance: &'static str,
    /// Other NICs that must be up.
    pub track_interfaces: Vec<String>,
    /// A program whose failure makes the director give the VIPs away.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub track_script: Option<String>,
    /// A program that runs when the state of the director changes.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub notify: Option<String>,
    /// The NIC on which the directors share their connections, if they share them.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub sync: Option<String>,
    /// The addresses to which masqueraded real servers send their answers, IPv4 first.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub inside: Vec<InsideAddress>,
    /// The instances, IPv4 first.
    pub instances: Vec<Instance>,
}

/// An address to which masqueraded real servers send their answers.
#[derive(Debug, PartialEq, Eq, PartialOrd, Ord, Serialize)]
pub struct InsideAddress {
    /// The NIC that has the address.
    pub interface: String,
    /// The address.
    pub address: IpAddr,
}

impl Failover {
    /// Gives the part of a director; `None` without `failover`.
    pub(super) fn new(cluster: &Cluster, view: &HostView<'_>, vips: &Vips) -> Option<Self> {
        let failover = &cluster.failover.as_ref()?.value;
        let carried =
            |family: &Family| vips.addresses.iter().any(|vip| Family::of(vip.address) == *family);
        let instances = Family::ALL.into_iter().filter(carried);
        let instances: Vec<Instance> =
            instances.filter_map(|family| instance(cluster, failover, view, family)).collect();
        let inside =
            failover.inside.iter().flat_map(PerFamily::iter).map(|address| address.value.0);
        let inside = inside.filter(|address| carried(&Family::of(*address)));
        let script = failover.track.as_ref().and_then(|track| track.script.as_ref());
        Some(Self {
            group: format!("VG_{}", cluster.name.value),
            maintenance: MAINTENANCE,
            track_interfaces: tracked(cluster, failover, view, &instances),
            track_script: script.map(|path| path.value.to_string()),
            inside: inside
                .map(|address| InsideAddress {
                    interface: view.nic_beside(cluster, address).name().to_string(),
                    address,
                })
                .collect(),
            sync: view
                .sync_nic(cluster)
                .filter(|_| failover.syncs())
                .map(|nic| nic.name().to_string()),
            notify: failover.notify.as_ref().map(|path| path.value.to_string()),
            instances,
        })
    }

    /// The facts that a reviewer of the failover asks about.
    pub(super) fn details(&self) -> Vec<Detail> {
        let mut details = Vec::new();
        let instance = self.instances.first();
        details.extend(instance.map(|one| Detail::VirtualRouter {
            id: one.virtual_router_id,
            interval: one.interval,
            preempts: one.preempts,
            unicast: !one.peers.is_empty(),
        }));
        details.extend(instance.and_then(|one| one.password.clone()).map(Detail::Password));
        details.extend(instance.map(|one| Detail::Priority(one.priority)));
        let inside: Vec<String> = self.inside.iter().map(|one| one.address.to_string()).collect();
        details.extend((!inside.is_empty()).then_some(Detail::Inside(inside)));
        details.extend(self.sync.as_ref().map(|_| Detail::Sync));
        let tracked = self.track_interfaces.iter().chain(&self.track_script);
        let tracked: Vec<String> = tracked.cloned().collect();
        details.extend((!tracked.is_empty()).then_some(Detail::Tracked(tracked)));
        details.extend(self.notify.clone().map(Detail::Notify));
        details
    }
}

/// The VRRP instance of a director for a family.
fn instance(
    cluster: &Cluster,
    failover: &model::Failover,
    view: &HostView<'_>,
    family: Family,
) -> Option<Instance> {
    let position = cluster.directors.iter().position(|one| one.name == view.host.name);
    let position = position.expect("only a director has this need");
    let secret = failover.authentication.as_ref().map(|one| one.from.value.clone());
    let others = cluster.directors.iter().filter(|one| one.name.value != view.host.name.value);
    let peer = |other: &Host| Some(cluster.vrrp_address(other, family)?.0);
    let (nic, source) = view.vrrp_nic(cluster, family)?;
    Some(Instance {
        name: format!("VI_{}_{}", cluster.name.value, version(family)),
        interface: nic.name().to_string(),
        virtual_router_id: failover.virtual_router_id.value,
        priority: priority(position, cluster.directors.len()),
        // Version 3 has no passwords (RFC 5798, section 9).
        version: if secret.is_some() { 2 } else { 3 },
        password: secret.map(Password::Secret),
        interval: failover.interval(),
        preempts: failover.preempts(),
        source: Some(source.0),
        peers: others.filter(|_| failover.unicast()).filter_map(peer).collect(),
    })
}

/// The NICs that must be up: those of the model, and each other NIC with VIPs or `inside`, or in a segment of real servers, since
/// keepalived itself watches only the NICs of the instances.
fn tracked(
    cluster: &Cluster,
    failover: &model::Failover,
    view: &HostView<'_>,
    instances: &[Instance],
) -> Vec<String> {
    let written = failover.track.iter().flat_map(|track| &track.interfaces);
    let mut tracked: Vec<String> = written.map(|nic| nic.value.to_string()).collect();
    let servers = view.nics_beside(cluster, &cluster.real_servers);
    let inside = failover.inside.iter().flat_map(PerFamily::iter);
    let inside = inside.map(|address| view.nic_beside(cluster, address.value.0));
    for nic in view.vip_nics(cluster).into_iter().chain(inside).chain(servers) {
        let name = nic.name().to_string();
        let watched = instances.iter().any(|one| one.interface == name);
        if !watched && !tracked.contains(&name) {
            tracked.push(name);
        }
    }
    tracked
}

/// The number of the IP version, for names.
fn version(family: Family) -> u8 {
    match family {
        Family::Ipv4 => 4,
        Family::Ipv6 => 6,
    }
}

/// The priority of the director at a position: 200 for the first, and 10 less for each next director. With more than 20
/// directors, the steps are smaller.
fn priority(position: usize, count: usize) -> u8 {
    let step = (199 / count.max(1)).clamp(1, 10);
    let below = u8::try_from(position * step).unwrap_or(u8::MAX);
    200_u8.saturating_sub(below).max(1)
}

#[cfg(test)]
mod tests {
    use super::priority;

    #[test]
    fn priorities_fall_with_the_position() {
        assert_eq!([priority(0, 2), priority(1, 2)], [200, 190]);
        for count in [1, 3, 20, 21, 150] {
            let all: Vec<u8> = (0..count).map(|position| priority(position, count)).collect();
            assert!(all.is_sorted_by(|a, b| a > b), "{count}: {all:?}");
            assert!(all.iter().all(|one| (1..255).contains(one)), "{count}");
        }
    }
}
