//! Virtual services: the services that clients use, and the real servers that answer.

use schemars::{JsonSchema, Schema, SchemaGenerator, json_schema};
use serde_json::{Value, json};

use super::address::Vip;
use super::decode::{Decode, Fields, OneOrMany, number};
use super::health::{Health, OnFailure, Start};
use super::name::{HostName, SegmentName, ServiceName};
use super::port_or_mark::{Mark, PortOrMark, Ports, distinct_protocols, port_or_mark};
use super::schema_part::{or_short, schema};
use super::service_server::{Listed, ServiceServer};
use super::sorry_server::SorryServer;
use super::timeouts::Seconds;
use super::written_vips::WrittenVips;
use crate::diagnostic::Report;
use crate::ipvs::{Endpoint, Forwarding, PortRange, Protocol, Scheduler, SchedulerFlag};
use crate::source::{Located, Span};
use crate::yaml::{Content, Node};

/// `virtual_services[]`: one service. It has one VIP or several.
#[derive(Clone, Debug, JsonSchema)]
#[schemars(deny_unknown_fields, transform = endpoint)]
pub struct VirtualService {
    /// `name`: the name that findings use for the service.
    pub name: Located<ServiceName>,
    /// The place of its entry, with all its keys.
    #[schemars(skip)]
    pub entry: Span,
    /// `vip`: the addresses that clients use, IPv4 first.
    #[schemars(with = "WrittenVips", rename = "vip")]
    pub vips: Vec<Located<Vip>>,
    /// `segment`: the segment on whose NIC the directors carry the VIPs; the default is the segment whose subnet contains the VIP.
    pub segment: Option<Located<SegmentName>>,
    /// The prefix lengths of `vip` that cover more than one address.
    #[schemars(skip)]
    pub short_prefixes: Vec<Located<u8>>,
    /// `port` and `fwmark`: they select the packets that the service balances.
    #[schemars(skip)]
    pub port_or_mark: PortOrMark,
    /// `protocol`: the transport protocol, or with a `fwmark` several; the default is `tcp`.
    #[schemars(with = "Option<OneOrMany<Protocol>>", rename = "protocol")]
    pub written_protocols: Vec<Located<Protocol>>,
    /// `forwarding`: how packets reach the real servers; the default is `direct`.
    pub forwarding: Option<Located<Forwarding>>,
    /// `scheduler`: the scheduler; the default is `wlc`.
    pub scheduler: Option<Located<Scheduler>>,
    /// `scheduler_flags`: the flags of the schedulers `sh` and `mh`.
    #[schemars(with = "Option<Vec<SchedulerFlag>>")]
    pub scheduler_flags: Vec<Located<SchedulerFlag>>,
    /// `persistence`: if it is set, all connections of a client go to the same real server.
    #[schemars(with = "Option<Persists>")]
    pub persistence: Option<Located<Persistence>>,
    /// `one_packet`: whether IPVS chooses a real server for each UDP datagram separately.
    pub one_packet: Option<Located<bool>>,
    /// `health`: the health check of the service's real servers; the default is the `health` of the cluster.
    pub health: Option<Located<Health>>,
    /// `on_failure`: whether a failed check removes a real server or sets its weight to 0; the default is `remove`.
    pub on_failure: Option<Located<OnFailure>>,
    /// `start`: the state of the real servers before their first check; the default is `down`.
    pub start: Option<Located<Start>>,
    /// `quorum`: the smallest sum of weights with which the service works; the default is 1. Below it, the real servers
    /// leave the table, if the service has a `sorry_server`.
    #[schemars(with = "Option<u32>", range(min = 1, max = 65535))]
    pub quorum: Option<Located<u32>>,
    /// `hysteresis`: the sum of weights above the `quorum` that brings the service back; the default is 0.
    #[schemars(with = "Option<u32>", range(min = 0, max = 65535))]
    pub hysteresis: Option<Located<u32>>,
    /// `sorry_server`: the host that answers while the `quorum` is lost: the name of an entry of the cluster's
    /// `real_servers`, or the address of a server that lvsgen does not set up.
    #[schemars(with = "Option<SorryServer>")]
    pub sorry_server: Option<Located<SorryServer>>,
    /// `real_servers`: the real servers of this service; the default is all real servers that are no sorry server, each
    /// with weight 1.
    #[schemars(with = "Option<Vec<Listed>>")]
    pub real_servers: Option<Located<Vec<ServiceServer>>>,
}

