//! Roles, needs, mechanisms and VIPs of each host.
//!
//! Takes a [`Cluster`] and the [`ProfileSet`]; gives [`Resolved`]. The result may contain gaps: an unknown
//! target, or a need without a mechanism. `check` reports these gaps as errors, so code that runs after `check`
//! sees no gaps.

mod asked;
mod needs;
mod nics;
mod page;
mod service;
mod settings;
mod sysctl_files;
mod tuning;
mod web;

use std::collections::{BTreeMap, BTreeSet};

pub use asked::{Asked, Page, Question};
pub use needs::Wanted;
pub use nics::NicView;
pub use page::PageView;
pub use service::ServiceView;
pub use settings::{KernelSetting, SettingValue};
pub use tuning::has_effect;
pub use web::Answered;

use self::needs::Deciding;
use self::page::Pages;
use self::sysctl_files::Kernels;
use crate::ipvs::{Family, Forwarding, Protocol};
use crate::kernel::{Kernel, Moment};
use crate::model::{
    Cluster, Host, HostAddress, HostName, HostTuning, MechanismName, Need, Role, SorryServer,
    TargetName, Vip, VirtualService,
};
use crate::profile::{Mechanism, Profile, ProfileSet};
use crate::source::{Located, Span};

/// The roles of a host.
pub type Roles = BTreeSet<Role>;

/// The whole cluster, host by host.
#[derive(Debug)]
pub struct Resolved<'a> {
    /// The managed hosts in the order of the model: directors, real servers, NFS server, monitoring server. A host in
    /// several places appears only once.
    pub hosts: Vec<HostView<'a>>,
    /// The real servers of each virtual service, in the order of the cluster's list of services.
    pub services: Vec<ServiceView<'a>>,
    /// The cluster's VIPs without duplicates, in the order of the services.
    pub vips: Vec<Vip>,
    /// The conditions of the model on mechanisms.
    pub wanted: Vec<Wanted>,
    kernels: Kernels<'a>,
    served: BTreeMap<&'a HostName, Served>,
}

/// One host.
#[derive(Debug)]
pub struct HostView<'a> {
    /// The host. If several lists contain the host, this is the entry in the first of these lists.
    pub host: &'a Host,
    /// Its roles.
    pub roles: Roles,
    /// Its own page.
    pub page: PageView<'a>,
    /// Its tuning.
    pub tuning: HostTuning<'a>,
    /// Its NICs, with the host's own addresses on each NIC.
    pub nics: Vec<NicView<'a>>,
    /// Its target.
    pub target: Target<'a>,
    /// The target's profile, if the target is known.
    pub profile: Option<&'a Profile>,
    /// Its needs. It is safe to put the needs into effect in this order.
    pub needs: Vec<NeedView<'a>>,
    /// The VIPs that it carries, in the order of the cluster's VIPs.
    pub vips: Vec<Vip>,
    /// The kernel parameters of all its roles.
    pub settings: Vec<KernelSetting>,
    /// Its kernel.
    pub kernel: KernelId,
}

/// The identity of the computed kernel of a host. Hosts with the same sysctl files can have the same identity.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct KernelId(usize);

impl<'a> HostView<'a> {
    /// Whether the host is a director and a real server.
    pub fn is_two_box(&self) -> bool {
        self.is(Role::Director) && self.is(Role::RealServer)
    }

    /// Whether the host has a role.
    pub fn is(&self, role: Role) -> bool {
        self.roles.contains(&role)
    }

    /// Its roles as text for people: `director`, or `director and real server`.
    pub fn role_names(&self) -> String {
        role_names(&self.roles)
    }

    /// A need of the host.
    pub fn need(&self, need: Need) -> Option<&NeedView<'a>> {
        self.needs.iter().find(|view| view.need == need)
    }

    /// Whether the host has a need, and its system has a mechanism for this need.
    pub fn provides(&self, need: Need) -> bool {
        self.need(need).is_some_and(|view| view.mechanism.is_some())
    }

    /// Its mechanisms, each listed once with all the needs that the mechanism provides.
    pub fn mechanisms(&self) -> Vec<(&'a Mechanism, Vec<Need>)> {
        needs::distinct(&self.needs)
    }
}

/// Roles as text for people.
pub fn role_names(roles: &Roles) -> String {
    roles.iter().map(ToString::to_string).collect::<Vec<_>>().join(" and ")
}

/// A target's name, and the place of the name in the model.
#[derive(Clone, Debug)]
pub struct Target<'a> {
    /// The name.
    pub name: &'a TargetName,
    /// The place of the name; `None` if the command line or lvsgen itself chose the target.
    pub span: Option<Span>,
}

/// One need of a host.
#[derive(Debug)]
pub struct NeedView<'a> {
    /// The need.
    pub need: Need,
    /// The mechanism that the model asks for.
    pub asked: Option<&'a Located<MechanismName>>,
    /// The mechanism that provides the need, if the profile has such a mechanism.
    pub mechanism: Option<&'a Mechanism>,
}

