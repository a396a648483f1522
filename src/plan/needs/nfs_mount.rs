//! `nfs_mount`: the shared directory, mounted on a real server.

use std::net::IpAddr;

use serde::Serialize;

use super::nfs_export::{access, nfs};
use crate::model::{AbsolutePath, Cluster, Host, HostName, Nfs, NfsVersion};
use crate::plan::escape::path_unit;
use crate::plan::{Detail, Probe};

/// A mount.
#[derive(Debug, PartialEq, Eq, PartialOrd, Ord, Serialize)]
pub struct NfsMount<'a> {
    /// The server's name.
    pub server: &'a HostName,
    /// The share: `ADDRESS:/PATH`.
    pub what: String,
    /// The directory on which the share is mounted.
    pub mount: &'a AbsolutePath,
    /// The mount's options (nfs(5)).
    pub options: String,
    /// The unit that mounts the share.
    pub unit: String,
    /// The unit that mounts the share at the first access.
    pub automount: String,
}

impl<'a> NfsMount<'a> {
    pub(super) fn new(cluster: &'a Cluster, host: &Host) -> Self {
        let nfs = nfs(cluster);
        let (_, address) = cluster
            .closest(host, &nfs.server)
            .expect("`nfs-family-gap` reports hosts without a common family");
        let address = address.0;
        let what = match address {
            IpAddr::V4(address) => format!("{address}:{}", nfs.export.value),
            IpAddr::V6(address) => format!("[{address}]:{}", nfs.export.value),
        };
        Self {
            server: &nfs.server.name,
            what,
            mount: &nfs.mount,
            options: options(nfs),
            unit: path_unit(&nfs.mount, "mount"),
            automount: path_unit(&nfs.mount, "automount"),
        }
    }

    pub(super) fn details(&self) -> Vec<Detail> {
        let (share, directory) = (self.what.clone(), self.mount.to_string());
        vec![Detail::Mount { share, directory }, Detail::MountOptions(self.options.clone())]
    }

    pub(super) fn probes(&self) -> Vec<Probe> {
        vec![Probe::Mounted { directory: self.mount.to_string(), share: self.what.clone() }]
    }
}

/// The options of nfs(5).
///
/// A read-only share fails after a bounded time if the server is gone: 5 and 10 seconds for two tries. With `hard`, every program that
/// touches the share sleeps until the server is back, so all workers of a web server fill up. Writes need `hard`, because a write
/// that fails loses data. Not `softerr`: Linux has it since 5.1 only.
fn options(nfs: &Nfs) -> String {
    let lost = if nfs.is_writable() { "hard" } else { "soft,timeo=50,retrans=2" };
    // Version 3 has a protocol of its own for locks, with ports that change: behind a firewall, a lock would wait for ever. With
    // `nolock`, a lock holds on its own host.
    let version = match nfs.version() {
        NfsVersion::V3 => "3,proto=tcp,mountproto=tcp,nolock".to_owned(),
        version => version.to_string(),
    };
    format!("{},{lost},vers={version},nosuid,nodev,noexec,_netdev,nofail", access(nfs))
}
