//! The real servers of one virtual service, with their weights and thresholds.

use schemars::{JsonSchema, Schema, json_schema};
use serde::Serialize;

use super::decode::{Decode, Fields, number};
use super::expand::{entry_include, or_form, range_of_names};
use super::health::Health;
use super::name::HostName;
use super::port_or_mark::Port;
use super::schema_part::schema;
use crate::diagnostic::Report;
use crate::ipvs::Forwarding;
use crate::source::Located;
use crate::yaml::{Content, Node};

/// `virtual_services[].real_servers[]`: one real server of a service.
#[derive(Clone, Debug, JsonSchema)]
#[schemars(deny_unknown_fields)]
pub struct ServiceServer {
    /// `name`: the name of a host in the cluster's `real_servers`.
    pub name: Located<HostName>,
    /// `weight`: the weight; the default is 1.
    pub weight: Option<Located<Weight>>,
    /// `forwarding`: how packets reach this real server; the default is the `forwarding` of the service.
    pub forwarding: Option<Located<Forwarding>>,
    /// `port`: the port of the real server; the default is the port of the service. Only `masquerade` can change the
    /// port.
    #[schemars(range(min = 1, max = 65535))]
    pub port: Option<Located<u16>>,
    /// `upper_threshold`: the largest number of connections. A real server with this number gets no new
    /// connections. The default is no limit.
    #[schemars(range(min = 1, max = 2_147_483_647))]
    pub upper_threshold: Option<Located<u32>>,
    /// `lower_threshold`: a number of connections. A real server that has reached its `upper_threshold` gets new
    /// connections again when its number of connections falls below this number.
    #[schemars(range(min = 1, max = 2_147_483_647))]
    pub lower_threshold: Option<Located<u32>>,
    /// `health`: the health check of this real server; the default is the `health` of the service.
    pub health: Option<Located<Health>>,
}

/// The weight of a real server. A real server with a larger weight gets more connections. A real server with the
/// weight 0 gets no new connections.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, JsonSchema)]
#[serde(transparent)]
pub struct Weight(pub u16);

impl Decode for Weight {
    fn decode(node: &Node, report: &mut Report) -> Option<Self> {
        // Debian's ipvsadm also accepts 65536, but the ipvsadm of other distributions does not.
        let read = number(node, "a weight", 0, u16::MAX.into(), report)?;
        u16::try_from(read).ok().map(Self)
    }
}

#[derive(Clone, Copy, Debug)]
struct Threshold(u32);

impl Decode for Threshold {
    fn decode(node: &Node, report: &mut Report) -> Option<Self> {
        let read = number(node, "a number of connections", 1, i32::MAX as u64, report)?;
        u32::try_from(read).ok().map(Self)
    }
}

impl Decode for ServiceServer {
    /// Reads a mapping, or only a name.
    fn decode(node: &Node, report: &mut Report) -> Option<Self> {
        if let Content::Scalar { .. } = node.content {
            let name = Located::decode(node, report)?;
            return Some(Self {
                name,
                weight: None,
                forwarding: None,
                port: None,
                upper_threshold: None,
                lower_threshold: None,
                health: None,
            });
        }
        let mut fields = Fields::of(node, "a service's real server", report)?;
        let name = fields.required("name", report);
        let weight = fields.optional("weight", report);
        let forwarding = fields.optional("forwarding", report);
        let port: Option<Located<Port>> = fields.optional("port", report);
        let upper = fields.optional("upper_threshold", report);
        let lower = fields.optional("lower_threshold", report);
        let health = fields.optional("health", report);
        fields.finish(report)?;
        let connections = |read: Located<Threshold>| Located::new(read.value.0, read.span);
        Some(Self {
            name: name?,
            weight,
            forwarding,
            port: port.map(|port| Located::new(port.value.0, port.span)),
            upper_threshold: upper.map(connections),
            lower_threshold: lower.map(connections),
            health,
        })
    }
}

/// An entry in a service's list of real servers.
pub(super) struct Listed;

schema!(Listed, "ListedRealServer", |generator| {
    let name = generator.subschema_for::<HostName>();
    let server = generator.subschema_for::<ServiceServer>();
    let definition = generator.definitions_mut().get_mut("ServiceServer");
    if let Some(own) = definition.and_then(|one| <&mut Schema>::try_from(one).ok()) {
        or_form(own, "name", &[range_of_names().to_value()]);
    }
    json_schema!({ "anyOf": [name, range_of_names(), server, entry_include()] })
});