/// Adds `port` and `fwmark` to the schema. At least one of the two keys is required.
fn endpoint(schema: &mut Schema) {
    let mut generator = SchemaGenerator::default();
    let mut ports = OneOrMany::<Ports>::json_schema(&mut generator);
    ports.insert(
        "description".into(),
        "the port that clients use; with a `fwmark`, the ports that get the mark".into(),
    );
    let mark = json!({
        "type": "integer", "minimum": 1, "maximum": i32::MAX,
        "description": "the firewall mark of the packets that the service takes",
    });
    if let Some(keys) = schema.get_mut("properties").and_then(Value::as_object_mut) {
        keys.insert("port".into(), ports.to_value());
        keys.insert("fwmark".into(), mark);
    }
    schema.insert("anyOf".into(), json!([{ "required": ["port"] }, { "required": ["fwmark"] }]));
}

impl VirtualService {
    /// The packets to one of its VIPs, in the form in which IPVS identifies a service.
    pub fn endpoint(&self, vip: Vip) -> Endpoint {
        match &self.port_or_mark {
            PortOrMark::Port(port) => {
                let protocol = self.protocols()[0];
                Endpoint::Socket { protocol, address: vip.0, port: port.value }
            }
            PortOrMark::AnyPort(_) => {
                Endpoint::Socket { protocol: self.protocols()[0], address: vip.0, port: 0 }
            }
            PortOrMark::Fwmark { mark, .. } => {
                Endpoint::Mark { mark: mark.value, family: vip.family() }
            }
        }
    }

    /// The VIPs by which the tables know the service: with a mark, one of each family stands for all of them.
    pub fn table_vips(&self) -> impl Iterator<Item = Vip> {
        let all = self.vips.iter().map(|vip| vip.value);
        let first = |vip: &Vip| {
            let mut family = self.vips.iter().filter(|one| one.family() == vip.family());
            family.next().is_some_and(|one| one.value == *vip)
        };
        all.filter(move |vip| !self.has_mark() || first(vip))
    }

    /// The VIPs for which one of [`Self::table_vips`] stands.
    pub fn vips_of(&self, table_vip: Vip) -> impl Iterator<Item = Vip> {
        let all = self.vips.iter().map(|vip| vip.value);
        all.filter(move |vip| {
            *vip == table_vip || self.has_mark() && vip.family() == table_vip.family()
        })
    }

    /// Whether a firewall mark selects its packets.
    pub fn has_mark(&self) -> bool {
        matches!(self.port_or_mark, PortOrMark::Fwmark { .. })
    }

    /// The name of its sorry server, if the model names a host.
    pub fn sorry_host(&self) -> Option<&HostName> {
        match &self.sorry_server.as_ref()?.value {
            SorryServer::Host(name) => Some(name),
            SorryServer::Address(_) => None,
        }
    }

    /// Its ports. An empty list means every port.
    pub fn ports(&self) -> Vec<Located<PortRange>> {
        match &self.port_or_mark {
            PortOrMark::Port(port) => vec![Located::new(port.value.into(), port.span)],
            PortOrMark::AnyPort(_) => Vec::new(),
            PortOrMark::Fwmark { ports, .. } => ports.clone(),
        }
    }

    /// The protocols of the model, or the default `tcp`. Only a mark has several.
    pub fn protocols(&self) -> Vec<Protocol> {
        match self.written_protocols.as_slice() {
            [] => vec![Protocol::Tcp],
            written => written.iter().map(|protocol| protocol.value).collect(),
        }
    }

    /// Whether the service takes packets of a protocol.
    pub fn has_protocol(&self, protocol: Protocol) -> bool {
        self.protocols().contains(&protocol)
    }

    /// The scheduler of the model, or `wlc`, which is also the default of ipvsadm.
    pub fn scheduler(&self) -> Scheduler {
        self.scheduler.map_or(Scheduler::Wlc, |scheduler| scheduler.value)
    }

    /// The scheduler and its place. If the model does not name a scheduler, the place is that of the service's
    /// name.
    pub fn scheduler_place(&self) -> (Scheduler, Span) {
        (self.scheduler(), self.scheduler.map_or(self.name.span, |scheduler| scheduler.span))
    }
}

/// A sum of weights.
#[derive(Clone, Copy, Debug)]
struct WeightSum<const LEAST: u64>(u32);

impl<const LEAST: u64> Decode for WeightSum<LEAST> {
    fn decode(node: &Node, report: &mut Report) -> Option<Self> {
        let read = number(node, "a sum of weights", LEAST, u16::MAX.into(), report)?;
        u32::try_from(read).ok().map(Self)
    }
}

