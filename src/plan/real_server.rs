//! What a real server has beside its VIPs: silence in ARP, and a web server that tells its name.

use serde::Serialize;

use super::escape::Html;
use crate::model::{AbsolutePath, Cluster, Family, Host, HostName, Vip};

/// Silence about the VIPs in ARP.
#[derive(Debug, PartialEq, Eq, PartialOrd, Ord, Serialize)]
pub struct ArpSuppression {
    /// The IPv4 VIPs. IPv6 has no such sysctls: a VIP on `lo` is never answered for on the NIC.
    pub vips: Vec<Vip>,
}

impl ArpSuppression {
    pub(super) fn new(vips: &[Vip]) -> Self {
        let ipv4 = vips.iter().filter(|vip| vip.family() == Family::Ipv4);
        Self { vips: ipv4.copied().collect() }
    }
}

/// A web server.
#[derive(Debug, PartialEq, Eq, PartialOrd, Ord, Serialize)]
pub struct WebServer<'a> {
    /// The node's name, which each answer carries.
    pub node: &'a HostName,
    /// The title of the node's own page.
    pub title: Html,
    /// The directory of the shared pages, where it is not the one that the OS's web server shows
    /// by itself.
    pub pages: Option<&'a AbsolutePath>,
}

impl<'a> WebServer<'a> {
    /// `served` is the directory that the OS's web server shows by itself.
    pub(super) fn new(cluster: &'a Cluster, host: &'a Host, served: Option<&str>) -> Self {
        let title = match &host.title {
            Some(title) => title.to_string(),
            None => format!("LVS负载均衡群集--节点{}测试网页", node_number(&host.name)),
        };
        let mount = cluster.nfs.as_ref().map(|nfs| &nfs.mount.value);
        let pages = mount.filter(|mount| Some(mount.as_str()) != served);
        Self { node: &host.name, title: Html::escape(&title), pages }
    }
}

/// The number that a host has in its name (`web1`, `web-02.example.org`), or the whole name: its
/// place in the list would change the pages of all that follow when a host is added before them.
fn node_number(name: &HostName) -> &str {
    let short = name.as_str().split('.').next().unwrap_or_default();
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
