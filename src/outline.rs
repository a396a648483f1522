//! The cluster in few words: what a reviewer asks about, without the words of any file format.
//!
//! Takes a [`Plan`]; gives an [`Outline`], which is written beside what was rendered, so that a later
//! one can be held against it: who the hosts are, what they carry and how, who answers for what.

mod file;

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use crate::model::{
    ClusterName, HostAddress, HostName, InterfaceName, MechanismName, Need, Role, ServiceName,
    TargetName,
};
use crate::plan::{Facts, HostPlan, IpvsRules, NeedPlan, Nic, Plan, Vips};

/// A cluster in few words.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Outline {
    /// Its name.
    pub cluster: ClusterName,
    /// Its hosts: directors, real servers, NFS server, each in the order written.
    pub hosts: Vec<HostOutline>,
    /// The entries of the directors' tables, which are all alike.
    pub services: Vec<ServiceOutline>,
    /// The real servers of those entries.
    pub destinations: Vec<Destination>,
}

/// One host.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct HostOutline {
    /// Its name.
    pub name: HostName,
    /// What it is in the cluster.
    pub role: Role,
    /// Its OS profile.
    pub target: TargetName,
    /// Its NIC on the cluster's segment.
    pub interface: InterfaceName,
    /// Its own addresses.
    pub addresses: Vec<HostAddress>,
    /// The VIPs that it carries, each with the label or the interface that it is on.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub vips: BTreeMap<String, String>,
    /// What it needs.
    pub needs: BTreeMap<Need, NeedOutline>,
}

/// One need of a host.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct NeedOutline {
    /// The mechanism that provides it.
    pub by: MechanismName,
    /// What it is about, by a name for people.
    #[serde(flatten)]
    pub facts: BTreeMap<String, String>,
}

/// One entry of the directors' tables.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct ServiceOutline {
    /// The virtual service that it comes from.
    pub service: ServiceName,
    /// How ipvsadm names it.
    pub selector: String,
    /// Scheduler and all that follows it, in ipvsadm's words.
    pub options: String,
}

/// One real server of an entry.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Destination {
    /// The entry's virtual service.
    pub service: ServiceName,
    /// The host.
    pub host: HostName,
    /// Its address and port.
    pub destination: String,
    /// Its weight and thresholds, in ipvsadm's words.
    pub options: String,
}

impl Outline {
    /// Sums a plan up.
    pub fn new(plan: &Plan<'_>) -> Self {
        let table = plan.hosts.iter().flat_map(|host| &host.needs).find_map(rules);
        let entries = table.into_iter().flat_map(|table| &table.services);
        let services = entries.clone().map(|entry| ServiceOutline {
            service: entry.service.clone(),
            selector: entry.selector.clone(),
            options: entry.options.clone(),
        });
        let destinations = entries.flat_map(|entry| {
            entry.real_servers.iter().map(|server| Destination {
                service: entry.service.clone(),
                host: server.host.clone(),
                destination: server.destination.clone(),
                options: server.options.clone(),
            })
        });
        Self {
            cluster: plan.cluster.clone(),
            hosts: plan.hosts.iter().map(host).collect(),
            services: services.collect(),
            destinations: destinations.collect(),
        }
    }
}

fn rules<'a>(need: &'a NeedPlan<'_>) -> Option<&'a IpvsRules<'a>> {
    match &need.values {
        Facts::IpvsRules(rules) => Some(rules),
        _ => None,
    }
}

fn host(host: &HostPlan<'_>) -> HostOutline {
    let carried = host.needs.iter().find_map(|need| match &need.values {
        Facts::Vips(vips) => Some(vips),
        _ => None,
    });
    HostOutline {
        name: host.name.clone(),
        role: host.role,
        target: host.profile.clone(),
        interface: host.interface.clone(),
        addresses: host.addresses.clone(),
        vips: carried.map(places).unwrap_or_default(),
        needs: host.needs.iter().map(|need| (need.need, outline(need))).collect(),
    }
}

fn places(vips: &Vips) -> BTreeMap<String, String> {
    let place = vips.addresses.iter().map(|vip| {
        let on = vip.label.as_ref().unwrap_or(&vips.interface);
        (vip.address.to_string(), on.clone())
    });
    place.collect()
}

fn outline(need: &NeedPlan<'_>) -> NeedOutline {
    let mut facts = BTreeMap::new();
    let mut tell = |name: &str, value: String| {
        facts.insert(name.to_owned(), value);
    };
    match &need.values {
        // These follow from the VIPs, the schedulers and the NIC, which are told by themselves.
        Facts::ArpSuppression(_) | Facts::RedirectsOff(_) | Facts::IpvsModules(_) => {}
        Facts::Vips(vips) => {
            if let Some(nic) = vips.nic.as_ref().filter(|_| need.provision.whole_nic) {
                nic_facts(nic, &mut tell);
            }
        }
        Facts::WebServer(web) => {
            tell("title of the page", web.title.as_str().to_owned());
            if let Some(pages) = web.pages {
                tell("directory of the shared pages", pages.to_string());
            }
        }
        Facts::NfsExport(export) => {
            tell("export", export.export.to_string());
            tell("clients of the export", export.clients.join(", "));
            tell("options of the export", export.options.clone());
            if let Some(page) = export.pages.first() {
                tell("title of the shared page", page.title.as_str().to_owned());
            }
        }
        Facts::NfsMount(mount) => {
            tell("mount", format!("{} on {}", mount.what, mount.mount));
            tell("options of the mount", mount.options.clone());
        }
        Facts::FirewallMarks(marks) => {
            for mark in &marks.marks {
                let ports = mark.ports.as_deref().unwrap_or("all ports");
                let packets = format!("{} {ports}", mark.protocol);
                tell(&format!("packets to {} with mark {}", mark.vip, mark.mark), packets);
            }
        }
        Facts::IpvsRules(rules) => {
            if let Some(timeouts) = &rules.timeouts {
                tell("timeouts (tcp, tcp_fin, udp)", timeouts.clone());
            }
        }
    }
    NeedOutline { by: need.mechanism.clone(), facts }
}

fn nic_facts(nic: &Nic, tell: &mut impl FnMut(&str, String)) {
    let addresses: Vec<&str> = nic.addresses.iter().map(|one| one.cidr.as_str()).collect();
    tell("addresses of the NIC", addresses.join(", "));
    let gateways: Vec<String> = nic.gateways.iter().map(|one| one.address.to_string()).collect();
    if !gateways.is_empty() {
        tell("gateways of the NIC", gateways.join(", "));
    }
    let servers: Vec<String> = nic.dns.iter().map(|one| one.address.to_string()).collect();
    if !servers.is_empty() {
        tell("name servers of the NIC", servers.join(", "));
    }
}
