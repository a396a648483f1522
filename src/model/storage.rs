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
    /// Who may mount an export.
    NfsClients, "a kind of NFS client",
    /// Every host of the cluster's subnets.
    Subnet = "subnet",
    /// The real servers alone, each by its address.
    RealServers = "real_servers",
    /// Whoever reaches the server.
    Everyone = "everyone",
}

super::decode::decode_keywords!(NfsClients);

/// `nfs`: one server, one exported directory, mounted on every real server.
#[derive(Clone, Debug, JsonSchema)]
#[schemars(deny_unknown_fields)]
pub struct Nfs {
    /// `server`: the host that exports.
    #[schemars(with = "NfsServer")]
    pub server: Host,
    /// `export`: the directory on the server.
    pub export: Located<AbsolutePath>,
    /// `mount`: the directory on the real servers.
    pub mount: Located<AbsolutePath>,
    /// `clients`: who may mount the export; the subnet where it is left out.
    pub clients: Option<Located<NfsClients>>,
    /// `writable`: whether real servers may write to it; they may not where it is left out.
    pub writable: Option<Located<bool>>,
    /// `page`: `false` where the directory has pages of its own, and needs no shared page of
    /// lvsgen's.
    pub page: Option<Located<bool>>,
    /// `title`: of the shared page.
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
