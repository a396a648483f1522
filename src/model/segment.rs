//! The segments of a cluster: layer-2 networks, with their subnets and gateways.

use schemars::{JsonSchema, Schema, SchemaGenerator, json_schema};
use serde_json::{Value, json};

use super::Cluster;
use super::address::{Gateway, NameServer, Subnet};
use super::decode::{Decode, Fields, OneOrMany};
use super::family::PerFamily;
use super::interface::Interface;
use super::name::SegmentName;
use super::schema_part::schema;
use super::shape;
use crate::diagnostic::{Finding, Report, did_you_mean, quoted};
use crate::source::{Located, Span};
use crate::yaml::Node;

/// One layer-2 network. For direct routing, a director and a real server must have a segment in common.
#[derive(Clone, Debug, JsonSchema)]
#[schemars(deny_unknown_fields)]
pub struct Segment {
    /// Its key in `segments`; `None` for `network`, which is the only segment.
    #[schemars(skip)]
    pub name: Option<Located<SegmentName>>,
    /// `interface`: the NIC for all hosts that do not name another NIC for this segment.
    pub interface: Interface,
    /// `subnet`: the subnet of the segment, one for each address family.
    pub subnet: PerFamily<Subnet>,
    /// `gateway`: the gateway to which the real servers send their answers, one for each address family.
    pub gateway: Option<PerFamily<Gateway>>,
    /// `dns`: the name servers. lvsgen writes them to files that contain the whole configuration of a NIC.
    #[schemars(with = "Option<OneOrMany<NameServer>>")]
    pub dns: Vec<Located<NameServer>>,
}

/// The identity of a segment: its position in the model.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct SegmentId(pub(super) usize);

impl SegmentId {
    /// The first segment, which every model has.
    pub const FIRST: Self = Self(0);
}

impl Segment {
    /// The gateways, IPv4 first.
    pub fn gateways(&self) -> impl Iterator<Item = &Located<Gateway>> {
        self.gateway.iter().flat_map(PerFamily::iter)
    }

    /// The key of the model that describes the segment, for messages.
    pub fn key(&self) -> String {
        self.name.as_ref().map_or("network".to_owned(), |name| format!("segments.{}", name.value))
    }

    /// The segment, for messages.
    pub fn label(&self) -> String {
        match &self.name {
            None => "the cluster's segment".to_owned(),
            Some(name) => format!("the segment `{}`", name.value),
        }
    }

    fn read(node: &Node, what: &'static str, report: &mut Report) -> Option<Self> {
        let mut fields = Fields::of(node, what, report)?;
        let interface = fields.required("interface", report);
        let subnet = fields.required("subnet", report);
        let gateway = fields.optional("gateway", report);
        let dns: Option<OneOrMany<Located<NameServer>>> = fields.optional("dns", report);
        fields.finish(report)?;
        let dns = dns.map(|OneOrMany(servers)| servers).unwrap_or_default();
        Some(Self { name: None, interface: interface?, subnet: subnet?, gateway, dns })
    }
}

impl Decode for Segment {
    fn decode(node: &Node, report: &mut Report) -> Option<Self> {
        Self::read(node, "`network`", report)
    }
}

/// `segments`: segments by their names.
#[derive(Clone, Debug)]
pub(super) struct Segments(pub(super) Vec<Segment>);

impl Decode for Segments {
    fn decode(node: &Node, report: &mut Report) -> Option<Self> {
        let mut fields = Fields::of(node, "`segments`", report)?;
        let mut segments = Vec::new();
        for (key, _, value) in fields.rest() {
            let name = Located::decode(key, report);
            let segment = Segment::read(value, "a segment", report);
            match (name, segment) {
                (Some(name), Some(segment)) => {
                    segments.push(Segment { name: Some(name), ..segment });
                }
                _ => fields.fail(),
            }
        }
        fields.finish(report)?;
        if segments.is_empty() {
            let finding = Finding::at(&shape::BAD_VALUE, node.anchor(), "`segments` is empty");
            report.add(
                finding.help("write at least one segment: `front: { interface, subnet, gateway }`"),
            );
            return None;
        }
        Some(Self(segments))
    }
}

schema!(Segments, "Segments", |generator: &mut SchemaGenerator| {
    let segment = generator.subschema_for::<Segment>();
    let names = SegmentName::json_schema(generator);
    json_schema!({
        "type": "object",
        "description": "the segments of the cluster, by their names",
        "additionalProperties": segment,
        "propertyNames": names,
        "minProperties": 1,
    })
});

/// The segments of a cluster: those of `segments`, or the only one, which is `network`.
pub(super) fn of_cluster(
    network: Option<Located<Segment>>,
    segments: Option<Located<Segments>>,
    anchor: Span,
    report: &mut Report,
) -> Option<Vec<Segment>> {
    match (network, segments) {
        (Some(network), None) => Some(vec![network.value]),
        (None, Some(segments)) => Some(segments.value.0),
        (None, None) => {
            let finding = Finding::at(&shape::MISSING_KEY, anchor, "a cluster has no `network`");
            let help = "add the key `network`, or `segments` if the hosts are in several networks";
            report.add(finding.help(help));
            None
        }
        (Some(network), Some(segments)) => {
            let message = "a cluster has `network` or `segments`, not both";
            let finding = Finding::at(&shape::BAD_VALUE, segments.span, message);
            report.add(
                finding
                    .related(network.span, "the other key")
                    .help("write the content of `network` as an entry of `segments`"),
            );
            None
        }
    }
}

impl Cluster {
    /// Reports every name of a segment that does not exist. Gives whether all exist.
    pub(super) fn knows_its_segments(&self, report: &mut Report) -> bool {
        let known: Vec<&str> = self
            .segments
            .iter()
            .filter_map(|segment| Some(segment.name.as_ref()?.value.as_str()))
            .collect();
        let nics = self.hosts().flat_map(|host| &host.nics);
        let services = self.virtual_services.iter().filter_map(|service| service.segment.as_ref());
        let named = nics.filter_map(|nic| nic.segment.as_ref()).chain(services);
        let unknown = named.filter(|name| !known.contains(&name.value.as_str()));
        let mut all = true;
        for name in unknown {
            all = false;
            let message = format!("there is no segment `{}`", name.value);
            let help =
                did_you_mean(name.value.as_str(), known.iter().copied()).unwrap_or_else(|| {
                    match known.is_empty() {
                        true => "the model has `network`, which has no name: write `segments`"
                            .to_owned(),
                        false => format!("the segments are {}", quoted(known.iter().copied())),
                    }
                });
            report.add(Finding::at(&shape::BAD_VALUE, name.span, message).help(help));
        }
        all
    }
}

/// Adds `network` to the schema of a cluster.
pub(super) fn short_form(schema: &mut Schema) {
    if let Some(keys) = schema.get_mut("properties").and_then(Value::as_object_mut) {
        let network = json!({
            "description": "the only segment of the cluster",
            "allOf": [{ "$ref": "#/definitions/Segment" }],
        });
        keys.insert("network".into(), network);
    }
    schema
        .insert("oneOf".into(), json!([{ "required": ["network"] }, { "required": ["segments"] }]));
}
