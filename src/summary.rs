//! A summary of the cluster: the hosts with their VIPs and needs, and the IPVS table. The summary does not depend on
//! the syntax of the rendered files.
//!
//! Takes the hosts of a [`Plan`](crate::plan::Plan); gives a [`Summary`]. lvsgen writes the summary into a file
//! beside the rendered files, and can compare a later summary with this file. The file has one line for each host,
//! each service and each real server of a service, so that Git can show and merge changes.

use std::collections::BTreeMap;
use std::net::IpAddr;

use serde::{Deserialize, Serialize};

use crate::ipvs::{Destination, Endpoint, Service};
use crate::model::{
    ClusterName, HostAddress, HostName, InterfaceName, MechanismName, Need, Retired, ServiceName,
    TargetName,
};
use crate::plan::{Detail, HostPlan, NeedPlan, Values, Vips};
use crate::render::RenderedHost;
use crate::resolve::Roles;

/// The number of the file's format.
pub const FORMAT: u32 = 1;

/// A summary of a cluster.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Summary {
    /// The name of the cluster.
    pub cluster: ClusterName,
    /// The hosts of the cluster: directors, real servers, NFS server. Each list has the order of the model.
    pub hosts: Vec<HostSummary>,
    /// The services of the IPVS table. All directors have the same table.
    pub services: Vec<ServiceSummary>,
    /// The real servers of those services.
    pub destinations: Vec<DestinationSummary>,
    /// The hosts that left the cluster, and that the next rollout undoes.
    pub retired: Vec<HostName>,
}

/// One host.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct HostSummary {
    /// Its name.
    pub name: HostName,
    /// Its roles.
    pub roles: Roles,
    /// Its OS profile.
    pub target: TargetName,
    /// Its NIC on the cluster's segment.
    pub interface: InterfaceName,
    /// Its own addresses.
    pub addresses: Vec<HostAddress>,
    /// The address by which a person or Ansible reaches it, if that is none of its own addresses.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub management_address: Option<HostAddress>,
    /// The VIPs that it carries.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub vips: Vec<VipPlace>,
    /// Its needs.
    pub needs: BTreeMap<Need, NeedSummary>,
}

/// The place of a VIP on a host.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct VipPlace {
    /// The VIP.
    pub vip: IpAddr,
    /// The interface.
    pub interface: String,
    /// The label, if the VIP has a label.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub label: Option<String>,
}

impl VipPlace {
    /// The text that shows the place: the label, or the interface if the VIP has no label.
    pub fn shown(&self) -> &str {
        self.label.as_ref().unwrap_or(&self.interface)
    }
}

/// One need of a host.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct NeedSummary {
    /// The mechanism that provides the need.
    pub by: MechanismName,
    /// Its details.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub details: Vec<Detail>,
}

/// One service of the directors' tables.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct ServiceSummary {
    /// The name of the virtual service in the model.
    pub name: ServiceName,
    /// The service.
    #[serde(flatten)]
    pub service: Service,
}

/// One real server of a service.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct DestinationSummary {
    /// The virtual service.
    pub name: ServiceName,
    /// The host.
    pub host: HostName,
    /// The service in the IPVS table.
    pub endpoint: Endpoint,
    /// The real server's entry.
    #[serde(flatten)]
    pub destination: Destination,
}

/// The reason why lvsgen cannot read a summary.
#[derive(Debug, thiserror::Error)]
pub enum SummaryError {
    /// A newer lvsgen wrote the summary.
    #[error("a newer lvsgen wrote it (format {0})")]
    Newer(u32),
    /// The text is not a summary.
    #[error("it is damaged: {0}")]
    Damaged(String),
}

