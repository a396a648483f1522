//! `firewall_marks`: the marks on the packets of firewall-mark services.

use serde::Serialize;

use crate::ipvs::Protocol;
use crate::model::{Cluster, PortOrMark, Vip};
use crate::plan::Detail;

/// The marks of all firewall-mark services.
#[derive(Debug, PartialEq, Eq, PartialOrd, Ord, Serialize)]
pub struct FirewallMarks {
    /// One entry for each VIP of each firewall-mark service.
    pub marks: Vec<FirewallMark>,
}

/// One mark on one VIP's packets.
#[derive(Debug, PartialEq, Eq, PartialOrd, Ord, Serialize)]
pub struct FirewallMark {
    /// The family's name in nft: `ip` or `ip6`.
    pub family: &'static str,
    /// The VIP.
    pub vip: Vip,
    /// The transport protocol.
    pub protocol: Protocol,
    /// The ports; an empty list means all ports.
    pub ports: Vec<u16>,
    /// The ports in the form of elements of an nft set; `None` if the list of ports is empty.
    pub port_set: Option<String>,
    /// The mark.
    pub mark: u32,
}

impl FirewallMarks {
    pub(super) fn new(cluster: &Cluster) -> Self {
        let mut marks = Vec::new();
        for service in &cluster.virtual_services {
            let PortOrMark::Fwmark { mark, ports } = &service.port_or_mark else {
                continue;
            };
            let ports: Vec<u16> = ports.iter().map(|port| port.value).collect();
            let set: Vec<String> = ports.iter().map(ToString::to_string).collect();
            marks.extend(service.vips.iter().map(|vip| FirewallMark {
                family: if vip.0.is_ipv4() { "ip" } else { "ip6" },
                vip: vip.value,
                protocol: service.protocol(),
                ports: ports.clone(),
                port_set: (!set.is_empty()).then(|| set.join(", ")),
                mark: mark.value,
            }));
        }
        Self { marks }
    }

    pub(super) fn details(&self) -> Vec<Detail> {
        let details = self.marks.iter().map(|mark| Detail::Mark {
            vip: mark.vip.0,
            mark: mark.mark,
            protocol: mark.protocol,
            ports: mark.ports.clone(),
        });
        details.collect()
    }
}
