//! The NICs of a host, one in each of its segments.

use schemars::{JsonSchema, Schema, SchemaGenerator};
use serde_json::{Value, json};

use super::address::HostAddress;
use super::decode::{Decode, Fields, empty_list};
use super::family::PerFamily;
use super::interface::Interface;
use super::name::SegmentName;
use super::shape;
use crate::diagnostic::{Finding, Report};
use crate::ipvs::Family;
use crate::source::{Located, Span};
use crate::yaml::{Content, Node};

/// An entry of `nics`: a NIC of a host in a segment.
#[derive(Clone, Debug, JsonSchema)]
#[schemars(deny_unknown_fields)]
pub struct Nic {
    /// `segment`: its segment; the default is the segment whose subnet contains its address.
    pub segment: Option<Located<SegmentName>>,
    /// `address`: the address of the host on this NIC, one for each address family.
    pub address: PerFamily<HostAddress>,
    /// `interface`: its name, if it is not the `interface` of the segment.
    pub interface: Option<Interface>,
}

impl Nic {
    /// Its address of a family.
    pub fn address(&self, family: Family) -> Option<HostAddress> {
        self.address.of(family).map(|address| address.value)
    }
}

impl Decode for Nic {
    fn decode(node: &Node, report: &mut Report) -> Option<Self> {
        let mut fields = Fields::of(node, "a NIC", report)?;
        let segment = fields.optional("segment", report);
        let address = fields.required("address", report);
        let interface = fields.optional("interface", report);
        fields.finish(report)?;
        Some(Self { segment, address: address?, interface })
    }
}

/// `nics`: a list that is not empty.
pub(super) struct Nics(Vec<Nic>);

impl Decode for Nics {
    fn decode(node: &Node, report: &mut Report) -> Option<Self> {
        match &node.content {
            Content::Sequence(items) if items.is_empty() => empty_list(node, report),
            _ => Vec::decode(node, report).map(Self),
        }
    }
}

/// The keys of a host that describe its NICs: `nics`, or `address` and `interface` of the only one.
pub(super) struct Written {
    address: Option<PerFamily<HostAddress>>,
    interface: Option<Interface>,
    nics: Option<Located<Nics>>,
}

impl Written {
    /// Takes the keys of a host.
    pub(super) fn take(fields: &mut Fields<'_>, report: &mut Report) -> Self {
        // A host without any of the two keys misses the short form.
        let address = match fields.has("nics") {
            true => fields.optional("address", report),
            false => fields.required("address", report),
        };
        let nics = fields.optional("nics", report);
        Self { address, interface: fields.optional("interface", report), nics }
    }

    /// The NICs of the host.
    pub(super) fn nics(self, report: &mut Report) -> Option<Vec<Nic>> {
        let Self { address, interface, nics } = self;
        let Some(nics) = nics else {
            return Some(vec![Nic { segment: None, address: address?, interface }]);
        };
        let address = address.and_then(|address| Some(("address", address.iter().next()?.span)));
        let interface = interface.map(|interface| ("interface", interface.name.span));
        match address.or(interface) {
            None => Some(nics.value.0),
            Some((key, span)) => {
                refuse(key, span, nics.span, report);
                None
            }
        }
    }
}

fn refuse(key: &str, span: Span, nics: Span, report: &mut Report) {
    let message = format!("a host with `nics` cannot have the key `{key}`");
    report.add(
        Finding::at(&shape::BAD_VALUE, span, message)
            .related(nics, "its NICs")
            .help(format!("write `{key}` in the entry of `nics`")),
    );
}

/// Adds the short form to the schema of a host.
pub(super) fn short_form(generator: &mut SchemaGenerator, host: &mut Schema) {
    let mut address = PerFamily::<HostAddress>::json_schema(generator);
    address.insert(
        "description".into(),
        "its own address (DIP or RIP), one for each address family".into(),
    );
    let interface = generator.subschema_for::<Interface>().to_value();
    let interface = json!({
        "description": "its NIC, if it is not the `interface` of its segment",
        "allOf": [interface],
    });
    if let Some(keys) = host.get_mut("properties").and_then(Value::as_object_mut) {
        keys.insert("address".into(), address.to_value());
        keys.insert("interface".into(), interface);
    }
    let forms = json!([
        { "required": ["address"], "not": { "required": ["nics"] } },
        { "required": ["nics"], "not": { "anyOf": [{ "required": ["address"] }, { "required": ["interface"] }] } },
    ]);
    host.insert("anyOf".into(), forms);
}
