//! The needs of each role, and the mechanism for each need of a host.

use std::collections::BTreeSet;

use super::{KernelSetting, NeedView, NicView, Roles, ServiceView};
use crate::model::{Cluster, Host, Need, NicKind, Role, Vip, WebProgram};
use crate::profile::{Ability, Mechanism, Profile};

/// The facts of a host that decide its needs.
pub(super) struct Deciding<'a> {
    pub(super) cluster: &'a Cluster,
    pub(super) vips: &'a [Vip],
    pub(super) settings: &'a [KernelSetting],
    /// Whether lvsgen opens the firewall of the host.
    pub(super) opens_firewall: bool,
    /// The services.
    pub(super) services: &'a [ServiceView<'a>],
    /// Whether the host is a real server that answers requests to a service.
    pub(super) answers: bool,
    /// Whether lvsgen sets up a web server on the host.
    pub(super) serves_pages: bool,
    /// Whether the model sets the queues of the host's network cards.
    pub(super) queues: bool,
    /// Whether the host is a real server that gets packets through a tunnel.
    pub(super) tunnels: bool,
    /// Whether the host is a real server that gets masqueraded packets.
    pub(super) masqueraded: bool,
}

impl Deciding<'_> {
    /// The table of roles and needs. The table lists each pair explicitly. If a new role or a new need has no
    /// entry, the compiler reports this place.
    fn by(&self, role: Role, need: Need) -> bool {
        match (need, role) {
            (Need::KernelSettings, Role::Director | Role::RealServer) => !self.settings.is_empty(),
            (Need::KernelSettings, Role::NfsServer | Role::MonitoringServer) => false,
            (Need::Firewall, Role::Director | Role::NfsServer) => self.opens_firewall,
            (Need::Firewall, Role::RealServer) => self.opens_firewall && self.answers,
            // The Prometheus asks, and nobody of the cluster asks it.
            (Need::Firewall, Role::MonitoringServer) => false,
            (Need::Queues, Role::Director | Role::RealServer) => self.queues,
            (Need::Queues, Role::NfsServer | Role::MonitoringServer) => false,
            (Need::IpvsModules, Role::Director) => true,
            (Need::IpvsModules, Role::RealServer | Role::NfsServer | Role::MonitoringServer) => {
                false
            }
            (Need::NfsExport, Role::NfsServer) => true,
            (Need::NfsExport, Role::Director | Role::RealServer | Role::MonitoringServer) => false,
            (Need::NfsMount, Role::RealServer) => self.cluster.nfs.is_some(),
            (Need::NfsMount, Role::Director | Role::NfsServer | Role::MonitoringServer) => false,
            (Need::RealServerVip, Role::RealServer) => !self.vips.is_empty(),
            (Need::RealServerVip, Role::Director | Role::NfsServer | Role::MonitoringServer) => {
                false
            }
            (Need::WebServer, Role::RealServer) => self.serves_pages,
            (Need::WebServer, Role::Director | Role::NfsServer | Role::MonitoringServer) => false,
            (Need::DirectorVip, Role::Director) => true,
            (Need::DirectorVip, Role::RealServer | Role::NfsServer | Role::MonitoringServer) => {
                false
            }
            (Need::PacketRules, Role::Director) => {
                let half = || self.services.iter().any(ServiceView::answers_directly);
                self.has_marks() || self.opens_firewall && half()
            }
            (Need::PacketRules, Role::RealServer) => self.tunnels,
            (Need::PacketRules, Role::NfsServer | Role::MonitoringServer) => false,
            (Need::TunnelDevice, Role::RealServer) => self.tunnels,
            (Need::TunnelDevice, Role::Director | Role::NfsServer | Role::MonitoringServer) => {
                false
            }
            (Need::ReturnRoute, Role::RealServer) => self.masqueraded,
            (Need::ReturnRoute, Role::Director | Role::NfsServer | Role::MonitoringServer) => false,
            (Need::IpvsRules, Role::Director) => true,
            (Need::IpvsRules, Role::RealServer | Role::NfsServer | Role::MonitoringServer) => false,
            (
                Need::Metrics,
                Role::Director | Role::RealServer | Role::NfsServer | Role::MonitoringServer,
            ) => self.cluster.monitoring.is_some(),
            (Need::Monitoring, Role::MonitoringServer) => true,
            (Need::Monitoring, Role::Director | Role::RealServer | Role::NfsServer) => false,
        }
    }

    fn has_marks(&self) -> bool {
        let mut services = self.cluster.virtual_services.iter();
        services.any(|service| service.has_mark())
    }

    /// The needs of a host with these roles. It is safe to put the needs into effect in this order.
    pub(super) fn needs(&self, roles: &Roles) -> Vec<Need> {
        let wanted = |need: &Need| roles.iter().any(|role| self.by(*role, *need));
        Need::ALL.iter().copied().filter(wanted).collect()
    }
}

