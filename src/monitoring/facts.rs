//! The parts of the cluster that monitoring asks about.

use std::collections::BTreeSet;
use std::net::IpAddr;

use super::entries::{self, Entry, Key};
use super::probes::Probed;
use super::promql::Labels;
use super::{NODE_JOB, probes};
use crate::check::Checked;
use crate::ipvs::{Family, Protocol};
use crate::model::{HostName, Monitoring, Need, Role, ServiceName, Thresholds, Vip};
use crate::plan::needs::{IpvsRules, Metrics};
use crate::plan::{HostPlan, Values};
use crate::resolve::HostView;

/// The facts of a cluster for its monitoring.
#[derive(Debug)]
pub struct Facts<'a> {
    /// The name of the cluster.
    pub cluster: &'a str,
    /// The model of the monitoring.
    pub model: &'a Monitoring,
    /// The hosts, in the order of the model.
    pub hosts: Vec<ScrapedHost<'a>>,
    /// The entries of the directors' tables.
    pub entries: Vec<Entry<'a>>,
    /// The entries that the tables may have besides, each with its director.
    pub others: BTreeSet<(&'a HostName, Key)>,
    /// The services whose real servers have shares by weight.
    pub by_weight: Vec<&'a ServiceName>,
    /// The VIPs of the directors.
    pub vips: Vec<Vip>,
    /// The questions of the prober through the VIPs.
    pub through_vips: Vec<Probed<'a>>,
    /// The questions of the prober to the real servers' own addresses.
    pub direct: Vec<Probed<'a>>,
    /// Whether the directors share the VIPs.
    pub has_failover: bool,
    /// Whether the directors share their connections.
    pub syncs: bool,
    /// Whether a service masquerades.
    pub masquerades: bool,
    /// Whether a service uses SCTP. The collector then shows its entries under the labels of another service.
    pub has_sctp: bool,
}

/// One host that Prometheus scrapes.
#[derive(Debug)]
pub struct ScrapedHost<'a> {
    /// Its name.
    pub name: &'a HostName,
    /// Its most important role, as a label.
    pub role: &'static str,
    /// Its target.
    pub target: &'a str,
    /// The address at which Prometheus asks it.
    pub address: IpAddr,
    /// Its NICs.
    pub nics: Vec<&'a str>,
    /// The VIPs that it has on `lo`.
    pub own_vips: Vec<Vip>,
    /// The values of its script.
    pub metrics: &'a Metrics,
}

impl ScrapedHost<'_> {
    /// Whether the host has the table.
    pub fn is_director(&self) -> bool {
        self.metrics.has_table
    }

    /// The labels of its series.
    pub fn labels(&self, cluster: &str) -> Labels {
        let labels = Labels::of_cluster(cluster).and("job", NODE_JOB);
        labels.and("role", self.role).and("instance", self.name)
    }

    /// The labels of the series of its script.
    pub fn own_labels(&self, cluster: &str) -> Labels {
        self.labels(cluster).and("lvs_cluster", cluster)
    }
}

