//! The hosts of a cluster.

use std::fmt;

use schemars::{JsonSchema, Schema, SchemaGenerator};
use serde::{Deserialize, Serialize};

use super::address::{Gateway, HostAddress};
use super::decode::{Decode, Fields, OneOrMany};
use super::expand::entry_of_hosts;
use super::family::PerFamily;
use super::name::{HostName, InterfaceName, TargetName, Text};
use super::need::Mechanisms;
use super::nic::{self, Nic};
use super::sysctl::SysctlFiles;
use super::tuning::Tuning;
use crate::diagnostic::Report;
use crate::ipvs::Family;
use crate::source::{Located, Span};
use crate::yaml::Node;

/// The role of a host in the cluster.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Role {
    /// Holds the VIPs and the IPVS table.
    Director,
    /// Answers the clients.
    RealServer,
    /// Holds the storage that the real servers share.
    NfsServer,
    /// Runs the Prometheus that watches the other hosts.
    MonitoringServer,
}

impl Role {
    /// The name of the role in data files: `director`, `real-server`, `nfs-server` or `monitoring-server`.
    pub fn keyword(self) -> &'static str {
        match self {
            Self::Director => "director",
            Self::RealServer => "real-server",
            Self::NfsServer => "nfs-server",
            Self::MonitoringServer => "monitoring-server",
        }
    }
}

impl fmt::Display for Role {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Director => "director",
            Self::RealServer => "real server",
            Self::NfsServer => "NFS server",
            Self::MonitoringServer => "monitoring server",
        })
    }
}

/// A host: a director, a real server, the NFS server or the monitoring server.
#[derive(Clone, Debug, JsonSchema)]
#[schemars(deny_unknown_fields)]
pub struct Host {
    /// Its role. The key of the model that contains the host decides the role.
    #[schemars(skip)]
    pub role: Role,
    /// `name`: its host name. The host's directory in the output has the same name.
    pub name: Located<HostName>,
    /// The place of its entry, with all its keys.
    #[schemars(skip)]
    pub entry: Span,
    /// `nics`: its NICs, one in each of its segments, the most important first. The short form for one NIC is `address` and
    /// `interface`.
    #[schemars(with = "Option<Vec<Nic>>")]
    pub nics: Vec<Nic>,
    /// `management_address`: the address by which a person or Ansible reaches it, if that is not its `address`.
    pub management_address: Option<Located<HostAddress>>,
    /// `target`: its OS profile, if the host does not use the `target` of the cluster.
    pub target: Option<Located<TargetName>>,
    /// `gateway`: its gateways, in the place of those of its segments.
    pub gateway: Option<PerFamily<Gateway>>,
    /// `managed`: `false` for an appliance: the tables have the host, and lvsgen gives it no files. For a real server or the NFS server.
    #[schemars(with = "Option<bool>")]
    pub managed: Option<Located<bool>>,
    /// `other_interfaces`: its NICs that are in no segment of the cluster.
    #[schemars(with = "Option<OneOrMany<InterfaceName>>")]
    pub other_interfaces: Vec<Located<InterfaceName>>,
    /// `mechanisms`: its mechanisms. They overwrite the `mechanisms` of the cluster.
    #[schemars(with = "Option<Mechanisms>")]
    pub mechanisms: Mechanisms,
    /// `tuning`: its tuning. Each key overrides the same key of the cluster's `tuning`.
    pub tuning: Option<Located<Tuning>>,
    /// `sysctl_files`: more sysctl files in its image, in addition to the `sysctl_files` of the cluster.
    #[schemars(with = "Option<SysctlFiles>")]
    pub sysctl_files: SysctlFiles,
    /// `title`: the title of a real server's page. The page shows which node answered. Only a real server
    /// can have this key.
    pub title: Option<Located<Text>>,
}

impl Host {
    /// Whether lvsgen gives the host its files.
    pub fn is_managed(&self) -> bool {
        self.managed.is_none_or(|managed| managed.value)
    }

    /// Its address of a family on the first NIC that has one.
    pub fn address(&self, family: Family) -> Option<HostAddress> {
        self.nics.iter().find_map(|nic| nic.address(family))
    }

    /// Its addresses on all NICs, NIC by NIC, IPv4 first.
    pub fn addresses(&self) -> impl Iterator<Item = &Located<HostAddress>> {
        self.nics.iter().flat_map(|nic| nic.address.iter())
    }

    /// Every address of the host: its own addresses, and its `management_address`.
    pub fn every_address(&self) -> impl Iterator<Item = &Located<HostAddress>> {
        self.addresses().chain(&self.management_address)
    }

    fn decode(node: &Node, role: Role, what: &'static str, report: &mut Report) -> Option<Self> {
        let mut fields = Fields::of(node, what, report)?;
        let name = fields.required("name", report);
        let nics = nic::Written::take(&mut fields, report);
        let management_address = fields.optional("management_address", report);
        let target = fields.optional("target", report);
        let gateway = fields.optional("gateway", report);
        let managed = match role {
            Role::Director | Role::MonitoringServer => None,
            Role::RealServer | Role::NfsServer => fields.optional("managed", report),
        };
        let others: Option<OneOrMany<_>> = fields.optional("other_interfaces", report);
        let mechanisms = fields.optional("mechanisms", report);
        let tuning = fields.optional("tuning", report);
        let sysctl_files = fields.optional("sysctl_files", report);
        let title = match role {
            Role::RealServer => fields.optional("title", report),
            Role::Director | Role::NfsServer | Role::MonitoringServer => None,
        };
        fields.finish(report)?;
        Some(Self {
            role,
            name: name?,
            entry: node.span,
            nics: nics.nics(report)?,
            management_address,
            target,
            gateway,
            managed,
            other_interfaces: others.map(|OneOrMany(names)| names).unwrap_or_default(),
            mechanisms: mechanisms.unwrap_or_default(),
            tuning,
            sysctl_files: sysctl_files.unwrap_or_default(),
            title,
        })
    }
}

macro_rules! host {
    ($type:ident, $role:ident, $what:literal) => {
        #[doc = concat!("Reads ", $what, ".")]
        pub(super) struct $type(pub(super) Host);

        impl Decode for $type {
            fn decode(node: &Node, report: &mut Report) -> Option<Self> {
                Host::decode(node, Role::$role, $what, report).map(Self)
            }
        }

        impl JsonSchema for $type {
            fn schema_name() -> std::borrow::Cow<'static, str> {
                stringify!($type).into()
            }

            fn json_schema(generator: &mut SchemaGenerator) -> Schema {
                let mut host = Host::json_schema(generator);
                let keys = host.get_mut("properties").and_then(|keys| keys.as_object_mut());
                let foreign: &[&str] = match Role::$role {
                    Role::Director | Role::MonitoringServer => &["title", "managed"],
                    Role::NfsServer => &["title"],
                    Role::RealServer => &[],
                };
                if let Some(keys) = keys {
                    foreign.iter().for_each(|key| drop(keys.remove(*key)));
                }
                host.insert("description".into(), $what.into());
                nic::short_form(generator, &mut host);
                match Role::$role {
                    Role::NfsServer | Role::MonitoringServer => host,
                    Role::Director | Role::RealServer => entry_of_hosts(host),
                }
            }
        }
    };
}

host!(Director, Director, "a director");
host!(RealServer, RealServer, "a real server");
host!(NfsServer, NfsServer, "an NFS server");
host!(MonitoringServer, MonitoringServer, "a monitoring server");