impl<'a> Resolved<'a> {
    /// Resolves every host. `target` comes from the command line and overrides the cluster's target.
    pub fn new(
        cluster: &'a Cluster,
        profiles: &'a ProfileSet,
        target: Option<&'a TargetName>,
        fallback: &'a TargetName,
    ) -> Self {
        let services = services(cluster);
        let duties = settings::Duties::of(&services);
        let wanted = Wanted::of(cluster, duties.checks);
        let common = Common {
            cluster,
            served: served(&services),
            web_servers: page_servers(cluster, &services),
            vips: all_vips(cluster),
            pages: Pages::of(cluster),
            services: &services,
            duties,
            wanted: &wanted,
        };
        let mut kernels = Kernels::default();
        let hosts = with_roles(cluster).into_iter().map(|(host, roles)| {
            let target = host_target(host, cluster, target, fallback);
            let profile = profiles.get(target.name.as_str());
            common.host(host, roles, target, profile, &mut kernels)
        });
        let hosts = hosts.collect();
        let Common { served, vips, .. } = common;
        let mut resolved = Self { hosts, services, vips, wanted, kernels, served };
        resolved.note_node_ports(cluster);
        resolved
    }

    /// The services whose requests a host answers, in their order.
    pub fn services_of(&self, host: &Host) -> impl Iterator<Item = &ServiceView<'a>> {
        let own = self.served.get(&host.name.value);
        own.into_iter().flat_map(|own| own.services.iter().map(|at| &self.services[*at]))
    }

    /// The services whose packets pass a host: all services for a director, and else those of [`Self::services_of`].
    pub fn services_on(&self, view: &HostView<'_>) -> Vec<&ServiceView<'a>> {
        match view.is(Role::Director) {
            true => self.services.iter().collect(),
            false => self.services_of(view.host).collect(),
        }
    }

    /// Computes the kernel parameters at a moment.
    pub fn kernel(&self, id: KernelId, moment: Moment) -> Kernel<'_> {
        let host = &self.kernels.all[id.0];
        Kernel::new(&host.files, host.conf_at_boot, moment)
    }
}

/// The parts of a cluster that all its hosts share.
struct Common<'a, 's> {
    cluster: &'a Cluster,
    services: &'s [ServiceView<'a>],
    served: BTreeMap<&'a HostName, Served>,
    web_servers: BTreeSet<&'a HostName>,
    vips: Vec<Vip>,
    pages: Pages<'a>,
    duties: settings::Duties,
    wanted: &'s [Wanted],
}

impl<'a> Common<'a, '_> {
    fn host(
        &self,
        host: &'a Host,
        roles: Roles,
        target: Target<'a>,
        profile: Option<&'a Profile>,
        kernels: &mut Kernels<'a>,
    ) -> HostView<'a> {
        let cluster = self.cluster;
        let own = self.served.get(&host.name.value).filter(|_| roles.contains(&Role::RealServer));
        let vips = host_vips(&roles, &self.vips, own);
        let reached = |way| own.is_some_and(|own| own.ways.contains(&way));
        let masqueraded = reached(Forwarding::Masquerade);
        let tuning = cluster.tuning_of(host);
        let nics = NicView::of(cluster, host);
        // The settings are computed before the needs: a host without settings does not need `kernel_settings`.
        let mut settings =
            settings::settings(cluster, &self.duties, &nics, &roles, &vips, masqueraded);
        settings.extend(tuning::settings(&tuning, &roles, &settings));
        let deciding = Deciding {
            cluster,
            vips: &vips,
            settings: &settings,
            opens_firewall: needs::opens_firewall(cluster, host, profile),
            services: self.services,
            answers: own.is_some(),
            serves_pages: self.web_servers.contains(&host.name.value),
            queues: tuning.queues.is_some(),
            tunnels: reached(Forwarding::Tunnel),
            masqueraded,
        };
        let needs = deciding.needs(&roles);
        let needs = needs::mechanisms(cluster, host, &nics, profile, &needs, &vips, self.wanted);
        let need = needs.iter().find(|view| view.need == sysctl_files::NEED);
        let kernel = kernels.of(cluster, host, &nics, profile, need, &settings);
        let page = self.pages.page(host, profile);
        HostView { host, roles, page, tuning, nics, target, profile, needs, vips, settings, kernel }
    }
}

/// The hosts with their roles. If entries in several lists have the same name and the same addresses, they
/// describe the same host.
fn with_roles(cluster: &Cluster) -> Vec<(&Host, Roles)> {
    let mut hosts: Vec<(&Host, Roles)> = Vec::new();
    let mut at: BTreeMap<(&HostName, Vec<HostAddress>), usize> = BTreeMap::new();
    for host in cluster.hosts().filter(|host| host.is_managed()) {
        let addresses = host.addresses().map(|address| address.value).collect();
        let place = *at.entry((&host.name.value, addresses)).or_insert(hosts.len());
        match hosts.get_mut(place) {
            Some((_, roles)) => drop(roles.insert(host.role)),
            None => hosts.push((host, Roles::from([host.role]))),
        }
    }
    hosts
}

