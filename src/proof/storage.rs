//! What the real servers mount is what the NFS server exports, and to them.

use std::collections::BTreeSet;
use std::net::IpAddr;

use super::read::{Client, Fact};
use super::{Broken, Host};
use crate::check::Checked;
use crate::model::{Need, Role};

pub(super) fn hold(checked: &Checked<'_>, hosts: &[Host<'_>], broken: &mut Vec<Broken>) {
    let Some(nfs) = &checked.cluster().nfs else { return };
    let server = hosts.iter().find(|host| host.view.host.role == Role::NfsServer);
    let server = server.filter(|server| server.tells(Need::NfsExport));
    let exports = server.map(|server| Exports::new(server, nfs.export.as_str()));
    for host in hosts.iter().filter(|host| host.tells(Need::NfsMount)) {
        let mut mounted = false;
        for (at, fact) in host.facts() {
            let Fact::Mount { address, directory, at: place } = fact else { continue };
            mounted = true;
            let ours = nfs.server.address.iter().any(|one| one.0 == *address);
            if !ours || *directory != nfs.export.as_str() {
                let why = format!(
                    "`{address}:{directory}` is not what `{}` exports",
                    nfs.server.name.value
                );
                broken.push(host.broken_at(at, why));
            }
            if *place != nfs.mount.as_str() {
                broken.push(host.broken_at(at, format!("it is mounted on `{place}`")));
            }
        }
        if !mounted {
            broken.push(host.broken(format!("no file mounts `{}`", nfs.mount.value)));
        }
        if let (Some(server), Some(exports)) = (server, &exports) {
            let mut addresses = host.view.host.address.iter().map(|address| address.0);
            if !addresses.any(|address| exports.hold(address)) {
                let name = &host.view.host.name.value;
                broken.push(
                    server.broken(format!("nothing exports `{}` to `{name}`", nfs.export.value)),
                );
            }
        }
    }
}

/// To whom a directory is exported.
struct Exports<'a> {
    /// To single addresses, which may be all real servers'.
    addresses: BTreeSet<IpAddr>,
    others: Vec<&'a Client>,
}

impl<'a> Exports<'a> {
    fn new(server: &'a Host<'_>, directory: &str) -> Self {
        let clients = server.facts().filter_map(|(_, fact)| match fact {
            Fact::Export { directory: one, client } if one == directory => Some(client),
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
