//! The programs that answer the TCP ports of the services: the web servers of lvsgen, and programs of the user.
//!
//! Takes the services and the hosts; gives [`Answered`] for each service, for reports to people.

use std::collections::BTreeSet;

use super::Resolved;
use crate::ipvs::{PortRange, Protocol};
use crate::model::{Cluster, HostName, Need, ServiceName};

/// The TCP ports of a service on its real servers.
#[derive(Debug, PartialEq, Eq)]
pub struct Answered<'a> {
    /// The service.
    pub service: &'a ServiceName,
    /// The ports on which a web server of lvsgen answers, in ascending order.
    pub by_lvsgen: Vec<PortRange>,
    /// The ports on which the user's own program must answer, in ascending order.
    pub by_user: Vec<PortRange>,
}

/// Every TCP port, of a service on all ports.
const EVERY: PortRange = PortRange { first: 1, last: u16::MAX };

impl<'a> Resolved<'a> {
    /// The hosts with a web server of lvsgen.
    pub fn web_servers(&self) -> BTreeSet<&'a HostName> {
        let hosts = self.hosts.iter().filter(|view| view.provides(Need::WebServer));
        hosts.map(|view| &view.host.name.value).collect()
    }

    /// Notes the ports of HTTP on which the answers of all real servers of a service name their node.
    pub(super) fn note_node_ports(&mut self, cluster: &Cluster) {
        if self.hosts.iter().any(|host| host.provides(Need::WebServer)) {
            let ports = cluster.http_ports();
            for view in &mut self.services {
                if view.real_servers.iter().all(|(host, _)| host.is_managed()) {
                    view.node_ports.clone_from(&ports);
                }
            }
        }
    }

    /// The programs that answer each TCP service. The list is empty if the model turns the web servers off.
    pub fn answered(&self, cluster: &Cluster) -> Vec<Answered<'a>> {
        let web = cluster.web_ports();
        let serving = self.web_servers();
        let services = self.services.iter();
        let tcp =
            services.filter(|view| !web.is_empty() && view.service.has_protocol(Protocol::Tcp));
        let each = tcp.map(|view| {
            let (mut by_lvsgen, mut by_user) = (BTreeSet::new(), BTreeSet::new());
            for (host, entry) in view.answering() {
                let mut ports = view.real_ports(entry);
                if ports.is_empty() {
                    ports.push(EVERY);
                }
                for range in ports {
                    let ours = serving.contains(&host.name.value)
                        && web.iter().any(|port| range.contains(*port));
                    if ours {
                        by_lvsgen.insert(range)
                    } else {
                        by_user.insert(range)
                    };
                }
            }
            Answered {
                service: &view.service.name.value,
                by_lvsgen: by_lvsgen.into_iter().collect(),
                by_user: by_user.into_iter().collect(),
            }
        });
        each.collect()
    }
}