impl<'a> Facts<'a> {
    /// The facts of a cluster; `None` if its model has no `monitoring`.
    pub fn new(checked: &'a Checked<'a>, hosts: &'a [&'a HostPlan<'a>]) -> Option<Self> {
        let cluster = checked.cluster();
        let model = cluster.monitoring.as_ref()?;
        let family = model.from.first().map_or(Family::Ipv4, |from| Family::of(from.value.0));
        let views = &checked.resolved().hosts;
        let scraped = hosts.iter().zip(views).map(|(plan, view)| scraped(plan, view, family));
        let tables: Vec<(&HostName, &IpvsRules<'_>)> =
            hosts.iter().filter_map(|plan| Some((plan.name, table(plan)?))).collect();
        let by_weight = tables.first().map(|(_, rules)| entries::by_weight(rules));
        let services = &cluster.virtual_services;
        // One director shares nothing.
        let shared = cluster.failover.as_ref().filter(|_| cluster.directors.len() > 1);
        let (through_vips, direct) = if model.probe {
            (probes::through_vips(checked), probes::direct(checked))
        } else {
            (Vec::new(), Vec::new())
        };
        let of_director = tables.iter().flat_map(|(name, rules)| Entry::of(name, rules));
        let entries: Vec<Entry<'_>> = of_director.collect();
        // A sorry server may be a real server of the service too.
        let known: BTreeSet<(&HostName, &Key)> =
            entries.iter().map(|entry| (entry.director, &entry.key)).collect();
        let others = tables
            .iter()
            .flat_map(|(name, rules)| entries::others(rules).into_iter().map(|key| (*name, key)));
        let others = others.filter(|(director, key)| !known.contains(&(*director, key))).collect();
        Some(Self {
            cluster: cluster.name.value.as_str(),
            model,
            hosts: scraped.collect(),
            others,
            entries,
            by_weight: by_weight.unwrap_or_default(),
            vips: checked.resolved().vips.clone(),
            through_vips,
            direct,
            has_failover: shared.is_some(),
            syncs: shared.is_some_and(|failover| failover.value.syncs()),
            masquerades: Family::ALL.iter().any(|family| {
                checked.resolved().services.iter().any(|view| view.masquerades(*family))
            }),
            has_sctp: services.iter().any(|one| one.has_protocol(Protocol::Sctp)),
        })
    }

    /// The thresholds of the alerts.
    pub fn thresholds(&self) -> &Thresholds {
        &self.model.thresholds
    }

    /// The directors.
    pub fn directors(&self) -> impl Iterator<Item = &ScrapedHost<'a>> {
        self.hosts.iter().filter(|host| host.is_director())
    }

    /// The hosts that mount the share.
    pub fn mounting(&self) -> impl Iterator<Item = &ScrapedHost<'a>> {
        self.hosts.iter().filter(|host| host.metrics.share.is_some())
    }

    /// Whether a host runs keepalived.
    pub fn has_keepalived(&self) -> bool {
        self.hosts.iter().any(|host| !host.metrics.units.is_empty())
    }

    /// A selector of PromQL: the series of this cluster. `more` are further matchers, with `, ` between them.
    pub fn select(&self, metric: &str, more: &str) -> String {
        let separator = if more.is_empty() { "" } else { ", " };
        format!("{metric}{{cluster=\"{}\"{separator}{more}}}", self.cluster)
    }

    /// A selector of a metric of the hosts' scripts. A host may be in several clusters.
    pub fn select_own(&self, metric: &str, more: &str) -> String {
        let separator = if more.is_empty() { "" } else { ", " };
        let own = format!("lvs_cluster=\"{}\"{separator}{more}", self.cluster);
        self.select(&format!("lvsgen_{metric}"), &own)
    }
}

fn scraped<'a>(plan: &'a HostPlan<'a>, view: &'a HostView<'a>, family: Family) -> ScrapedHost<'a> {
    let address = view.host.address(family).or_else(|| plan.addresses().next());
    let role = match view.roles.first() {
        Some(Role::Director) => "director",
        Some(Role::RealServer) => "real_server",
        Some(Role::NfsServer) => "nfs_server",
        Some(Role::MonitoringServer) | None => "monitoring_server",
    };
    let Some(Values::Metrics(metrics)) = plan.values(Need::Metrics) else {
        unreachable!("every host has the need `metrics`")
    };
    let own_vips = match plan.values(Need::RealServerVip) {
        Some(Values::RealServerVip(_)) => view.vips.clone(),
        _ => Vec::new(),
    };
    ScrapedHost {
        name: plan.name,
        role,
        target: plan.profile.as_str(),
        address: address.expect("the model gives every host an address").0,
        nics: view.nic_names(),
        own_vips,
        metrics,
    }
}

fn table<'a>(plan: &'a HostPlan<'a>) -> Option<&'a IpvsRules<'a>> {
    match plan.values(Need::IpvsRules) {
        Some(Values::IpvsRules(rules)) => Some(rules),
        _ => None,
    }
}
