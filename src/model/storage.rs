//! The storage that the real servers share.

use schemars::{JsonSchema, json_schema};

use super::decode::{Decode, Fields};
use super::host::{Host, NfsServer};
use super::name::{AbsolutePath, Text};
use super::schema_part::schema;
use crate::diagnostic::Report;
use crate::keyword::keywords;
use crate::source::Located;
use crate::yaml::Node;

keywords! {
    /// The hosts that may mount an export.
    NfsClients, "a kind of NFS client",
    /// Every host of the cluster's subnets.
    Subnet = "subnet",
    /// Only the real servers. The export lists their addresses.
    RealServers = "real_servers",
    /// Every host that can reach the server.
    Everyone = "everyone",
}

keywords! {
    /// A version of the protocol NFS.
    NfsVersion, "a version of NFS",
    /// Version 3, which has programs and ports of its own for mounts and locks.
    V3 = "3",
    /// Version 4.0.
    V40 = "4.0",
    /// Version 4.1.
    V41 = "4.1",
    /// Version 4.2.
    V42 = "4.2",
}

super::decode::decode_keywords!(NfsClients, NfsVersion);

/// The schema of a version: an editor takes `4.2` for a number.
struct VersionNumber;

schema!(VersionNumber, "NfsVersion", |_| {
    let texts = NfsVersion::ALL.iter().map(|version| version.as_str());
    let numbers = [3.0, 4.0, 4.1, 4.2];
    let each = texts.map(serde_json::Value::from).chain(numbers.map(serde_json::Value::from));
    json_schema!({ "description": "a version of NFS", "enum": each.collect::<Vec<_>>() })
});

/// `nfs`: one NFS server and one directory that it exports. Every real server mounts this directory.
#[derive(Clone, Debug, JsonSchema)]
#[schemars(deny_unknown_fields)]
pub struct Nfs {
    /// `server`: the host that exports the directory.
    #[schemars(with = "NfsServer")]
    pub server: Host,
    /// `export`: the directory on the server.
    pub export: Located<AbsolutePath>,
    /// `mount`: the directory on the real servers.
    pub mount: Located<AbsolutePath>,
    /// `clients`: the hosts that may mount the export; the default is `real_servers`.
    pub clients: Option<Located<NfsClients>>,
    /// `version`: the version of NFS that the real servers use; the default is 4.2.
    #[schemars(with = "Option<VersionNumber>")]
    pub version: Option<Located<NfsVersion>>,
    /// `writable`: whether real servers may write to the export; the default is `false`.
    pub writable: Option<Located<bool>>,
    /// `page`: `false` if the directory already contains pages, so lvsgen must not write a shared page.
    pub page: Option<Located<bool>>,
    /// `title`: the title of the shared page.
    pub title: Option<Located<Text>>,
}

impl Nfs {
    /// The hosts that may mount the export.
    pub fn clients(&self) -> NfsClients {
        self.clients.map_or(NfsClients::RealServers, |clients| clients.value)
    }

    /// The version of NFS that the real servers use.
    pub fn version(&self) -> NfsVersion {
        self.version.map_or(NfsVersion::V42, |version| version.value)
    }

    /// Whether real servers may write to the export.
    pub fn is_writable(&self) -> bool {
        self.writable.is_some_and(|writable| writable.value)
    }
}

impl Decode for Nfs {
    fn decode(node: &Node, report: &mut Report) -> Option<Self> {
        let mut fields = Fields::of(node, "`nfs`", report)?;
        let server: Option<NfsServer> = fields.required("server", report);
        let export = fields.required("export", report);
        let mount = fields.required("mount", report);
        let clients = fields.optional("clients", report);
        let version = fields.optional("version", report);
        let writable = fields.optional("writable", report);
        let page = fields.optional("page", report);
        let title = fields.optional("title", report);
        fields.finish(report)?;
        let NfsServer(server) = server?;
        Some(Self {
            server,
            export: export?,
            mount: mount?,
            clients,
            version,
            writable,
            page,
            title,
        })
    }
}
