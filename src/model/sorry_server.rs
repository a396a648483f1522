//! The sorry server of a service.

use std::net::IpAddr;

use schemars::json_schema;

use super::address::HostAddress;
use super::decode::Decode;
use super::name::HostName;
use super::schema_part::schema;
use crate::diagnostic::Report;
use crate::yaml::{Content, Node};

/// `sorry_server`: the host that answers while a service has lost its quorum.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum SorryServer {
    /// A host of the cluster's `real_servers`.
    Host(HostName),
    /// A server that lvsgen does not set up.
    Address(HostAddress),
}

impl Decode for SorryServer {
    fn decode(node: &Node, report: &mut Report) -> Option<Self> {
        match &node.content {
            Content::Scalar { text, .. } if text.parse::<IpAddr>().is_ok() => {
                HostAddress::decode(node, report).map(Self::Address)
            }
            _ => HostName::decode(node, report).map(Self::Host),
        }
    }
}

schema!(SorryServer, "SorryServer", |generator| {
    let name = generator.subschema_for::<HostName>();
    let address = generator.subschema_for::<HostAddress>();
    json_schema!({ "anyOf": [name, address] })
});
