//! The real servers mount the exported directory of the NFS server. The NFS server exports this directory to the
//! real servers, and to no more hosts than the model allows.

use std::collections::BTreeSet;
use std::net::IpAddr;

use ipnet::IpNet;

use super::{HostFacts, Mismatch, route};
use crate::check::Checked;
use crate::facts::{Client, Fact};
use crate::model::{Cluster, Need, Nfs, NfsClients, Role};

pub(super) fn compare(checked: &Checked<'_>, hosts: &[HostFacts<'_>], found: &mut Vec<Mismatch>) {
    let Some(nfs) = &checked.cluster().nfs else { return };
    let server = hosts.iter().find(|host| host.view.is(Role::NfsServer));
    if let Some(server) = server {
        to_no_more_hosts(checked.cluster(), nfs, server, found);
    }
    let server = server.filter(|server| server.says_all_of(Need::NfsExport));
    let exports = server.map(|server| (server, Exports::new(server, nfs.export.as_str())));
    for host in hosts.iter().filter(|host| host.says_all_of(Need::NfsMount)) {
        mounts(checked.cluster(), nfs, host, found);
        if let Some((server, exports)) = &exports {
            let mut addresses = host.view.host.addresses().map(|address| address.0);
            if !addresses.any(|address| exports.hold(address)) {
                let name = &host.view.host.name.value;
                let why = format!("no file exports `{}` to `{name}`", nfs.export.value);
                found.push(server.mismatch(why));
            }
        }
    }
}

/// Reports a directory that more hosts may mount than the model says. A blank between a client and its options exports to
/// every host (exports(5)).
fn to_no_more_hosts(
    cluster: &Cluster,
    nfs: &Nfs,
    server: &HostFacts<'_>,
    found: &mut Vec<Mismatch>,
) {
    let servers: BTreeSet<IpAddr> = cluster
        .real_servers
        .iter()
        .flat_map(|host| host.addresses().map(|address| address.0))
        .collect();
    let allowed = |net: &IpNet| match nfs.clients() {
        NfsClients::Everyone => true,
        NfsClients::Subnet => {
            let mut subnets = cluster.segments.iter().flat_map(|segment| segment.subnet.iter());
            subnets.any(|subnet| subnet.0.contains(net))
        }
        NfsClients::RealServers => {
            net.prefix_len() == net.max_prefix_len() && servers.contains(&net.addr())
        }
    };
    for (at, fact) in server.facts() {
        let Fact::Export { directory, client, .. } = fact else { continue };
        let (who, right) = match client {
            Client::Everyone => ("every host".to_owned(), nfs.clients() == NfsClients::Everyone),
            Client::Net(net) => (net.to_string(), allowed(net)),
        };
        if !right {
            found.push(server.mismatch_at(at, format!("{who} may mount `{directory}`")));
        }
    }
}

fn mounts(cluster: &Cluster, nfs: &Nfs, host: &HostFacts<'_>, found: &mut Vec<Mismatch>) {
    let beside = |address| route::is_beside(cluster, host.view.host, address);
    for (at, fact) in host.facts() {
        if let Fact::Automount(place) = fact
            && place != nfs.mount.as_str()
        {
            found.push(host.mismatch_at(at, format!("the share is mounted on `{place}`")));
        }
    }
    let mut mounted = false;
    for (at, fact) in host.facts() {
        let Fact::Mount { address, directory, at: place } = fact else { continue };
        mounted = true;
        let ours = nfs.server.addresses().any(|one| one.0 == *address);
        if !ours || *directory != nfs.export.as_str() {
            let name = &nfs.server.name.value;
            let why = format!("`{address}:{directory}` is not the export of `{name}`");
            found.push(host.mismatch_at(at, why));
        }
        // In a common segment, the share must not go through a router.
        if !beside(*address) && nfs.server.addresses().any(|one| beside(one.0)) {
            let why = format!("the host mounts from {address}, which is behind a router");
            found.push(host.mismatch_at(at, why));
        }
        if *place != nfs.mount.as_str() {
            found.push(host.mismatch_at(at, format!("the share is mounted on `{place}`")));
        }
    }
    if !mounted {
        found.push(host.mismatch(format!("no file mounts `{}`", nfs.mount.value)));
    }
}

/// The clients of a directory.
struct Exports<'a> {
    /// The clients that are single addresses. There may be one such client for each real server.
    addresses: BTreeSet<IpAddr>,
    others: Vec<&'a Client>,
}

impl<'a> Exports<'a> {
    fn new(server: &'a HostFacts<'_>, directory: &str) -> Self {
        let clients = server.facts().filter_map(|(_, fact)| match fact {
            Fact::Export { directory: one, client, .. } if one == directory => Some(client),
            _ => None,
        });
        let single = |client: &Client| match client {
            Client::Net(net) if net.prefix_len() == net.max_prefix_len() => Some(net.addr()),
            _ => None,
        };
        let (one, others): (Vec<_>, Vec<_>) = clients.partition(|client| single(client).is_some());
        Self { addresses: one.into_iter().filter_map(single).collect(), others }
    }

    fn hold(&self, address: IpAddr) -> bool {
        self.addresses.contains(&address) || self.others.iter().any(|one| one.holds(address))
    }
}
