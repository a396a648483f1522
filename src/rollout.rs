//! The ordered work of a rollout: which host, which mechanism, drain before, commands, undo, effect on
//! traffic.
//!
//! Takes [`ReadBack`]; gives [`Rollout`], decided once as data. Ansible's groups and data, cloud-init's
//! commands and the statements of `diff --semantic` print it.

use std::collections::{BTreeMap, BTreeSet};

use crate::ipvs::{Destination, Endpoint};
use crate::model::{HostName, Role};
use crate::plan::Values;
use crate::profile::{Effect, Ownership, UnitFile};
use crate::readback::ReadBack;
use crate::render::{Provision, RenderedCommand, RenderedDirectory, RenderedFile, RenderedHost};
use crate::resolve::Roles;

/// The order in which roles are safe to set up: storage, real servers that do not answer ARP before they
/// have the VIP, directors. A teardown goes the other way.
pub const ORDER: [Role; 3] = [Role::NfsServer, Role::RealServer, Role::Director];

/// The work of a whole cluster.
#[derive(Debug)]
pub struct Rollout<'r> {
    /// The hosts, wave by wave in [`ORDER`], each wave in the order of the model.
    pub waves: Vec<Wave<'r>>,
    drains: BTreeMap<&'r HostName, Vec<Drain>>,
}

/// The hosts that are set up together.
#[derive(Debug)]
pub struct Wave<'r> {
    /// The role for which the wave stands: of a host with several roles, the last in [`ORDER`].
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

/// A place of a real server in the directors' tables, from which it is drained.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Drain {
    /// The service.
    pub endpoint: Endpoint,
    /// The real server's entry.
    pub destination: Destination,
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

    /// The directories that lvsgen owns, which get their mode.
    pub fn own_directories(self) -> impl Iterator<Item = &'r RenderedDirectory> {
        self.provision.directories.iter().filter(|one| one.owner == Ownership::Lvsgen)
    }

    /// The directories that are made where they are missing, and keep their mode otherwise; sorted.
    pub fn missing_directories(self) -> BTreeSet<&'r str> {
        let directories = self.provision.directories.iter();
        let missing = directories.filter(|one| one.owner != Ownership::Lvsgen);
        missing.map(|directory| directory.path.as_str()).collect()
    }

    /// The directories that the undo removes where it leaves them empty; sorted.
    pub fn removable_directories(self) -> BTreeSet<&'r str> {
        let directories = self.provision.directories.iter();
        let removable = directories.filter(|one| one.owner != Ownership::System);
        removable.map(|directory| directory.path.as_str()).collect()
    }

    /// The units of lvsgen's own, which the undo stops and disables.
    pub fn own_units(self) -> impl Iterator<Item = &'r str> {
        let own = |file: &&RenderedFile| file.unit == Some(UnitFile::Own);
        self.provision
            .files
            .iter()
            .filter(own)
            .map(|file| file.path.rsplit('/').next().expect("a split gives at least one part"))
    }

    /// Whether systemd must read its units again once the files are installed.
    pub fn changes_units(self) -> bool {
        self.provision.files.iter().any(|file| file.unit.is_some())
    }

    /// The commands that put changed files into effect.
    pub fn apply(self) -> &'r [RenderedCommand] {
        &self.provision.apply
    }

    /// The effects of these commands on traffic, each once, in the order of the commands.
    pub fn effects(self) -> Vec<Effect> {
        let mut effects: Vec<Effect> = Vec::new();
        // Two commands with one effect are one event for the traffic.
        for effect in self.provision.apply.iter().filter_map(|command| command.effect) {
            if !effects.contains(&effect) {
                effects.push(effect);
            }
        }
        effects
    }
}

impl<'r> Rollout<'r> {
    /// Decides the work.
    pub fn new(read_back: &'r ReadBack<'r>) -> Self {
        let rendered = read_back.rendered();
        // A host with several roles is set up once, in the last of its waves: everything that it
        // depends on is up.
        let wave = |role| {
            let hosts = rendered.hosts.iter().filter(|host| wave_of(&host.plan.roles) == role);
            let hosts = hosts.map(|host| HostWork {
                host,
                mechanisms: rendered.of(host).map(MechanismWork::of).collect(),
            });
            Wave { role, hosts: hosts.collect() }
        };
        Self { waves: ORDER.into_iter().map(wave).collect(), drains: drains(&rendered.hosts) }
    }

    /// The places from which a host is drained before its files change.
    pub fn drains(&self, host: &HostName) -> &[Drain] {
        self.drains.get(host).map_or(&[], Vec::as_slice)
    }
}

/// The role in whose wave a host is set up.
fn wave_of(roles: &Roles) -> Role {
    let last = ORDER.into_iter().rev().find(|role| roles.contains(role));
    last.expect("a host has at least one role")
}

/// The places of each real server in the table. All directors have the same table.
fn drains<'r>(hosts: &'r [RenderedHost<'r>]) -> BTreeMap<&'r HostName, Vec<Drain>> {
    let mut needs = hosts.iter().flat_map(|host| &host.plan.needs);
    // The first director's table stands for all: they are equal by construction.
    let table = needs.find_map(|need| match &need.values {
        Values::IpvsRules(rules) => Some(rules),
        _ => None,
    });
    let mut drains: BTreeMap<&HostName, Vec<Drain>> = BTreeMap::new();
    for entry in table.into_iter().flat_map(|table| &table.services) {
        for server in &entry.real_servers {
            let (endpoint, destination) = (entry.service.endpoint, server.destination);
            drains.entry(server.host).or_default().push(Drain { endpoint, destination });
        }
    }
    drains
}
