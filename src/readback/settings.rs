//! The sysctl files of the system and of lvsgen together have the right effect: a real server does not answer ARP
//! for its VIPs, and a director sends no redirects. This file intentionally defines the wanted values a second time.

use std::collections::BTreeMap;
use std::net::IpAddr;

use super::{FactsOfFile, HostFacts, Mismatch};
use crate::facts::Fact;
use crate::ipvs::Family;
use crate::kernel::{Kernel, Moment, Parameter, Setting, SysctlFile, in_order};
use crate::model::{InterfaceName, Need, Role, TargetName};
use crate::profile::MechanismId;
use crate::render::{ProvisionId, RenderedFile};
use crate::resolve::NicView;

/// A device, or `None` for the NICs; a parameter; its wanted values as text for people, and as a condition.
type Wanted = (Option<&'static str>, Parameter, &'static str, fn(i64) -> bool);

/// A parameter with a wrong value: the rendered file that sets the value, if any, and the reason.
type Breach<'a> = (Option<&'a RenderedFile>, String);

/// The values that decide the breaches of a host: profile, mechanism, NIC, wanted parameters, and the
/// provisions with settings.
type Key<'a> = (
    Option<&'a TargetName>,
    Option<MechanismId>,
    Vec<&'a InterfaceName>,
    Vec<&'static str>,
    Vec<ProvisionId>,
);

/// The breaches of all hosts. If several hosts have the same files, lvsgen computes their breaches only once.
pub(super) struct Breaches<'a> {
    classes: Vec<Vec<Breach<'a>>>,
    /// The class of each host, in the order of the hosts.
    of_host: Vec<usize>,
}

impl<'a> Breaches<'a> {
    pub(super) fn new(hosts: &'a [HostFacts<'_>]) -> Self {
        let mut known: BTreeMap<Key<'_>, usize> = BTreeMap::new();
        let mut classes = Vec::new();
        let of_host = hosts.iter().map(|host| {
            *known.entry(key(host)).or_insert_with(|| {
                classes.push(breaches(host));
                classes.len() - 1
            })
        });
        let of_host = of_host.collect();
        Self { classes, of_host }
    }

    /// Adds the mismatches of a host; `at` is the index of the host in the list.
    pub(super) fn compare(&self, at: usize, host: &HostFacts<'_>, found: &mut Vec<Mismatch>) {
        let breaches = self.classes[self.of_host[at]].iter();
        found.extend(breaches.map(|(file, why)| match file {
            Some(file) => host.mismatch_in(file, why.clone()),
            None => host.mismatch(why.clone()),
        }));
    }
}

fn key<'a>(host: &'a HostFacts<'_>) -> Key<'a> {
    let view = host.view;
    let mechanism = view.need(Need::KernelSettings).and_then(|need| need.mechanism);
    let wanted = wanted(host).into_iter().map(|(_, parameter, ..)| parameter.name());
    let decides = |file: &&FactsOfFile<'_>| {
        file.provision.needs.contains(&Need::KernelSettings) || settings(file).next().is_some()
    };
    (
        view.profile.map(|profile| &profile.name),
        mechanism.map(|mechanism| mechanism.id),
        view.nics.iter().map(NicView::name).collect(),
        wanted.collect(),
        host.files.iter().filter(decides).map(|file| file.id).collect(),
    )
}

