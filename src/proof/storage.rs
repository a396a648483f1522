//! What the real servers mount is what the NFS server exports, and to them.

use std::net::IpAddr;

use super::read::Fact;
use super::{Broken, Host};
use crate::check::Checked;
use crate::model::{Need, Role};

pub(super) fn hold(checked: &Checked<'_>, hosts: &[Host<'_>], broken: &mut Vec<Broken>) {
    let Some(nfs) = &checked.cluster().nfs else { return };
    let server = hosts.iter().find(|host| host.view.host.role == Role::NfsServer);
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
        if let Some(server) = server.filter(|server| server.tells(Need::NfsExport)) {
            let addresses = host.view.host.address.iter().map(|address| address.0);
            if !addresses.into_iter().any(|address| exported(server, nfs.export.as_str(), address))
            {
                let name = &host.view.host.name.value;
                broken.push(
                    server.broken(format!("nothing exports `{}` to `{name}`", nfs.export.value)),
                );
            }
        }
    }
}

fn exported(server: &Host<'_>, directory: &str, address: IpAddr) -> bool {
    server.facts().any(|(_, fact)| match fact {
        Fact::Export { directory: one, client } => one == directory && client.holds(address),
        _ => false,
    })
}
