//! What each host is and must have: its profile, its needs, and the mechanism of each.
//!
//! Takes a [`Cluster`] and the [`ProfileSet`]; gives a [`Survey`] in which a gap (no such target,
//! no such mechanism) is told, not filled: `check` reports the gaps, `plan` gets none.

mod sysctls;

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use crate::kernel::{Kernel, Moment, SysctlFile};
use crate::model::{
    Cluster, Endpoint, Family, Host, HostName, InterfaceName, Need, Protocol, Role, ServiceServer,
    TargetName, Vip, VirtualService,
};
use crate::profile::{Mechanism, Profile, ProfileSet};
use crate::source::{Located, Span};

/// The whole cluster, host by host.
#[derive(Debug)]
pub struct Survey<'a> {
    /// The hosts in the order written: directors, real servers, NFS server.
    pub hosts: Vec<HostView<'a>>,
    /// Who answers for each virtual service, in the order of the cluster's list of services.
    pub services: Vec<ServiceView<'a>>,
}

/// One host, and what follows from its place in the cluster.
#[derive(Debug)]
pub struct HostView<'a> {
    /// The host.
    pub host: &'a Host,
    /// Its NIC on the cluster's segment.
    pub interface: &'a InterfaceName,
    /// The target that counts for it.
    pub target: Target<'a>,
    /// That target's profile, where there is one.
    pub profile: Option<&'a Profile>,
    /// Its needs, in the order in which it is safe to put them into effect.
    pub needs: Vec<NeedView<'a>>,
    /// The VIPs that it carries, in the order of the cluster's VIPs.
    pub vips: Vec<Vip>,
    /// The sysctl files that it has: its system's, its image's, then lvsgen's. Hosts that have the
    /// same share them.
    pub sysctl_files: Arc<[SysctlFile<'a>]>,
}

impl HostView<'_> {
    /// What its kernel will do at a moment.
    pub fn kernel(&self, moment: Moment) -> Kernel<'_> {
        Kernel::new(&self.sysctl_files, !self.ignores_sysctl_conf(), moment)
    }

    /// What is the same on hosts whose kernels do the same.
    pub fn kernel_key(&self) -> (usize, bool) {
        (self.sysctl_files.as_ptr().addr(), self.ignores_sysctl_conf())
    }

    fn ignores_sysctl_conf(&self) -> bool {
        self.profile.is_some_and(|profile| profile.kernel.ignores_sysctl_conf)
    }

    /// Whether it has a need, and its system a mechanism for it.
    pub fn provides(&self, need: Need) -> bool {
        self.needs.iter().any(|one| one.need == need && one.mechanism.is_some())
    }
}

/// A target's name, and who chose it.
#[derive(Clone, Debug)]
pub struct Target<'a> {
    /// The name.
    pub name: &'a TargetName,
    /// Where the model says it; nowhere when the command line or lvsgen itself does.
    pub span: Option<Span>,
}

/// One need of a host.
#[derive(Debug)]
pub struct NeedView<'a> {
    /// The need.
    pub need: Need,
    /// The mechanism that the model asks for.
    pub asked: Option<&'a Located<crate::model::MechanismName>>,
    /// How the profile provides it, where it does.
    pub mechanism: Option<&'a Mechanism>,
}

/// One virtual service and those who answer for it.
#[derive(Debug)]
pub struct ServiceView<'a> {
    /// The service.
    pub service: &'a VirtualService,
    /// Its real servers in the order written, with what the service says of each.
    pub real_servers: Vec<(&'a Host, Option<&'a ServiceServer>)>,
}

impl ServiceView<'_> {
    /// The real servers' weights, in their order; 1 where nothing is said.
    pub fn weights(&self) -> impl Iterator<Item = u16> {
        let told = self.real_servers.iter().map(|(_, told)| told.and_then(|told| told.weight));
        told.map(|weight| weight.map_or(1, |weight| weight.value.0))
    }
}