fn breaches<'a>(host: &'a HostFacts<'_>) -> Vec<Breach<'a>> {
    let view = host.view;
    let wanted = wanted(host);
    if wanted.is_empty() || !host.says_all_of(Need::KernelSettings) {
        return Vec::new();
    }
    let mut found = Vec::new();
    let profile = view.profile.expect("`unknown-target` reports a host without profile");
    let mut files = profile.kernel.files();
    files.extend(own_files(host));
    let conf_at_boot = !profile.kernel.ignores_sysctl_conf;
    // `Moment::Reread` is not in this list. The values after `sysctl --system` depend on the image's
    // /etc/sysctl.conf, and `check` reads this file.
    let kernels = [Moment::Boot, Moment::Running]
        .map(|moment| (moment, Kernel::new(&files, conf_at_boot, moment)));
    for (device, parameter, what, good) in wanted {
        let nics = device.map_or_else(|| nics(host, parameter), |device| vec![device]);
        for (moment, kernel) in &kernels {
            let mut seen = nics.iter().map(|nic| kernel.effective(parameter, nic));
            let Some(seen) = seen.find(|seen| !good(seen.value)) else { continue };
            let (name, when) = (parameter.name(), moment.when());
            let of = device.map(|device| format!(" of {device}")).unwrap_or_default();
            let why = format!("`{name}`{of} is {} {when}, and must be {what}", seen.value);
            let by = seen.by.map(|(path, _)| path);
            let ours = host.files.iter().find(|file| Some(file.file.path.as_str()) == by);
            found.push((ours.map(|file| file.file), why));
            break;
        }
    }
    found
}

fn wanted(host: &HostFacts<'_>) -> Vec<Wanted> {
    let view = host.view;
    let mut wanted: Vec<Wanted> = Vec::new();
    let ipv4 = view.vips.iter().any(|vip| vip.family() == Family::Ipv4);
    if view.is(Role::RealServer) && ipv4 {
        wanted.push((None, Parameter::ArpIgnore, "1 or 2", |value| matches!(value, 1 | 2)));
        wanted.push((None, Parameter::ArpAnnounce, "2", |value| value == 2));
    }
    if view.is(Role::Director) {
        wanted.push((None, Parameter::SendRedirects, "0", |value| value == 0));
        let own_answers = |fact: &Fact| matches!(fact, Fact::Check { path: Some(path), .. } if path.source.is_ipv4());
        if host.facts().any(|(_, fact)| own_answers(fact)) {
            wanted.push((None, Parameter::AcceptLocal, "1", |value| value != 0));
        }
    }
    let unpacks = |fact: &Fact| matches!(fact, Fact::DeviceUp(device) if device == TUNNEL);
    if host.facts().any(|(_, fact)| unpacks(fact)) {
        wanted.push((Some(TUNNEL), Parameter::RpFilter, "0 or 2", |value| value != 1));
    }
    wanted
}

/// The NICs on which a parameter must have its value. The answers to a director's checks come to the NICs that have the sources of
/// the checks.
fn nics<'a>(host: &'a HostFacts<'_>, parameter: Parameter) -> Vec<&'a str> {
    let asks = |nic: &&NicView<'_>| {
        let own = |source: IpAddr| nic.addresses.iter().any(|address| address.0 == source);
        host.facts().any(
            |(_, fact)| matches!(fact, Fact::Check { path: Some(path), .. } if own(path.source)),
        )
    };
    let answered = |nic: &&NicView<'_>| parameter != Parameter::AcceptLocal || asks(nic);
    host.view.nics.iter().filter(answered).map(|nic| nic.name().as_str()).collect()
}

/// The device of IPv4 tunnels. The way back of its packets is another NIC.
const TUNNEL: &str = "tunl0";

/// The sysctl files among the rendered files.
fn own_files<'a>(host: &'a HostFacts<'_>) -> impl Iterator<Item = SysctlFile<'a>> {
    host.files.iter().filter_map(|file| {
        let settings: Vec<_> = settings(file).collect();
        let path = file.file.path.as_str();
        let applied_last = !in_order(path);
        (!settings.is_empty()).then(|| SysctlFile { path: path.into(), applied_last, settings })
    })
}

/// The settings of a file.
fn settings<'a>(file: &FactsOfFile<'a>) -> impl Iterator<Item = Setting<'a>> + use<'a> {
    let facts = file.reading.into_iter().flat_map(|reading| &reading.facts);
    facts.filter_map(|fact| match &fact.fact {
        Fact::Setting { key, value } => {
            Some(Setting { key: key.into(), value: Some(value.into()), span: None, tunes: false })
        }
        _ => None,
    })
}
