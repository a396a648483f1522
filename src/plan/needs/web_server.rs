//! `web_server`: a web server whose answers contain the name of its node.

use std::net::{IpAddr, Ipv4Addr};

use serde::Serialize;

use crate::model::{AbsolutePath, Cluster, HostName};
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
    /// The directory of the shared pages. `None` if the cluster has no shared pages, or if their directory is the
    /// document root of the OS's web server.
    pub pages: Option<&'a AbsolutePath>,
    /// The length of the queue of connections that the server asks for, if the tuning sets the longest queue of the kernel.
    pub backlog: Option<i64>,
}

impl<'a> WebServer<'a> {
    pub(super) fn new(cluster: &'a Cluster, view: &HostView<'a>, mechanism: &Mechanism) -> Self {
        let host = view.host;
        let title = match view.title {
            Some(title) => title.to_string(),
            None => format!("LVS负载均衡群集--节点{}测试网页", node_number(&host.name)),
        };
        let served = mechanism.values.get("document_root").map(String::as_str);
        let mount = cluster.nfs.as_ref().map(|nfs| &nfs.mount.value);
        let pages = mount.filter(|mount| Some(mount.as_str()) != served);
        let longest = view.settings.iter().find(|one| one.key == "net.core.somaxconn");
        let backlog = longest.and_then(|setting| match setting.value {
            SettingValue::Number(longest) => Some(longest),
            SettingValue::Text(_) => None,
        });
        Self { node: &host.name, title: Html::escape(&title), pages, backlog }
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

/// The number at the end of a host's short name (`web1`, `web-02.example.org`), or the whole name if there is no
/// such number. The number does not depend on the host's position in the list. If it did, a new host would change
/// the pages of all later hosts.
fn node_number(name: &HostName) -> &str {
    let short = name.as_str().split('.').next().expect("a split gives at least one part");
    let number = short.trim_start_matches(|c: char| !c.is_ascii_digit());
    let ends_in_number = !number.is_empty() && number.bytes().all(|byte| byte.is_ascii_digit());
    match number.trim_start_matches('0') {
        "" if ends_in_number => "0",
        trimmed if ends_in_number => trimmed,
        _ => name.as_str(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_nodes_number_is_in_its_name() {
        for (name, number) in [
            ("web1", "1"),
            ("web-02.example.org", "2"),
            ("alpha", "alpha"),
            ("w1b", "w1b"),
            ("w0", "0"),
        ] {
            assert_eq!(node_number(&HostName::new(name).unwrap()), number);
        }
    }
}
