//! Virtual services: the services that clients use, and the real servers that answer.

use schemars::{JsonSchema, Schema, SchemaGenerator, json_schema};
use serde_json::{Value, json};

use super::address::{Vip, WrittenVip};
use super::decode::{Decode, Fields, OneOrMany, number, word};
use super::family::PerFamily;
use super::health::{Health, OnFailure, Start};
use super::name::{HostName, ServiceName};
use super::network::Seconds;
use super::schema_part::{or_short, schema, text};
use super::service_server::{Listed, ServiceServer};
use super::shape;
use super::sorry_server::SorryServer;
use crate::diagnostic::{Finding, Report};
use crate::ipvs::{Endpoint, Forwarding, PortRange, Protocol, Scheduler, SchedulerFlag};
use crate::source::{Located, Span};
use crate::yaml::{Content, Node};

/// `virtual_services[]`: one service. It has one VIP, or one VIP for each address family.
#[derive(Clone, Debug, JsonSchema)]
#[schemars(deny_unknown_fields, transform = endpoint)]
pub struct VirtualService {
    /// `name`: the name that findings use for the service.
    pub name: Located<ServiceName>,
    /// `vip`: the addresses that clients use, IPv4 first.
    #[schemars(with = "PerFamily<Vip>", rename = "vip")]
    pub vips: Vec<Located<Vip>>,
    /// The prefix lengths of `vip` that cover more than one address.
    #[schemars(skip)]
    pub short_prefixes: Vec<Located<u8>>,
    /// `port` and `fwmark`: they select the packets that the service balances.
    #[schemars(skip)]
    pub port_or_mark: PortOrMark,
    /// `protocol`: the transport protocol; the default is `tcp`.
    pub protocol: Option<Located<Protocol>>,
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

/// The packets that a service balances.
#[derive(Clone, Debug)]
pub enum PortOrMark {
    /// `port`: the packets to one port of the VIP.
    Port(Located<u16>),
    /// `fwmark`: the packets with a firewall mark. lvsgen writes firewall rules that mark the packets to
    /// `ports`. If `ports` is empty, the rules mark the packets to every port.
    Fwmark {
        /// The mark.
        mark: Located<u32>,
        /// The ports. Packets to these ports get the mark.
        ports: Vec<Located<PortRange>>,
    },
}

impl VirtualService {
    /// The packets to one of its VIPs, in the form in which IPVS identifies a service.
    pub fn endpoint(&self, vip: Vip) -> Endpoint {
        match &self.port_or_mark {
            PortOrMark::Port(port) => {
                Endpoint::Socket { protocol: self.protocol(), address: vip.0, port: port.value }
            }
            PortOrMark::Fwmark { mark, .. } => {
                Endpoint::Mark { mark: mark.value, family: vip.family() }
            }
        }
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
            PortOrMark::Fwmark { ports, .. } => ports.clone(),
        }
    }

