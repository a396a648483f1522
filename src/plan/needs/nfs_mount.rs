//! `nfs_mount`: the shared directory, mounted on a real server.

use std::net::IpAddr;

use serde::Serialize;

use super::nfs_export::{access, nfs};
use crate::model::{AbsolutePath, Cluster, HasFamily as _, Host, HostName};
use crate::plan::escape::mount_unit;
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
}

impl<'a> NfsMount<'a> {
    pub(super) fn new(cluster: &'a Cluster, host: &Host) -> Self {
        let nfs = nfs(cluster);
        let mut addresses = nfs.server.address.iter();
        let shared = addresses.find(|one| host.address(one.family()).is_some());
        let address = shared.expect("`nfs-family-gap` reports hosts without a common family").0;
        let what = match address {
            IpAddr::V4(address) => format!("{address}:{}", nfs.export.value),
            IpAddr::V6(address) => format!("[{address}]:{}", nfs.export.value),
        };
        Self {
            server: &nfs.server.name,
            what,
            mount: &nfs.mount,
            options: format!("{},hard,vers=4.2,_netdev,nofail", access(nfs)),
            unit: mount_unit(&nfs.mount),
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