impl Decode for VirtualService {
    fn decode(node: &Node, report: &mut Report) -> Option<Self> {
        let mut fields = Fields::of(node, "a virtual service", report)?;
        let name = fields.required("name", report);
        let vips: Option<WrittenVips> = fields.required("vip", report);
        let segment = fields.optional("segment", report);
        let ports: Option<OneOrMany<Located<Ports>>> = fields.optional("port", report);
        let mark: Option<Located<Mark>> = fields.optional("fwmark", report);
        let protocols: Option<OneOrMany<_>> = fields.optional("protocol", report);
        let forwarding = fields.optional("forwarding", report);
        let scheduler = fields.optional("scheduler", report);
        let flags: Option<Vec<Located<SchedulerFlag>>> = fields.optional("scheduler_flags", report);
        let persistence = fields.optional("persistence", report);
        let one_packet = fields.optional("one_packet", report);
        let health = fields.optional("health", report);
        let on_failure = fields.optional("on_failure", report);
        let start = fields.optional("start", report);
        let quorum: Option<Located<WeightSum<1>>> = fields.optional("quorum", report);
        let hysteresis: Option<Located<WeightSum<0>>> = fields.optional("hysteresis", report);
        let sorry_server = fields.optional("sorry_server", report);
        let real_servers = fields.optional("real_servers", report);
        fields.finish(report)?;
        let ports = ports.map(|OneOrMany(ports)| ports).unwrap_or_default();
        let port_or_mark = port_or_mark(mark, ports, node.anchor(), report)?;
        let WrittenVips { vips, short_prefixes } = vips?;
        let protocols = protocols.map(|OneOrMany(protocols)| protocols).unwrap_or_default();
        let written_protocols = distinct_protocols(protocols, &port_or_mark, report)?;
        Some(Self {
            name: name?,
            entry: node.span,
            vips,
            short_prefixes,
            segment,
            port_or_mark,
            written_protocols,
            forwarding,
            scheduler,
            scheduler_flags: flags.unwrap_or_default(),
            persistence,
            one_packet,
            health,
            on_failure,
            start,
            quorum: quorum.map(|sum| Located::new(sum.value.0, sum.span)),
            hysteresis: hysteresis.map(|sum| Located::new(sum.value.0, sum.span)),
            sorry_server,
            real_servers,
        })
    }
}

/// `persistence`: the timeout, and the number of address bits that identify a client.
#[derive(Clone, Debug, JsonSchema)]
#[schemars(deny_unknown_fields)]
pub struct Persistence {
    /// `timeout`: the time for which IPVS remembers the real server of a client, in seconds; the default is 300.
    #[schemars(with = "Option<u32>", range(min = 1, max = 2_678_400))]
    pub timeout: u32,
    /// `netmask`: a prefix length; IPv4 addresses with the same prefix count as one client; the default is 32.
    #[schemars(with = "Option<u8>", range(min = 1, max = 32))]
    pub netmask: u8,
    /// `netmask6`: a prefix length; IPv6 addresses with the same prefix count as one client; the default is 128.
    #[schemars(with = "Option<u8>", range(min = 1, max = 128))]
    pub netmask6: u8,
}

/// The default timeout according to the manuals of keepalived and ipvsadm. But ipvsadm 1.31 uses 360, so lvsgen
/// always writes the timeout into the rules.
const PERSISTENCE_TIMEOUT: u32 = 300;

#[derive(Clone, Copy, Debug)]
struct Netmask<const LONGEST: u64>(u8);

impl<const LONGEST: u64> Decode for Netmask<LONGEST> {
    fn decode(node: &Node, report: &mut Report) -> Option<Self> {
        let read = number(node, "a prefix length", 1, LONGEST, report)?;
        u8::try_from(read).ok().map(Self)
    }
}

impl Decode for Persistence {
    /// Reads a mapping, or only a timeout.
    fn decode(node: &Node, report: &mut Report) -> Option<Self> {
        let (netmask, netmask6) = (32, 128);
        if let Content::Scalar { .. } = node.content {
            let Seconds(timeout) = Seconds::decode(node, report)?;
            return Some(Self { timeout, netmask, netmask6 });
        }
        let mut fields = Fields::of(node, "`persistence`", report)?;
        let timeout = fields.optional("timeout", report);
        let v4 = fields.optional("netmask", report);
        let v6 = fields.optional("netmask6", report);
        fields.finish(report)?;
        Some(Self {
            timeout: timeout.map_or(PERSISTENCE_TIMEOUT, |Seconds(time)| time),
            netmask: v4.map_or(netmask, |Netmask::<32>(length)| length),
            netmask6: v6.map_or(netmask6, |Netmask::<128>(length)| length),
        })
    }
}

/// The value of `persistence`.
struct Persists;

schema!(Persists, "PersistenceOrTimeout", |generator| {
    let seconds = json_schema!({ "type": "integer", "minimum": 1, "maximum": 2_678_400 });
    or_short(&generator.subschema_for::<Persistence>(), &seconds)
});
