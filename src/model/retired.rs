//! The hosts that left the cluster.

use schemars::{JsonSchema, Schema, SchemaGenerator};

use super::address::HostAddress;
use super::decode::{Decode, Fields};
use super::expand::entry_of_hosts;
use super::family::PerFamily;
use super::name::HostName;
use crate::diagnostic::Report;
use crate::source::Located;
use crate::yaml::Node;

/// An entry of `retired`: a host that left the cluster. Its deliveries undo everything that its record holds.
#[derive(Clone, Debug)]
pub struct Retired {
    /// `name`: the name that the host had in the cluster.
    pub name: Located<HostName>,
    /// `address`: the address by which a person or Ansible reaches the host.
    pub address: PerFamily<HostAddress>,
}

impl Retired {
    /// The address by which a person or Ansible reaches the host.
    pub fn management_address(&self) -> HostAddress {
        self.address.iter().next().expect("an entry of `retired` has an address").value
    }
}

impl Decode for Retired {
    fn decode(node: &Node, report: &mut Report) -> Option<Self> {
        let mut fields = Fields::of(node, "a retired host", report)?;
        let name = fields.required("name", report);
        let address = fields.required("address", report);
        fields.finish(report)?;
        Some(Self { name: name?, address: address? })
    }
}

/// The keys of an entry, for the schema.
#[derive(JsonSchema)]
#[schemars(deny_unknown_fields)]
#[expect(dead_code, reason = "only the schema reads these fields")]
struct Keys {
    /// `name`: the name that the host had in the cluster.
    name: HostName,
    /// `address`: the address by which a person or Ansible reaches the host.
    address: PerFamily<HostAddress>,
}

impl JsonSchema for Retired {
    fn schema_name() -> std::borrow::Cow<'static, str> {
        "Retired".into()
    }

    fn json_schema(generator: &mut SchemaGenerator) -> Schema {
        let mut keys = Keys::json_schema(generator);
        keys.insert("description".into(), "a host that left the cluster".into());
        entry_of_hosts(keys)
    }
}