impl<'a> Survey<'a> {
    /// Looks at every host. `target` is the command line's, which wins over the cluster's.
    pub fn new(
        cluster: &'a Cluster,
        profiles: &'a ProfileSet,
        target: Option<&'a TargetName>,
        fallback: &'a TargetName,
    ) -> Self {
        let services = services(cluster);
        let vips = all_vips(cluster);
        let carried = carried(&services);
        let web = web_servers(cluster, &services);
        let mut known = sysctls::Known::default();
        let hosts = cluster.hosts().map(|host| {
            let name = &host.name.value;
            let vips = match host.role {
                Role::Director => vips.clone(),
                Role::RealServer => {
                    let own = carried.get(name);
                    vips.iter()
                        .copied()
                        .filter(|vip| own.is_some_and(|own| own.contains(vip)))
                        .collect()
                }
                Role::NfsServer => Vec::new(),
            };
            let target = host_target(host, cluster, target, fallback);
            let profile = profiles.get(target.name.as_str());
            let needs = needs(cluster, host.role, web.contains(name), &vips);
            let needs = needs.into_iter().map(|need| {
                let asked =
                    host.mechanisms.0.get(&need).or_else(|| cluster.mechanisms.0.get(&need));
                let named = asked.map(|name| name.value.as_str());
                let mechanism = profile.and_then(|profile| profile.mechanism(need, named, &vips));
                NeedView { need, asked, mechanism }
            });
            let needs: Vec<_> = needs.collect();
            let sysctl_files = known.files(cluster, host, profile, &needs);
            let interface = &cluster.interface_of(host).value;
            HostView { host, interface, target, profile, needs, vips, sysctl_files }
        });
        Self { hosts: hosts.collect(), services }
    }
}

/// The cluster's VIPs, in the order in which its services name them.
pub fn all_vips(cluster: &Cluster) -> Vec<Vip> {
    let mut seen = BTreeSet::new();
    cluster.vips().map(|vip| vip.value).filter(|vip| seen.insert(*vip)).collect()
}

fn services(cluster: &Cluster) -> Vec<ServiceView<'_>> {
    let by_name: BTreeMap<&HostName, &Host> =
        cluster.real_servers.iter().map(|host| (&host.name.value, host)).collect();
    let views = cluster.virtual_services.iter().map(|service| {
        let real_servers = match &service.real_servers {
            None => cluster.real_servers.iter().map(|host| (host, None)).collect(),
            Some(listed) => listed
                .iter()
                .filter_map(|one| by_name.get(&one.name.value).map(|host| (*host, Some(one))))
                .collect(),
        };
        ServiceView { service, real_servers }
    });
    views.collect()
}

fn carried<'a>(services: &[ServiceView<'a>]) -> BTreeMap<&'a HostName, BTreeSet<Vip>> {
    let mut carried: BTreeMap<&HostName, BTreeSet<Vip>> = BTreeMap::new();
    for view in services {
        for (host, _) in &view.real_servers {
            // A host without an address of the VIP's family cannot get that VIP's packets.
            let reached =
                view.service.vip.iter().filter(|vip| host.address(vip.family()).is_some());
            carried.entry(&host.name.value).or_default().extend(reached.map(|vip| vip.value));
        }
    }
    carried
}

/// The real servers that have a web server: those that answer on TCP port 80, unless the model
/// says that there is none.
fn web_servers<'a>(cluster: &Cluster, services: &[ServiceView<'a>]) -> BTreeSet<&'a HostName> {
    let wanted = cluster.web.is_none_or(|web| web.value);
    let serves_pages = |service: &VirtualService| {
        let ports = match &service.endpoint {
            Endpoint::Port(port) => std::slice::from_ref(port),
            Endpoint::Fwmark { ports, .. } => ports,
        };
        let http = ports.iter().any(|port| port.value == 80);
        wanted && http && service.protocol() == Protocol::Tcp
    };
    let views = services.iter().filter(|view| serves_pages(view.service));
    views.flat_map(|view| &view.real_servers).map(|(host, _)| &host.name.value).collect()
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

fn needs(cluster: &Cluster, role: Role, web: bool, vips: &[Vip]) -> Vec<Need> {
    let marks = cluster
        .virtual_services
        .iter()
        .any(|service| matches!(service.endpoint, Endpoint::Fwmark { .. }));
    let storage = cluster.nfs.is_some();
    let wanted = |need: Need| match (role, need) {
        (Role::Director, Need::FirewallMarks) => marks,
        (Role::Director, _) => {
            matches!(
                need,
                Need::RedirectsOff | Need::IpvsModules | Need::DirectorVip | Need::IpvsRules
            )
        }
        (Role::RealServer, Need::RealServerVip) => !vips.is_empty(),
        // IPv6 has no ARP: a VIP on `lo` is never answered for on the NIC.
        (Role::RealServer, Need::ArpSuppression) => {
            vips.iter().any(|vip| vip.family() == Family::Ipv4)
        }
        (Role::RealServer, Need::WebServer) => web,
        (Role::RealServer, Need::NfsMount) => storage,
        (Role::NfsServer, Need::NfsExport) => true,
        _ => false,
    };
    Need::ALL.iter().copied().filter(|need| wanted(*need)).collect()
}
