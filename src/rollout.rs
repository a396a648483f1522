//! Decides the steps of a rollout: the order of the hosts and mechanisms, the commands, the undo, the effects on
//! traffic, the guards and the probes.
//!
//! Takes [`ReadBack`]; gives [`Rollout`], which is data. The deliveries and `diff --semantic` print the data.

use crate::kernel::Parameter;
use crate::model::{Need, Role};
use crate::plan::{HostPlan, Probe, Values};
use crate::profile::{Effect, Ownership, UnitFile};
use crate::readback::ReadBack;
use crate::render::{Provision, RenderedCommand, RenderedDirectory, RenderedFile, RenderedHost};
use crate::resolve::Roles;

/// The safe order to set up the roles: storage, then real servers, then directors. A real server stops answering ARP for the VIP before
/// it gets the VIP. The monitoring comes last: its new rules would report every host that is not changed yet. A teardown uses the
/// reverse order.
pub const ORDER: [Role; 4] =
    [Role::NfsServer, Role::RealServer, Role::Director, Role::MonitoringServer];

/// The number of the wave of the retired hosts. They come directly before the directors: a director that left still has
/// the VIPs that its successor takes.
pub const RETIRED_WAVE: usize = 3;

/// The number of the wave of a role.
fn wave_number(role: Role) -> usize {
    match role {
        Role::NfsServer => 1,
        Role::RealServer => 2,
        Role::Director => RETIRED_WAVE + 1,
        Role::MonitoringServer => RETIRED_WAVE + 2,
    }
}

/// The work of a whole cluster.
#[derive(Debug)]
pub struct Rollout<'r> {
    /// The hosts, wave by wave in [`ORDER`], each wave in the order of the model.
    pub waves: Vec<Wave<'r>>,
}

/// The hosts that are set up together.
#[derive(Debug)]
pub struct Wave<'r> {
    /// The role of the hosts. A host with several roles belongs to the wave of its last role in [`ORDER`], and a monitoring server with
    /// another role to the wave of that one: other hosts wait for it.
    pub role: Role,
    /// The hosts.
    pub hosts: Vec<HostWork<'r>>,
}

/// The work on one host.
#[derive(Debug)]
pub struct HostWork<'r> {
    /// The host.
    pub host: &'r RenderedHost<'r>,
    /// Its mechanisms, in the order in which they are safe to put into effect.
    pub mechanisms: Vec<MechanismWork<'r>>,
}

/// The work of one mechanism on a host.
#[derive(Clone, Copy, Debug)]
pub struct MechanismWork<'r> {
    provision: &'r Provision,
}

impl<'r> MechanismWork<'r> {
    /// The work of a provision.
    pub fn of(provision: &'r Provision) -> Self {
        Self { provision }
    }

    /// The files and commands.
    pub fn provision(self) -> &'r Provision {
        self.provision
    }

    /// The directories that lvsgen owns. A rollout sets their mode.
    pub fn own_directories(self) -> impl Iterator<Item = &'r RenderedDirectory> {
        self.provision.directories.iter().filter(|one| one.owner == Ownership::Lvsgen)
    }

    /// The units that lvsgen creates. The undo stops and disables them.
    pub fn own_units(self) -> impl Iterator<Item = &'r str> {
        let own = |file: &&RenderedFile| file.unit == Some(UnitFile::Own);
        self.provision
            .files
            .iter()
            .filter(own)
            .map(|file| file.path.rsplit('/').next().expect("a split gives at least one part"))
    }

    /// The conditions on the running host before anything of the mechanism is applied.
    ///
    /// A real server gets its VIPs only when its kernel does not answer ARP for them.
    pub fn guards(self, host: &HostPlan<'_>) -> Vec<Probe> {
        if !self.provision.needs.contains(&Need::RealServerVip) {
            return Vec::new();
        }
        let silent = [Parameter::ArpIgnore, Parameter::ArpAnnounce];
        let settings = host.values(Need::KernelSettings).map(Values::probes);
        let mut guards = settings.unwrap_or_default();
        guards.retain(
            |one| matches!(one, Probe::SettingIs { parameter, .. } if silent.contains(parameter)),
        );
        guards
    }

    /// The questions whether the mechanism is in effect on the running host.
    pub fn probes(self, host: &HostPlan<'_>) -> Vec<Probe> {
        let needs = self.provision.needs.iter().filter_map(|need| host.values(*need));
        let units = self.provision.services.iter().cloned().map(Probe::UnitActive);
        let commands = self
            .provision
            .probes
            .iter()
            .map(|command| Probe::Command { item: command.item.clone(), run: command.run.clone() });
        needs.flat_map(Values::probes).chain(units).chain(commands).collect()
    }

    /// The commands that put changed files into effect.
    pub fn apply(self) -> &'r [RenderedCommand] {
        &self.provision.apply
    }
}

/// The effects of commands on traffic, without duplicates, in the order of the commands.
pub fn effects<'r>(commands: impl Iterator<Item = &'r RenderedCommand>) -> Vec<Effect> {
    let mut effects: Vec<Effect> = Vec::new();
    // For the traffic, two commands with the same effect are one event.
    for effect in commands.filter_map(|command| command.effect) {
        if !effects.contains(&effect) {
            effects.push(effect);
        }
    }
    effects
}

impl<'r> Rollout<'r> {
    /// Decides the work.
    pub fn new(read_back: &'r ReadBack<'r>) -> Self {
        let rendered = read_back.rendered();
        // A host with several roles is set up only once, in the last wave: the hosts that it depends
        // on run by then.
        let wave = |role| {
            let hosts = rendered.hosts.iter().filter(|host| wave_of(&host.plan.roles) == role);
            let hosts = hosts.map(|host| HostWork {
                host,
                mechanisms: rendered.of(host).map(MechanismWork::of).collect(),
            });
            Wave { role, hosts: hosts.collect() }
        };
        Self { waves: ORDER.into_iter().map(wave).collect() }
    }

    /// Every host with the number of its wave. The waves are set up in the order of their numbers.
    pub fn hosts(&self) -> impl Iterator<Item = (usize, &HostWork<'r>)> {
        let waves = self.waves.iter();
        waves.flat_map(|wave| wave.hosts.iter().map(move |work| (wave_number(wave.role), work)))
    }
}

/// The role of the wave that contains a host.
fn wave_of(roles: &Roles) -> Role {
    let mut serving = ORDER.into_iter().rev().filter(|role| *role != Role::MonitoringServer);
    serving.find(|role| roles.contains(role)).unwrap_or(Role::MonitoringServer)
}
