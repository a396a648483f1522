//! The shared storage: what is exported to whom, and how it is mounted.

use serde::Serialize;

use super::escape::{Html, mount_unit};
use crate::model::{AbsolutePath, Cluster, Family, HasFamily as _, Host, HostName, NfsClients};

/// The shared page's title where the model says none.
const TITLE: &str = "LVS负载均衡群集测试网页";

/// An export.
#[derive(Debug, PartialEq, Eq, PartialOrd, Ord, Serialize)]
pub struct NfsExport<'a> {
    /// The exported directory.
    pub export: &'a AbsolutePath,
    /// Who may mount it, as exports(5) has them.
    pub clients: Vec<String>,
    /// The export's options (exports(5)).
    pub options: String,
    /// The shared page, unless the model says that there is none.
    pub pages: Vec<Page>,
}

/// A page of lvsgen's.
#[derive(Debug, PartialEq, Eq, PartialOrd, Ord, Serialize)]
pub struct Page {
    /// Its title.
    pub title: Html,
}

impl<'a> NfsExport<'a> {
    pub(super) fn new(cluster: &'a Cluster) -> Option<Self> {
        let nfs = cluster.nfs.as_ref()?;
        let server = &nfs.server;
        let wanted = nfs.page.is_none_or(|page| page.value);
        let title = nfs.title.as_ref().map_or(TITLE, |title| title.as_str());
        let page = wanted.then(|| Page { title: Html::escape(title) });
        let families = Family::ALL.into_iter().filter(|family| server.address(*family).is_some());
        // The segment rather than a list of hosts: a new real server then changes nothing here.
        let clients = match nfs.clients.map_or(NfsClients::Subnet, |clients| clients.value) {
            NfsClients::Everyone => vec!["*".to_owned()],
            NfsClients::Subnet => families
                .filter_map(|family| cluster.network.subnet.of(family))
                .map(|subnet| subnet.to_string())
                .collect(),
            NfsClients::RealServers => families
                .flat_map(|family| {
                    cluster.real_servers.iter().map(move |host| host.address(family))
                })
                .flatten()
                .map(|address| address.to_string())
                .collect(),
        };
        Some(Self {
            export: &nfs.export,
            clients,
            options: format!("{},sync,root_squash,no_subtree_check", access(cluster)),
            pages: page.into_iter().collect(),
        })
    }
}

/// A mount.
#[derive(Debug, PartialEq, Eq, PartialOrd, Ord, Serialize)]
pub struct NfsMount<'a> {
    /// The server's name.
    pub server: &'a HostName,
    /// What is mounted: `ADDRESS:/PATH`.
    pub what: String,
    /// Where it is mounted.
    pub mount: &'a AbsolutePath,
    /// The mount's options (nfs(5)).
    pub options: String,
    /// The unit that mounts it.
    pub unit: String,
}

impl<'a> NfsMount<'a> {
    pub(super) fn new(cluster: &'a Cluster, host: &Host) -> Option<Self> {
        let nfs = cluster.nfs.as_ref()?;
        // A family that both sides have: the checks know that there is one.
        let shared = nfs.server.address.iter().find(|one| host.address(one.family()).is_some());
        let what = match shared?.0 {
            std::net::IpAddr::V4(address) => format!("{address}:{}", nfs.export.value),
            std::net::IpAddr::V6(address) => format!("[{address}]:{}", nfs.export.value),
        };
        Some(Self {
            server: &nfs.server.name,
            what,
            mount: &nfs.mount,
            options: format!("{},hard,vers=4.2,_netdev,nofail", access(cluster)),
            unit: mount_unit(&nfs.mount),
        })
    }
}

fn access(cluster: &Cluster) -> &'static str {
    let writable = cluster.nfs.as_ref().and_then(|nfs| nfs.writable);
    if writable.is_some_and(|writable| writable.value) { "rw" } else { "ro" }
}
