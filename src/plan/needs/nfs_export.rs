//! `nfs_export`: the shared directory and its clients.

use ipnet::IpNet;
use serde::Serialize;

use crate::firewall::network;
use crate::ipvs::Family;
use crate::model::{AbsolutePath, Cluster, Language, Nfs, NfsClients};
use crate::plan::{Detail, Html, Probe};

/// The title of the shared page, if the model gives no title.
fn default_title(language: Language) -> &'static str {
    match language {
        Language::Chinese => "LVS负载均衡群集测试网页",
        Language::English => "LVS cluster: test page",
    }
}

/// An export.
#[derive(Debug, PartialEq, Eq, PartialOrd, Ord, Serialize)]
pub struct NfsExport<'a> {
    /// The exported directory.
    pub export: &'a AbsolutePath,
    /// The clients that may mount the directory, in the form of exports(5).
    pub clients: Vec<String>,
    /// The export's options (exports(5)).
    pub options: String,
    /// The shared page. The list is empty if the model turns the page off.
    pub pages: Vec<Page>,
}

/// A page that lvsgen writes.
#[derive(Debug, PartialEq, Eq, PartialOrd, Ord, Serialize)]
pub struct Page {
    /// Its title.
    pub title: Html,
    /// Its language.
    pub language: Language,
}

impl<'a> NfsExport<'a> {
    pub(super) fn new(cluster: &'a Cluster, language: Language) -> Self {
        let nfs = nfs(cluster);
        let wanted = nfs.page.is_none_or(|page| page.value);
        let title = nfs.title.as_ref().map_or(default_title(language), |title| title.as_str());
        let page = wanted.then(|| Page { title: Html::escape(title), language });
        Self {
            export: &nfs.export,
            clients: written_clients(cluster, nfs),
            options: format!("{},sync,root_squash,no_subtree_check", access(nfs)),
            pages: page.into_iter().collect(),
        }
    }

    pub(super) fn details(&self) -> Vec<Detail> {
        let mut details = vec![
            Detail::Export(self.export.to_string()),
            Detail::ExportClients(self.clients.clone()),
            Detail::ExportOptions(self.options.clone()),
        ];
        let titles = self.pages.iter().map(|page| page.title.as_str().to_owned());
        details.extend(titles.map(Detail::SharedPageTitle));
        details
    }

    pub(super) fn probes(&self) -> Vec<Probe> {
        vec![Probe::Exported { directory: self.export.to_string() }]
    }
}

/// The clients in the form of exports(5).
fn written_clients(cluster: &Cluster, nfs: &Nfs) -> Vec<String> {
    let each = families(nfs).flat_map(|family| clients(cluster, nfs, family));
    let mut written: Vec<String> =
        each.map(|client| client.map_or_else(|| "*".to_owned(), network)).collect();
    // `*` stands for both families.
    written.dedup();
    written
}

/// The families in which the NFS server can answer.
pub(super) fn families(nfs: &Nfs) -> impl Iterator<Item = Family> {
    Family::ALL.into_iter().filter(|family| nfs.server.address(*family).is_some())
}

/// The clients of a family that may mount the directory; `None`: every host.
pub(super) fn clients(cluster: &Cluster, nfs: &Nfs, family: Family) -> Vec<Option<IpNet>> {
    match nfs.clients() {
        NfsClients::Everyone => vec![None],
        NfsClients::Subnet => {
            let segments = cluster.segments.iter();
            let subnets = segments.filter_map(|segment| segment.subnet.of(family));
            subnets.map(|subnet| Some(subnet.0)).collect()
        }
        NfsClients::RealServers => {
            let servers = cluster.real_servers.iter();
            let addresses = servers.filter_map(|host| cluster.path(host, &nfs.server, family));
            addresses.map(|(address, _)| Some(address.0.into())).collect()
        }
    }
}

/// The cluster's storage.
pub(super) fn nfs(cluster: &Cluster) -> &Nfs {
    cluster.nfs.as_ref().expect("the table of needs asks for storage only if the model has it")
}

/// The option of exports(5) and nfs(5) that allows or forbids clients to write.
pub(super) fn access(nfs: &Nfs) -> &'static str {
    if nfs.is_writable() { "rw" } else { "ro" }
}