#[derive(Deserialize)]
struct SummaryFormat {
    format: u32,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct WrittenSummary {
    #[expect(dead_code, reason = "it was read before the other keys")]
    format: u32,
    cluster: ClusterName,
    hosts: Vec<HostSummary>,
    services: Vec<ServiceSummary>,
    destinations: Vec<DestinationSummary>,
    #[serde(default)]
    retired: Vec<HostName>,
}

impl Summary {
    /// Makes the summary of a cluster.
    pub fn new(cluster: &ClusterName, hosts: &[RenderedHost<'_>], retired: &[Retired]) -> Self {
        let mut needs = hosts.iter().flat_map(|host| &host.plan.needs);
        let table = needs.find_map(|need| match &need.values {
            Values::IpvsRules(rules) => Some(rules),
            _ => None,
        });
        let entries = table.into_iter().flat_map(|table| &table.services);
        let services = entries.clone().map(|entry| ServiceSummary {
            name: entry.name.clone(),
            service: entry.service.clone(),
        });
        let destinations = entries.flat_map(|entry| {
            entry.real_servers.iter().map(|server| DestinationSummary {
                name: entry.name.clone(),
                host: server.host.clone(),
                endpoint: entry.service.endpoint,
                destination: server.destination,
            })
        });
        Self {
            cluster: cluster.clone(),
            hosts: hosts.iter().map(|host| host_summary(&host.plan)).collect(),
            services: services.collect(),
            destinations: destinations.collect(),
            retired: retired.iter().map(|host| host.name.value.clone()).collect(),
        }
    }

    /// The summary of a cluster that does not exist yet.
    pub fn empty(cluster: &ClusterName) -> Self {
        Self {
            cluster: cluster.clone(),
            hosts: Vec::new(),
            services: Vec::new(),
            destinations: Vec::new(),
            retired: Vec::new(),
        }
    }

    /// Gives the file's text.
    pub fn text(&self) -> String {
        let mut lists = vec![
            ("hosts", lines(self.hosts.iter())),
            ("services", lines(self.services.iter())),
            ("destinations", lines(self.destinations.iter())),
        ];
        if !self.retired.is_empty() {
            lists.push(("retired", lines(self.retired.iter())));
        }
        let lists = lists.into_iter().map(|(name, lines)| format!("\"{name}\": [\n  {lines}\n]"));
        let (cluster, lists) = (json(&self.cluster), lists.collect::<Vec<_>>().join(",\n"));
        format!("{{\"format\": {FORMAT}, \"cluster\": {cluster},\n{lists}}}\n")
    }

    /// Reads the file's text.
    ///
    /// # Errors
    /// A format number that this program does not know, or a text that is not a summary.
    pub fn parse(text: &str) -> Result<Self, SummaryError> {
        let damaged = |error: serde_json::Error| SummaryError::Damaged(error.to_string());
        let SummaryFormat { format } = serde_json::from_str(text).map_err(damaged)?;
        if format != FORMAT {
            return Err(SummaryError::Newer(format));
        }
        let read: WrittenSummary = serde_json::from_str(text).map_err(damaged)?;
        // The code above has already checked the format number. `..` omits only this number.
        let WrittenSummary { cluster, hosts, services, destinations, retired, .. } = read;
        Ok(Self { cluster, hosts, services, destinations, retired })
    }
}

fn json(value: &impl Serialize) -> String {
    serde_json::to_string(value).expect("a summary holds texts, numbers and lists only")
}

fn lines<T: Serialize>(items: impl Iterator<Item = T>) -> String {
    items.map(|item| json(&item)).collect::<Vec<_>>().join(",\n  ")
}

fn host_summary(host: &HostPlan<'_>) -> HostSummary {
    let carried = host.needs.iter().flat_map(|need| match &need.values {
        Values::DirectorVip(director) => places(&director.vips),
        Values::RealServerVip(vips) => places(vips),
        _ => Vec::new(),
    });
    HostSummary {
        name: host.name.clone(),
        roles: host.roles.clone(),
        target: host.profile.clone(),
        interface: host.nic().name.clone(),
        addresses: host.addresses().collect(),
        management_address: Some(host.management_address)
            .filter(|address| host.addresses().all(|own| own != *address)),
        vips: carried.collect(),
        needs: host.needs.iter().map(|need| (need.need, need_summary(need))).collect(),
    }
}

fn places(vips: &Vips) -> Vec<VipPlace> {
    let place = vips.addresses.iter().map(|vip| VipPlace {
        vip: vip.address,
        interface: vip.interface.clone(),
        label: vip.label.clone(),
    });
    place.collect()
}

fn need_summary(need: &NeedPlan<'_>) -> NeedSummary {
    NeedSummary { by: need.mechanism.clone(), details: need.values.details() }
}
