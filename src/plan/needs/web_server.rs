//! `web_server`: a web server whose answers contain the name of its node.

use std::net::{Ipv4Addr, SocketAddr};

use serde::Serialize;

use crate::ipvs::Family;
use crate::kernel::slashed;
use crate::model::{AbsolutePath, Cluster, HTTP, HTTPS, Host, HostName, Language, NODE_PAGE};
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
    /// The directory of the pages: the shared pages, or the document root of the OS's web server.
    pub root: Option<String>,
    /// The TCP ports of HTTP, in ascending order.
    pub ports: Vec<u16>,
    /// The ports of HTTP other than 80, for programs that listen on port 80 by default.
    pub extra_ports: Vec<u16>,
    /// The sockets, for programs that listen on no port by default.
    pub listen: Vec<Listen>,
    /// The certificate, with which the server also answers on port 443.
    pub tls: Option<TlsFiles<'a>>,
    /// The length of the queue of connections that the server asks for, if the tuning sets the longest queue of the kernel.
    pub backlog: Option<i64>,
}

/// A socket of a web server.
#[derive(Debug, PartialEq, Eq, PartialOrd, Ord, Serialize)]
pub struct Listen {
    /// The port, after `[::]:` for IPv6.
    pub address: String,
    /// Whether the server speaks TLS.
    pub tls: bool,
}

/// The sockets for the ports of HTTP and for 443. A host without IPv6 may have a kernel without IPv6.
fn sockets(ports: &[u16], tls: bool, host: &Host) -> Vec<Listen> {
    let ports = ports.iter().map(|port| (*port, false)).chain(tls.then_some((HTTPS, true)));
    let sockets = ports.flat_map(|(port, tls)| {
        let ipv6 = host.address(Family::Ipv6).map(|_| format!("[::]:{port}"));
        std::iter::once(port.to_string()).chain(ipv6).map(move |address| Listen { address, tls })
    });
    sockets.collect()
}

/// The files of a certificate.
#[derive(Debug, PartialEq, Eq, PartialOrd, Ord, Serialize)]
pub struct TlsFiles<'a> {
    /// The certificate with its chain.
    pub certificate: &'a AbsolutePath,
    /// The private key.
    pub key: &'a AbsolutePath,
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
        let ports = cluster.http_ports();
        Self {
            node: &host.name,
            title: Html::escape(&title),
            language: view.page.language,
            pages,
            root: pages.map(ToString::to_string).or_else(|| served.map(str::to_owned)),
            listen: sockets(&ports, cluster.tls().is_some(), host),
            extra_ports: ports.iter().copied().filter(|port| *port != HTTP).collect(),
            ports,
            tls: cluster.tls().map(|tls| TlsFiles { certificate: &tls.certificate, key: &tls.key }),
            backlog,
        }
    }

    pub(super) fn details(&self) -> Vec<Detail> {
        let title = Detail::PageTitle(self.title.as_str().to_owned());
        let pages = self.pages.map(|pages| Detail::PagesDirectory(pages.to_string()));
        let usual = self.ports == [HTTP] && self.tls.is_none();
        let ports = (!usual).then(|| Detail::WebPorts {
            ports: self.ports.clone(),
            certificate: self.tls.as_ref().map(|tls| tls.certificate.to_string()),
        });
        std::iter::once(title).chain(pages).chain(ports).collect()
    }

    pub(super) fn probes(&self) -> Vec<Probe> {
        let ports = self.ports.iter().map(|port| (*port, false));
        let ports = ports.chain(self.tls.as_ref().map(|_| (HTTPS, true)));
        let probe = |(port, tls)| Probe::NamesNode {
            address: SocketAddr::from((Ipv4Addr::LOCALHOST, port)),
            tls,
            path: NODE_PAGE,
            node: self.node.to_string(),
        };
        ports.map(probe).collect()
    }
}
