//! The NIC of a host on the cluster's segment.

use std::borrow::Cow;

use schemars::JsonSchema;

use super::decode::{Decode, Fields, decode_keywords};
use super::name::{InterfaceName, NetplanId, NetworkFile};
use super::nic_kind::NicKind;
use super::schema_part::{or_short, schema};
use crate::diagnostic::Report;
use crate::source::Located;
use crate::yaml::{Content, Node};

decode_keywords!(NicKind);

/// `interface`: a name, or a mapping.
#[derive(Clone, Debug)]
pub struct Interface {
    /// `name`: its name.
    pub name: Located<InterfaceName>,
    /// `kind`: its kind, if the name does not show the kind.
    kind: Option<NicKind>,
    /// `netplan_id`: its id in the site's netplan files, if the id is not the name.
    netplan_id: Option<NetplanId>,
    /// `network_file`: the file of systemd-networkd that sets up the NIC.
    network_file: Option<NetworkFile>,
}

impl Interface {
    /// A NIC of which only the name is known.
    pub fn named(name: Located<InterfaceName>) -> Self {
        Self { name, kind: None, netplan_id: None, network_file: None }
    }

    /// Its kind: the written kind, or the kind that its name shows.
    pub fn kind(&self) -> NicKind {
        self.kind.unwrap_or_else(|| self.name.kind())
    }

    /// Its id in netplan files: the written id, or its name.
    pub fn netplan_id(&self) -> &str {
        self.netplan_id.as_ref().map_or(self.name.as_str(), NetplanId::as_str)
    }

    /// The name of the file of systemd-networkd that sets up the NIC: the written name, or the name that netplan's generator gives
    /// to the file.
    pub fn network_file(&self) -> Cow<'_, str> {
        match &self.network_file {
            Some(file) => file.as_str().into(),
            None => format!("10-netplan-{}.network", self.netplan_id()).into(),
        }
    }
}

impl Decode for Interface {
    fn decode(node: &Node, report: &mut Report) -> Option<Self> {
        if !matches!(node.content, Content::Mapping(_)) {
            return Located::decode(node, report).map(Self::named);
        }
        let mut fields = Fields::of(node, "`interface`", report)?;
        let name = fields.required("name", report);
        let kind = fields.optional("kind", report);
        let netplan_id = fields.optional("netplan_id", report);
        let network_file = fields.optional("network_file", report);
        fields.finish(report)?;
        Some(Self { name: name?, kind, netplan_id, network_file })
    }
}

/// The long form of an interface.
#[derive(JsonSchema)]
#[schemars(deny_unknown_fields)]
#[expect(dead_code, reason = "the schema alone has this shape")]
struct InterfaceMapping {
    /// `name`: the name of the NIC.
    name: InterfaceName,
    /// `kind`: the kind of the NIC, if its name does not show the kind.
    kind: Option<NicKind>,
    /// `netplan_id`: the id of the NIC in the site's netplan files, if the id is not the name.
    netplan_id: Option<NetplanId>,
    /// `network_file`: the file of systemd-networkd that sets up the NIC, without its folder (`networkctl status NIC`), if netplan
    /// did not make the file.
    network_file: Option<NetworkFile>,
}

schema!(Interface, "Interface", |generator| {
    let mapping = generator.subschema_for::<InterfaceMapping>();
    or_short(&mapping, &generator.subschema_for::<InterfaceName>())
});
