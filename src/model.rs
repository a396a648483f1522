//! The cluster as its administrator wrote it. The values keep their places in the source.
//!
//! Takes a [`Source`]; gives a [`Cluster`], or findings that explain why the source is not a model. `check`
//! decides later whether the cluster can work, and `plan` derives the configuration of each host.

mod address;
mod allow;
mod authentication;
mod decode;
mod empty_lists;
mod expand;
mod failover;
mod family;
mod health;
mod host;
mod interface;
mod monitoring;
mod name;
mod need;
mod neighbours;
mod nic;
mod nic_kind;
mod port_or_mark;
mod readable_part;
mod retired;
pub mod schema;
mod schema_part;
mod segment;
mod service;
mod service_server;
pub mod shape;
mod slips;
mod sorry_server;
mod storage;
mod sysctl;
mod timeouts;
mod tuning;
mod unanswered;
mod web;
mod written_vips;

pub use address::{Gateway, HostAddress, NameServer, Subnet, Vip};
pub use allow::Allow;
pub use authentication::Authentication;
pub use expand::includes;
pub use failover::{Failover, Track};
pub use family::{HasFamily, PerFamily};
pub use health::{Health, HealthCheck, HealthKind, OnFailure, Start, StatusRange, Through};
pub use host::{Host, Role};
pub use interface::Interface;
pub use monitoring::{BaseUrl, Monitoring, NODE_EXPORTER, Thresholds};
pub use name::{
    AbsolutePath, CheckCode, ClusterName, DomainName, HostName, InterfaceName, MechanismName,
    NetplanId, NetworkFile, SegmentName, ServiceName, SysctlKey, TargetName, Text, UrlPath, hides,
};
pub use need::{Mechanisms, Need};
pub use nic::Nic;
pub use nic_kind::NicKind;
pub use port_or_mark::PortOrMark;
pub use retired::Retired;
pub use segment::{Segment, SegmentId};
pub use service::{Persistence, VirtualService};
pub use service_server::{ServiceServer, Weight};
pub use sorry_server::SorryServer;
pub use storage::{Nfs, NfsClients, NfsVersion};
pub use sysctl::{SysctlFile, SysctlFiles, SysctlSetting, SysctlSettings, SysctlValue};
pub use tuning::{HostTuning, QueueCount, Queues, TableBits, Tuning, TuningProfile};
pub use unanswered::UNKNOWN;
pub use web::{HTTP, HTTPS, Language, NODE_PAGE, Tls, Web, WebProgram};

use schemars::JsonSchema;

use self::decode::{Decode, Fields};
use self::host::{Director, RealServer};
use self::segment::Segments;
use crate::diagnostic::Report;
use crate::ipvs::Timeouts;
use crate::source::{Located, Source};
use crate::yaml::{self, Node};

/// A whole cluster.
#[derive(Clone, Debug, JsonSchema)]
#[schemars(deny_unknown_fields, transform = segment::short_form)]
pub struct Cluster {
    /// `name`: the cluster's name in banners.
    pub name: Located<ClusterName>,
    /// `target`: the OS profile for all hosts that do not set `target` themselves.
    pub target: Option<Located<TargetName>>,
    /// `segments`: the segments of the cluster, by their names. The short form for one segment is `network`.
    #[schemars(with = "Option<Segments>")]
    pub segments: Vec<Segment>,
    /// `mechanisms`: the mechanisms that all hosts use instead of the first mechanisms in their profiles.
    #[schemars(with = "Option<Mechanisms>")]
    pub mechanisms: Mechanisms,
    /// `timeouts`: the timeouts of IPVS's connection table.
    pub timeouts: Option<Located<Timeouts>>,
    /// `directors`: the hosts that hold the VIPs and the rules.
    #[schemars(with = "Vec<Director>", length(min = 1))]
    pub directors: Vec<Host>,
    /// `failover`: how several directors share the VIPs.
    pub failover: Option<Located<Failover>>,
    /// `real_servers`: the hosts that answer the clients.
    #[schemars(with = "Vec<RealServer>")]
    pub real_servers: Vec<Host>,
    /// `virtual_services`: the services that clients use.
    #[schemars(length(min = 1))]
    pub virtual_services: Vec<VirtualService>,
    /// `health`: the health check of all services that do not set `health` themselves.
    pub health: Option<Located<Health>>,
    /// `nfs`: the storage that real servers share.
    pub nfs: Option<Nfs>,
    /// `retired`: the hosts that left the cluster, until their files, VIPs and settings are undone.
    #[schemars(with = "Option<Vec<Retired>>")]
    pub retired: Vec<Retired>,
    /// `web`: `false` if lvsgen must not set up web servers. Otherwise, lvsgen sets up a web server on each
    /// real server that answers on TCP port 80; `language` is the language of its pages.
    pub web: Option<Web>,
    /// `firewall`: whether lvsgen opens the firewalls of the hosts for the cluster. Without this key: on the systems that run
    /// a firewall by default. `false`: somebody else opens the firewalls.
    pub firewall: Option<Located<bool>>,
    /// `monitoring`: who asks the hosts for their metrics, and when an alert fires.
    pub monitoring: Option<Monitoring>,
    /// `tuning`: the tuning of all directors and real servers.
    pub tuning: Option<Located<Tuning>>,
    /// `sysctl_files`: the sysctl files that the images of all hosts contain and that lvsgen does not write.
    #[schemars(with = "Option<SysctlFiles>")]
    pub sysctl_files: SysctlFiles,
    /// `allow`: the warnings that the owner accepts. lvsgen does not report these warnings.
    #[schemars(with = "Option<Vec<Allow>>")]
    pub allow: Vec<Allow>,
}