/// The VIPs of a host: a director carries all VIPs, a real server carries the VIPs of its services.
fn host_vips(roles: &Roles, all: &[Vip], own: Option<&Served>) -> Vec<Vip> {
    if roles.contains(&Role::Director) {
        return all.to_vec();
    }
    all.iter().copied().filter(|vip| own.is_some_and(|own| own.vips.contains(vip))).collect()
}

/// The cluster's VIPs without duplicates, in the order of the services.
fn all_vips(cluster: &Cluster) -> Vec<Vip> {
    let mut seen = BTreeSet::new();
    cluster.vips().map(|vip| vip.value).filter(|vip| seen.insert(*vip)).collect()
}

fn services(cluster: &Cluster) -> Vec<ServiceView<'_>> {
    let by_name: BTreeMap<&HostName, &Host> =
        cluster.real_servers.iter().map(|host| (&host.name.value, host)).collect();
    // A sorry server is a real server only of the services that list it.
    let sorry: BTreeSet<&HostName> =
        cluster.virtual_services.iter().filter_map(VirtualService::sorry_host).collect();
    let is_sorry = |host: &&Host| sorry.contains(&host.name.value);
    let views = cluster.virtual_services.iter().map(|service| {
        let real_servers = match &service.real_servers {
            None => {
                let hosts = cluster.real_servers.iter().filter(|host| !is_sorry(host));
                hosts.map(|host| (host, None)).collect()
            }
            Some(listed) => listed
                .iter()
                .filter_map(|one| by_name.get(&one.name.value).map(|host| (*host, Some(one))))
                .collect(),
        };
        let sorry_server = match service.sorry_server.as_ref().map(|server| &server.value) {
            Some(SorryServer::Host(name)) => by_name.get(name).copied(),
            Some(SorryServer::Address(_)) | None => None,
        };
        let health = service.health.as_ref().or(cluster.health.as_ref());
        let health = health.map(|one| &one.value);
        ServiceView::new(cluster, service, real_servers, sorry_server, health)
    });
    views.collect()
}

/// The part of a real server in the services.
#[derive(Debug, Default)]
struct Served {
    /// The VIPs that the real server must have, since the packets arrive with the VIP.
    vips: BTreeSet<Vip>,
    /// The ways in which packets reach the real server.
    ways: BTreeSet<Forwarding>,
    /// The positions of the services.
    services: BTreeSet<usize>,
}

fn served<'a>(services: &[ServiceView<'a>]) -> BTreeMap<&'a HostName, Served> {
    let mut all: BTreeMap<&HostName, Served> = BTreeMap::new();
    for (at, view) in services.iter().enumerate() {
        for (host, entry) in view.answering() {
            let served = all.entry(&host.name.value).or_default();
            served.services.insert(at);
            for vip in view.reached(host) {
                let way = view.forwarding(entry);
                served.ways.insert(way);
                if way != Forwarding::Masquerade {
                    served.vips.insert(vip);
                }
            }
        }
    }
    all
}

/// The real servers on which lvsgen sets up a web server: all real servers that get the requests of a TCP service on a port of
/// `web`, or on all ports. The result is empty if the model turns the web server off.
fn page_servers<'a>(cluster: &Cluster, services: &[ServiceView<'a>]) -> BTreeSet<&'a HostName> {
    let web = cluster.web_ports();
    let each = services.iter().filter(|view| view.service.has_protocol(Protocol::Tcp));
    let each = each.flat_map(|view| view.answering().map(move |(host, entry)| (view, host, entry)));
    let serving = each.filter(|(view, _, entry)| {
        let ports = view.real_ports(*entry);
        !web.is_empty() && ports.is_empty()
            || ports.iter().any(|range| web.iter().any(|port| range.contains(*port)))
    });
    serving.map(|(_, host, _)| &host.name.value).collect()
}

fn host_target<'a>(
    host: &'a Host,
    cluster: &'a Cluster,
    target: Option<&'a TargetName>,
    fallback: &'a TargetName,
) -> Target<'a> {
    let written =
        |name: &'a Located<TargetName>| Target { name: &name.value, span: Some(name.span) };
    match (&host.target, target, &cluster.target) {
        (Some(own), _, _) => written(own),
        (None, Some(name), _) => Target { name, span: None },
        (None, None, Some(name)) => written(name),
        (None, None, None) => Target { name: fallback, span: None },
    }
}

impl HostView<'_> {
    /// Whether the host has its own address of a family.
    pub fn speaks(&self, family: Family) -> bool {
        self.host.address(family).is_some()
    }
}