/// Whether lvsgen opens the firewall of a host: the model asks for it, or the system runs a firewall by default.
pub(super) fn opens_firewall(cluster: &Cluster, host: &Host, profile: Option<&Profile>) -> bool {
    let need = Need::Firewall;
    let named = [&host.mechanisms, &cluster.mechanisms].iter().any(|one| one.0.contains_key(&need));
    let active = || profile.is_some_and(|profile| profile.runs_first(need));
    cluster.firewall.map_or_else(|| named || active(), |asked| asked.value)
}

/// A condition of the model on the mechanisms of a need.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Wanted {
    /// The need.
    pub need: Need,
    /// The ability.
    pub ability: Ability,
    /// Whether the mechanism must have the ability; if not, it must not have it.
    pub must: bool,
}

impl Wanted {
    /// The conditions of a model. `checks`: whether a service has a health check.
    pub(super) fn of(cluster: &Cluster, checks: bool) -> Vec<Self> {
        let failover = Self {
            need: Need::DirectorVip,
            ability: Ability::Failover,
            must: cluster.failover.is_some(),
        };
        let health = Self { need: Need::IpvsRules, ability: Ability::HealthChecks, must: true };
        let server = cluster.web.as_ref().and_then(|web| web.server);
        let server = server.map(|server| Self {
            need: Need::WebServer,
            ability: Ability::Nginx,
            must: server.value == WebProgram::Nginx,
        });
        std::iter::once(failover).chain(checks.then_some(health)).chain(server).collect()
    }

    /// Whether the condition allows a mechanism for a need.
    pub fn suits(self, need: Need, mechanism: &Mechanism) -> bool {
        need != self.need || mechanism.abilities.contains(&self.ability) == self.must
    }
}

/// Chooses the mechanism of each need. The first choice is the mechanism that the host or the cluster asks for.
/// The second choice is a mechanism that was chosen for another need and also provides this need. The last
/// choice is the target's default.
pub(super) fn mechanisms<'a>(
    cluster: &'a Cluster,
    host: &'a Host,
    nics: &[NicView<'_>],
    profile: Option<&'a Profile>,
    needs: &[Need],
    vips: &[Vip],
    wanted: &[Wanted],
) -> Vec<NeedView<'a>> {
    let asked =
        |need: Need| host.mechanisms.0.get(&need).or_else(|| cluster.mechanisms.0.get(&need));
    let suits = |need: Need, one: &Mechanism| wanted.iter().all(|wanted| wanted.suits(need, one));
    let named = |need: Need| {
        let profile = profile?;
        match asked(need) {
            Some(name) => profile.mechanism(need, name.value.as_str()),
            None => {
                let nics: Vec<NicKind> = nics.iter().map(|nic| nic.interface.kind()).collect();
                profile.default_mechanism(need, vips, &nics, |one| suits(need, one))
            }
        }
    };
    // The list starts with the mechanisms that the model asks for, because these mechanisms may also provide other
    // needs.
    let mut chosen: Vec<&Mechanism> = needs
        .iter()
        .filter(|need| asked(**need).is_some())
        .filter_map(|need| named(*need))
        .collect();
    let views = needs.iter().map(|need| {
        let provides = |one: &&Mechanism| one.provides.contains(need) && suits(*need, one);
        let provided = chosen.iter().copied().find(provides);
        let mechanism = match asked(*need) {
            Some(_) => named(*need),
            None => provided.or_else(|| named(*need)),
        };
        chosen.extend(mechanism);
        NeedView { need: *need, asked: asked(*need), mechanism }
    });
    views.collect()
}

/// The mechanisms of a host, each listed once with all its needs. The position of a mechanism is the position of
/// its first need.
pub(super) fn distinct<'a>(needs: &[NeedView<'a>]) -> Vec<(&'a Mechanism, Vec<Need>)> {
    let mut seen = BTreeSet::new();
    let mut distinct: Vec<(&Mechanism, Vec<Need>)> = Vec::new();
    for NeedView { need, mechanism, .. } in needs {
        let Some(mechanism) = mechanism else { continue };
        if seen.insert(mechanism.id) {
            distinct.push((mechanism, vec![*need]));
        } else {
            let known = distinct.iter_mut().find(|(one, _)| one.id == mechanism.id);
            known.expect("the mechanism was seen before").1.push(*need);
        }
    }
    distinct
}