impl Cluster {
    /// Reads a model. If any part has the wrong shape, the first result is `None`, and the report lists all
    /// mistakes.
    pub fn parse(source: &Source) -> (Option<Self>, Report) {
        let mut report = Report::default();
        let cluster = match yaml::parse(source) {
            Ok(mut node) => {
                expand::write_out(&mut node, source, &mut report);
                empty_lists::report(&node, &mut report);
                let unanswered = unanswered::report(&node, &mut report);
                if unanswered { None } else { Self::decode(&node, &mut report) }
            }
            Err(finding) => {
                report.add(finding);
                None
            }
        };
        report.join_places();
        // If lvsgen could not expand a list, the cluster lacks the hosts of that list.
        (cluster.filter(|_| !report.has_errors()), report)
    }

    /// Reads a model whose shape is wrong, without the entries that have faults. Such a cluster is only for checks whose
    /// findings do not come from a lack. None if a fault is about the whole cluster.
    pub fn readable_part(source: &Source) -> Option<Self> {
        let mut node = yaml::parse(source).ok()?;
        // The faults of the lists are reported already, and the hosts of such a list are left out.
        let mut known = Report::default();
        expand::write_out(&mut node, source, &mut known);
        if unanswered::report(&node, &mut known) { None } else { readable_part::read(&mut node) }
    }

    /// Every VIP of every service, in the order of the services. A VIP appears once for each service that
    /// uses the VIP.
    pub fn vips(&self) -> impl Iterator<Item = &Located<Vip>> {
        self.virtual_services.iter().flat_map(|service| service.vips.iter())
    }

    /// Every gateway of the model: those of the segments, and those of single hosts.
    pub fn gateways(&self) -> impl Iterator<Item = &Located<Gateway>> {
        let own = self.hosts().flat_map(|host| host.gateway.iter().flat_map(PerFamily::iter));
        self.segments.iter().flat_map(Segment::gateways).chain(own)
    }

    /// The addresses to which masqueraded real servers send their answers, IPv4 first (`inside` of `failover`).
    pub fn inside(&self) -> impl Iterator<Item = &Located<HostAddress>> {
        let inside = self.failover.iter().flat_map(|failover| &failover.value.inside);
        inside.flat_map(PerFamily::iter)
    }

    /// Every host: first the directors, then the real servers, the NFS server, and the monitoring server.
    pub fn hosts(&self) -> impl Iterator<Item = &Host> {
        let nfs = self.nfs.iter().map(|nfs| &nfs.server);
        let server = self.monitoring.iter().filter_map(|monitoring| monitoring.server.as_ref());
        self.directors.iter().chain(&self.real_servers).chain(nfs).chain(server)
    }
}

impl Decode for Cluster {
    fn decode(node: &Node, report: &mut Report) -> Option<Self> {
        let mut fields = Fields::of(node, "a cluster", report)?;
        let name = fields.required("name", report);
        let target = fields.optional("target", report);
        let network = fields.optional("network", report);
        let segments: Option<Located<Segments>> = fields.optional("segments", report);
        let mechanisms = fields.optional("mechanisms", report);
        let timeouts = fields.optional("timeouts", report);
        let directors: Option<Vec<Director>> = fields.required("directors", report);
        let failover = fields.optional("failover", report);
        let real_servers: Option<Vec<RealServer>> = fields.required("real_servers", report);
        let virtual_services = fields.required("virtual_services", report);
        let health = fields.optional("health", report);
        let nfs = fields.optional("nfs", report);
        let retired: Option<Vec<Retired>> = fields.optional("retired", report);
        let web = fields.optional("web", report);
        let firewall = fields.optional("firewall", report);
        let monitoring = fields.optional("monitoring", report);
        let tuning = fields.optional("tuning", report);
        let sysctl_files = fields.optional("sysctl_files", report);
        let allow = fields.optional("allow", report);
        fields.finish(report)?;
        let segments = segment::of_cluster(network, segments, node.anchor(), report);
        let cluster = Self {
            name: name?,
            target,
            segments: segments?,
            mechanisms: mechanisms.unwrap_or_default(),
            timeouts,
            directors: directors?.into_iter().map(|Director(host)| host).collect(),
            failover,
            real_servers: real_servers?.into_iter().map(|RealServer(host)| host).collect(),
            virtual_services: virtual_services?,
            health,
            nfs,
            retired: retired.unwrap_or_default(),
            web,
            firewall,
            monitoring,
            tuning,
            sysctl_files: sysctl_files.unwrap_or_default(),
            allow: allow.unwrap_or_default(),
        };
        cluster.knows_its_segments(report).then_some(cluster)
    }
}
