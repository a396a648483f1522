//! The storage that the real servers share.

use schemars::JsonSchema;

use super::decode::{Decode, Fields};
use super::host::{Host, NfsServer};
use super::name::{AbsolutePath, Text};
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

super::decode::decode_keywords!(NfsClients);

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
    /// `clients`: the hosts that may mount the export; the default is `subnet`.
    pub clients: Option<Located<NfsClients>>,
    /// `writable`: whether real servers may write to the export; the default is `false`.
    pub writable: Option<Located<bool>>,
    /// `page`: `false` if the directory already contains pages, so lvsgen must not write a shared page.
    pub page: Option<Located<bool>>,
    /// `title`: the title of the shared page.
    pub title: Option<Located<Text>>,
}

impl Decode for Nfs {
    fn decode(node: &Node, report: &mut Report) -> Option<Self> {
        let mut fields = Fields::of(node, "`nfs`", report)?;
        let server: Option<NfsServer> = fields.required("server", report);
        let export = fields.required("export", report);
        let mount = fields.required("mount", report);
        let clients = fields.optional("clients", report);
        let writable = fields.optional("writable", report);
        let page = fields.optional("page", report);
        let title = fields.optional("title", report);
        fields.finish(report)?;
        let NfsServer(server) = server?;
        Some(Self { server, export: export?, mount: mount?, clients, writable, page, title })
    }
}