    /// The protocol of the model, or the default `tcp`.
    pub fn protocol(&self) -> Protocol {
        self.protocol.map_or(Protocol::Tcp, |protocol| protocol.value)
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

/// A port number.
#[derive(Clone, Copy, Debug)]
pub(super) struct Port(pub(super) u16);

impl Decode for Port {
    fn decode(node: &Node, report: &mut Report) -> Option<Self> {
        let read = number(node, "a port", 1, u16::MAX.into(), report)?;
        u16::try_from(read).ok().map(Self)
    }
}

/// Ports of a service: a number, or a range such as `50000-50100`.
#[derive(Clone, Copy, Debug)]
struct Ports(PortRange);

impl Decode for Ports {
    fn decode(node: &Node, report: &mut Report) -> Option<Self> {
        match &node.content {
            Content::Scalar { text, .. } if text.contains('-') => {}
            _ => return Port::decode(node, report).map(|port| Self(port.0.into())),
        }
        let read = |text: &str| {
            let range: Option<PortRange> = text.parse().ok();
            let range = range.filter(|range| 0 < range.first && range.first <= range.last);
            range.map(Self).ok_or_else(|| "write it like 50000-50100".to_owned())
        };
        word(node, "a range of ports", read, report)
    }
}

/// A firewall mark.
#[derive(Clone, Copy, Debug)]
struct Mark(u32);

impl Decode for Mark {
    fn decode(node: &Node, report: &mut Report) -> Option<Self> {
        // If a mark is larger than 2^31-1, ipvsadm saves a negative number. ipvsadm cannot read this number.
        let read = number(node, "a firewall mark", 1, i32::MAX as u64, report)?;
        u32::try_from(read).ok().map(Self)
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
        let vip: Option<PerFamily<WrittenVip>> = fields.required("vip", report);
        let ports: Option<OneOrMany<Located<Ports>>> = fields.optional("port", report);
        let mark: Option<Located<Mark>> = fields.optional("fwmark", report);
        let protocol = fields.optional("protocol", report);
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
        Some(Self {
            name: name?,
            short_prefixes: vip.as_ref().map(WrittenVip::short_prefixes).unwrap_or_default(),
            vips: vip?.map(|written| written.vip).into_sorted(),
            port_or_mark,
            protocol,
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

/// Joins the keys `port` and `fwmark`, which select the packets of a service.
fn port_or_mark(
    mark: Option<Located<Mark>>,
    ports: Vec<Located<Ports>>,
    service: Span,
    report: &mut Report,
) -> Option<PortOrMark> {
    let mut ports: Vec<Located<PortRange>> =
        ports.into_iter().map(|port| Located::new(port.value.0, port.span)).collect();
    // If a list contains a port twice, the user made a typing mistake: the list lacks another port.
    for (at, port) in ports.iter().enumerate() {
        if let Some(before) = ports[..at].iter().find(|one| one.value.overlaps(port.value)) {
            let message = match port.value.single() {
                Some(port) => format!("the port {port} stands here twice"),
                None => format!("a port of {} stands here twice", port.value),
            };
            let finding = Finding::at(&shape::BAD_VALUE, port.span, message);
            report.add(finding.related(before.span, "the first one").help("keep one of them"));
            return None;
        }
    }
    let single = |port: &Located<PortRange>| port.value.single();
    match (mark, ports.pop()) {
        // If there is a mark, the ports only decide which packets get the mark. The service balances every
        // packet that has the mark.
        (Some(mark), last) => {
            ports.extend(last);
            Some(PortOrMark::Fwmark { mark: Located::new(mark.value.0, mark.span), ports })
        }
        (None, Some(port)) if ports.is_empty() && single(&port).is_some() => {
            Some(PortOrMark::Port(Located::new(port.value.first, port.span)))
        }
        (None, Some(port)) => {
            let message = "a virtual service has several ports but no `fwmark`";
            let help = "give it a `fwmark`, or write a service for each port";
            report.add(Finding::at(&shape::BAD_VALUE, port.span, message).help(help));
            None
        }
        (None, None) => {
            let message = "a virtual service has neither `port` nor `fwmark`";
            let help = "add the `port` that clients use";
            report.add(Finding::at(&shape::MISSING_KEY, service, message).help(help));
            None
        }
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

impl JsonSchema for Port {
    fn inline_schema() -> bool {
        true
    }

    fn schema_name() -> std::borrow::Cow<'static, str> {
        "Port".into()
    }

    fn json_schema(_: &mut SchemaGenerator) -> Schema {
        json_schema!({ "type": "integer", "minimum": 1, "maximum": 65535 })
    }
}

impl JsonSchema for Ports {
    fn inline_schema() -> bool {
        true
    }

    fn schema_name() -> std::borrow::Cow<'static, str> {
        "Ports".into()
    }

    fn json_schema(generator: &mut SchemaGenerator) -> Schema {
        let range =
            text("a range of ports, with `fwmark` only", r"^\d{1,5}-\d{1,5}$", "50000-50100");
        json_schema!({ "anyOf": [Port::json_schema(generator), range] })
    }
}
