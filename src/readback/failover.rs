//! The directors agree about the VIPs as the model says: one VRRP instance for each address family, the same on all
//! directors except for the priority and the addresses.

use std::collections::BTreeMap;

use super::{HostFacts, Mismatch, route};
use crate::check::Checked;
use crate::facts::Fact;
use crate::ipvs::Family;
use crate::model::{Failover, Need, Role};
use crate::vrrp::{Instance, Password};

pub(super) fn compare(checked: &Checked<'_>, hosts: &[HostFacts<'_>], found: &mut Vec<Mismatch>) {
    let Some(failover) = &checked.cluster().failover else { return };
    // For each family: the priorities in the order of preference.
    let mut last: BTreeMap<Family, u8> = BTreeMap::new();
    for host in hosts.iter().filter(|host| host.view.is(Role::Director)) {
        if !host.says_all_of(Need::DirectorVip) {
            continue;
        }
        let mut families: Vec<Family> = Vec::new();
        for (at, fact) in host.facts() {
            let Fact::Instance(instance) = fact else { continue };
            let family = instance.family();
            let faults = faults(checked, &failover.value, host, instance);
            found.extend(faults.into_iter().map(|why| host.mismatch_at(at, why)));
            if families.contains(&family) {
                let why = format!("a second VRRP instance has the {family} VIPs");
                found.push(host.mismatch_at(at, why));
            }
            families.push(family);
            if last.get(&family).is_some_and(|before| *before <= instance.priority) {
                let why = "the priority is not below that of the director before it".to_owned();
                found.push(host.mismatch_at(at, why));
            }
            last.insert(family, instance.priority);
        }
        let tracked = failover.value.track.iter().flat_map(|track| &track.interfaces);
        let has = |nic: &str| {
            host.facts().any(|(_, fact)| matches!(fact, Fact::TrackedNic(one) if one == nic))
        };
        for nic in tracked.map(|nic| nic.value.as_str()).filter(|nic| !has(nic)) {
            found.push(host.mismatch(format!("no VRRP instance watches `{nic}`")));
        }
        let daemon = sync_daemon(checked, host);
        if daemon.is_some() != failover.value.syncs() {
            found.push(host.mismatch("the daemon that shares connections differs".to_owned()));
        }
        found.extend(daemon.flatten().map(|why| host.mismatch(why)));
        let wanted = Family::ALL
            .into_iter()
            .filter(|family| host.view.vips.iter().any(|vip| vip.family() == *family));
        for family in wanted.filter(|family| !families.contains(family)) {
            found.push(host.mismatch(format!("no file has a VRRP instance for the {family} VIPs")));
        }
    }
}

/// The daemon that shares connections, with its fault: it must be bound to an instance, and its NIC must reach the other directors.
fn sync_daemon(checked: &Checked<'_>, host: &HostFacts<'_>) -> Option<Option<String>> {
    let mut facts = host.facts().map(|(_, fact)| fact);
    let (interface, instance) = facts.find_map(|fact| match fact {
        Fact::SyncDaemon { interface, instance, .. } => Some((interface, instance)),
        _ => None,
    })?;
    let mut instances = host.facts().filter_map(|(_, fact)| match fact {
        Fact::Instance(one) => Some(one),
        _ => None,
    });
    if !instances.any(|one| one.name == *instance) {
        return Some(Some("no VRRP instance decides who shares the connections".to_owned()));
    }
    let nic = host.view.nics.iter().find(|nic| nic.name().as_str() == interface);
    let own = nic.and_then(|nic| nic.addresses.iter().find(|address| address.0.is_ipv4()));
    let cluster = checked.cluster();
    let shared = own.is_some_and(|own| {
        cluster.directors.iter().all(|other| route::is_beside(cluster, other, own.0))
    });
    let unshared =
        || format!("`{interface}`, which shares the connections, does not reach every director");
    Some((!shared).then(unshared))
}

/// The differences between an instance and the model.
fn faults(
    checked: &Checked<'_>,
    failover: &Failover,
    host: &HostFacts<'_>,
    instance: &Instance,
) -> Vec<String> {
    let family = instance.family();
    let cluster = checked.cluster();
    let (nic, own) = host.view.vrrp_nic(cluster, family).unzip();
    let mut others: Vec<_> = cluster.directors.iter().collect();
    others.retain(|other| other.name != host.view.host.name && failover.unicast());
    let peers = others.iter().filter_map(|other| cluster.vrrp_address(other, family));
    let peers = peers.map(|one| one.0);
    let peers: Vec<_> = peers.collect();
    let secret = failover.authentication.as_ref().map(|one| &one.value.from.value);
    let password = match &instance.password {
        None => secret.is_none(),
        Some(Password::Secret(name)) => secret == Some(name) && instance.version == 2,
        Some(Password::InClearText) => false,
    };
    let rules = [
        (password, "the password, or the version of VRRP that has passwords,"),
        (nic.is_some_and(|nic| instance.interface == nic.name().as_str()), "the interface"),
        (instance.virtual_router_id == failover.virtual_router_id.value, "the virtual router ID"),
        (instance.interval == failover.interval(), "the interval of the advertisements"),
        (instance.preempts == failover.preempts(), "the preemption"),
        (own.map(|one| one.0) == instance.source, "the source address"),
        (instance.peers == peers, "the list of peers"),
    ];
    let wrong = rules.into_iter().filter(|(right, _)| !right);
    wrong.map(|(_, what)| format!("{what} of `{}` differs from the model", instance.name)).collect()
}
