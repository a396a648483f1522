//! `packet_rules`: the marks on the packets of firewall-mark services, and the limits of the packets of tunnelled services.

use std::collections::BTreeSet;
use std::net::IpAddr;

use serde::Serialize;

use super::firewall;
use super::tunnel_device::tunnelled;
use crate::check::Checked;
use crate::formats::nft::{self, Conditions};
use crate::ipvs::{Family, PortRange, Protocol};
use crate::model::{Host, Need, PortOrMark, Role, Vip};
use crate::plan::Detail;
use crate::resolve::HostView;

/// The rules of a host.
#[derive(Debug, PartialEq, Eq, PartialOrd, Ord, Serialize)]
pub struct PacketRules {
    /// On a director: one entry for each VIP of each firewall-mark service.
    pub marks: Vec<FirewallMark>,
    /// On a director with a firewall: the packets that conntrack must not see, as conditions of nft(8).
    pub untracked: Vec<String>,
    /// On a real server: one entry for each VIP of a tunnelled service.
    pub limits: Vec<SizeLimit>,
}

/// The packets that conntrack of a director must not see: those of services whose real servers answer directly. conntrack
/// would see only half of each connection, take its end for invalid, and a stateful firewall would drop the end. With
/// masquerading, the director sees both directions, and IPVS itself informs conntrack (`vs.conntrack`).
fn untracked(checked: &Checked<'_>, director: &Host) -> Vec<String> {
    let (mut openings, mut vips) = (Vec::new(), BTreeSet::new());
    for service in &checked.resolved().services {
        if service.answers_directly() {
            openings.extend(firewall::requests(service));
            vips.extend(service.service.vips.iter().map(|vip| vip.value.0));
        }
        openings.extend(firewall::check_answers(service, director));
    }
    let packets = Conditions::grouped(&openings).into_iter().map(|one| one.to_string());
    // An ICMP error is about an answer that conntrack has not seen. IPVS sends the error to the real server, which then sends
    // smaller packets.
    packets.chain(vips.into_iter().map(nft::icmp_errors_to)).collect()
}

fn nft_family(address: IpAddr) -> &'static str {
    if address.is_ipv4() { "ip" } else { "ip6" }
}

/// The limit of the packets that clients send to a VIP.
///
/// The tunnel adds a header to each packet. A packet of full size is then too large, and a client behind a firewall that
/// drops ICMP would wait for ever. So the real server asks the client for smaller packets, in its answer to the SYN.
#[derive(Debug, PartialEq, Eq, PartialOrd, Ord, Serialize)]
pub struct SizeLimit {
    /// The family's name in nft: `ip` or `ip6`.
    pub family: &'static str,
    /// The VIP.
    pub vip: Vip,
    /// The largest number of data bytes in a TCP packet (MSS), on Ethernet with an MTU of 1500.
    pub segment: u16,
}

/// The MTU of Ethernet, in bytes.
const MTU: u16 = 1500;

impl SizeLimit {
    fn new(vip: Vip) -> Self {
        // The header of the IP version, for the tunnel and for the packet itself.
        let (family, header) = match vip.family() {
            Family::Ipv4 => ("ip", 20),
            Family::Ipv6 => ("ip6", 40),
        };
        let tcp = 20;
        Self { family, vip, segment: MTU - 2 * header - tcp }
    }
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
    pub ports: Vec<PortRange>,
    /// The ports in the form of elements of an nft set; `None` if the list of ports is empty.
    pub port_set: Option<String>,
    /// The mark.
    pub mark: u32,
}

impl PacketRules {
    pub(super) fn new(checked: &Checked<'_>, view: &HostView<'_>) -> Self {
        let limits = tunnelled(checked, view).into_iter().map(SizeLimit::new).collect();
        let mut marks = Vec::new();
        let services = checked.cluster().virtual_services.iter();
        for service in services.filter(|_| view.is(Role::Director)) {
            let PortOrMark::Fwmark { mark, ports } = &service.port_or_mark else {
                continue;
            };
            let ports: Vec<PortRange> = ports.iter().map(|port| port.value).collect();
            let set: Vec<String> = ports.iter().map(ToString::to_string).collect();
            let protocols = service.protocols();
            let each =
                service.vips.iter().flat_map(|vip| protocols.iter().map(move |one| (vip, one)));
            marks.extend(each.map(|(vip, protocol)| FirewallMark {
                family: nft_family(vip.0),
                vip: vip.value,
                protocol: *protocol,
                ports: ports.clone(),
                port_set: (!set.is_empty()).then(|| set.join(", ")),
                mark: mark.value,
            }));
        }
        let guarded = view.is(Role::Director) && view.need(Need::Firewall).is_some();
        let untracked = if guarded { untracked(checked, view.host) } else { Vec::new() };
        Self { marks, untracked, limits }
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
