//! The network segment of the cluster, and the timeouts of its connections.

use schemars::{JsonSchema, json_schema};
use serde_json::json;

use super::address::{Gateway, NameServer, Subnet};
use super::decode::{Decode, Fields, OneOrMany, number};
use super::family::PerFamily;
use super::interface::Interface;
use super::schema_part::schema;
use crate::diagnostic::Report;
use crate::ipvs::Timeouts;
use crate::source::Located;
use crate::yaml::Node;

/// `network`: the cluster's segment. For direct routing, the director and the real servers must be on the same
/// layer-2 segment.
#[derive(Clone, Debug, JsonSchema)]
#[schemars(deny_unknown_fields)]
pub struct Network {
    /// `interface`: the NIC for all hosts that do not set `interface` themselves.
    pub interface: Interface,
    /// `subnet`: the subnet of the segment, one for each address family.
    pub subnet: PerFamily<Subnet>,
    /// `gateway`: the gateway to which the real servers send their answers, one for each address family.
    pub gateway: Option<PerFamily<Gateway>>,
    /// `dns`: the name servers. lvsgen writes them to files that contain the whole configuration of a NIC.
    #[schemars(with = "Option<OneOrMany<NameServer>>")]
    pub dns: Vec<Located<NameServer>>,
}

impl Network {
    /// The gateways, IPv4 first.
    pub fn gateways(&self) -> impl Iterator<Item = &Located<Gateway>> {
        self.gateway.iter().flat_map(PerFamily::iter)
    }
}

impl Decode for Network {
    fn decode(node: &Node, report: &mut Report) -> Option<Self> {
        let mut fields = Fields::of(node, "`network`", report)?;
        let interface = fields.required("interface", report);
        let subnet = fields.required("subnet", report);
        let gateway = fields.optional("gateway", report);
        let dns: Option<OneOrMany<Located<NameServer>>> = fields.optional("dns", report);
        fields.finish(report)?;
        let dns = dns.map(|OneOrMany(servers)| servers).unwrap_or_default();
        Some(Self { interface: interface?, subnet: subnet?, gateway, dns })
    }
}

/// `timeouts`: the time for which IPVS remembers a connection, in seconds (ipvsadm(8), `--set`). If a key is
/// missing, its timeout is `0`, and the kernel keeps its current value.
impl Decode for Timeouts {
    fn decode(node: &Node, report: &mut Report) -> Option<Self> {
        let mut fields = Fields::of(node, "`timeouts`", report)?;
        let mut seconds =
            |key, report: &mut Report| fields.optional(key, report).map_or(0, |Seconds(time)| time);
        let tcp = seconds("tcp", report);
        let tcp_fin = seconds("tcp_fin", report);
        let udp = seconds("udp", report);
        fields.finish(report)?;
        Some(Self { tcp, tcp_fin, udp })
    }
}

schema!(Timeouts, "Timeouts", |_| {
    let seconds = |what: &str| json!({ "description": what, "type": "integer", "minimum": 1, "maximum": LONGEST });
    json_schema!({
        "type": "object",
        "description": "the time for which IPVS remembers a connection, in seconds",
        "properties": {
            "tcp": seconds("an established TCP connection"),
            "tcp_fin": seconds("a TCP connection after its FIN"),
            "udp": seconds("a UDP flow"),
        },
        "additionalProperties": false,
    })
});

/// A time in seconds, at most 31 days.
#[derive(Clone, Copy, Debug)]
pub(super) struct Seconds(pub(super) u32);

/// The longest timeout that ipvsadm accepts, in seconds. It is 31 days.
const LONGEST: u32 = 31 * 24 * 60 * 60;

impl Decode for Seconds {
    fn decode(node: &Node, report: &mut Report) -> Option<Self> {
        let read = number(node, "a time in seconds", 1, LONGEST.into(), report)?;
        Some(Self(u32::try_from(read).expect("`number` keeps the value within the bounds")))
    }
}
