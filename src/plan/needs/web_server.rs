//! `web_server`: a web server whose answers contain the name of its node.

use std::net::{IpAddr, Ipv4Addr};

use serde::Serialize;

use crate::kernel::slashed;
use crate::model::{AbsolutePath, Cluster, HostName, Language};
use crate::plan::{Detail, Html, Probe};
use crate::profile::Mechanism;
use crate::resolve::{HostView, SettingValue};

/// A web server.
#[derive(Debug, PartialEq, Eq, PartialOrd, Ord, Serialize)]
pub struct WebServer<'a> {
    /// The node's name. Each answer of the web server contains this name.
    pub node: &'a HostName,
    /// The title of the node's own page.
    pub title: Html,
    /// The language of the page.
    pub language: Language,
    /// The directory of the shared pages. `None` if the cluster has no shared pages, or if their directory is the
    /// document root of the OS's web server.
    pub pages: Option<&'a AbsolutePath>,
    /// The length of the queue of connections that the server asks for, if the tuning sets the longest queue of the kernel.
    pub backlog: Option<i64>,
}

impl<'a> WebServer<'a> {
    pub(super) fn new(cluster: &'a Cluster, view: &HostView<'a>, mechanism: &Mechanism) -> Self {
        let host = view.host;
        let title = match view.page.title {
            Some(title) => title.to_string(),
            None => match view.page.language {
                Language::Chinese => format!("LVS负载均衡群集--节点{}测试网页", view.page.number),
                Language::English => format!("LVS cluster: test page of node {}", view.page.number),
            },
        };
        let served = mechanism.values.get("document_root").map(String::as_str);
        let mount = cluster.nfs.as_ref().map(|nfs| &nfs.mount.value);
        let pages = mount.filter(|mount| Some(mount.as_str()) != served);
        let longest = view.settings.iter().find(|one| slashed(&one.key) == "net/core/somaxconn");
        let backlog = longest.and_then(|setting| match setting.value {
            SettingValue::Number(longest) => Some(longest),
            SettingValue::Text(_) => None,
        });
        Self {
            node: &host.name,
            title: Html::escape(&title),
            language: view.page.language,
            pages,
            backlog,
        }
    }

    pub(super) fn details(&self) -> Vec<Detail> {
        let title = Detail::PageTitle(self.title.as_str().to_owned());
        let pages = self.pages.map(|pages| Detail::PagesDirectory(pages.to_string()));
        std::iter::once(title).chain(pages).collect()
    }

    pub(super) fn probes(&self) -> Vec<Probe> {
        let (address, node) = (IpAddr::from(Ipv4Addr::LOCALHOST), self.node.to_string());
        vec![Probe::NamesNode { address, path: "/lvs-node", node }]
    }
}
