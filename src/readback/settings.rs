//! After the files of the system and of lvsgen, a real server does not answer ARP for its VIPs and a
//! director sends no redirects. The wanted values stand here a second time, on purpose.

use super::{HostFacts, Mismatch};
use crate::facts::Fact;
use crate::ipvs::Family;
use crate::kernel::{Kernel, Moment, Parameter, Setting, SysctlFile, in_order};
use crate::model::{Need, Role};

/// A parameter, its wanted values for people, and the same as a condition.
type Wanted = (Parameter, &'static str, fn(i64) -> bool);

pub(super) fn compare(host: &HostFacts<'_>, found: &mut Vec<Mismatch>) {
    let view = host.view;
    let wanted = wanted(host);
    if wanted.is_empty() || !host.says_all_of(Need::KernelSettings) {
        return;
    }
    let profile = view.profile.expect("`unknown-target` reports a host without profile");
    let mut files = profile.kernel.files();
    files.extend(own_files(host));
    let conf_at_boot = !profile.kernel.ignores_sysctl_conf;
    // The state after `sysctl --system` depends on the image's /etc/sysctl.conf, which `check` reads.
    let kernels = [Moment::Boot, Moment::Running]
        .map(|moment| (moment, Kernel::new(&files, conf_at_boot, moment)));
    for (parameter, what, good) in wanted {
        for (moment, kernel) in &kernels {
            let seen = kernel.effective(parameter, view.nic().name.as_str());
            if good(seen.value) {
                continue;
            }
            let (name, when) = (parameter.name(), moment.when());
            let why = format!("`{name}` is {} {when}, and must be {what}", seen.value);
            let by = seen.by.map(|(path, _)| path);
            let ours = host.files.iter().find(|file| Some(file.file.path.as_str()) == by);
            found.push(match ours {
                Some(file) => host.mismatch_in(file.file, why),
                None => host.mismatch(why),
            });
            break;
        }
    }
}

fn wanted(host: &HostFacts<'_>) -> Vec<Wanted> {
    let view = host.view;
    let mut wanted: Vec<Wanted> = Vec::new();
    let ipv4 = view.vips.iter().any(|vip| vip.family() == Family::Ipv4);
    if view.is(Role::RealServer) && ipv4 {
        wanted.push((Parameter::ArpIgnore, "1 or 2", |value| matches!(value, 1 | 2)));
        wanted.push((Parameter::ArpAnnounce, "2", |value| value == 2));
    }
    if view.is(Role::Director) {
        wanted.push((Parameter::SendRedirects, "0", |value| value == 0));
    }
    wanted
}

/// The sysctl files among the rendered files.
fn own_files<'a>(host: &'a HostFacts<'_>) -> impl Iterator<Item = SysctlFile<'a>> {
    host.files.iter().filter_map(|file| {
        let facts = file.reading.into_iter().flat_map(|reading| &reading.facts);
        let settings = facts.filter_map(|fact| match &fact.fact {
            Fact::Setting { key, value } => {
                Some(Setting { key: key.into(), value: Some(value.into()), span: None })
            }
            _ => None,
        });
        let settings: Vec<_> = settings.collect();
        let path = file.file.path.as_str();
        let applied_last = !in_order(path);
        (!settings.is_empty()).then(|| SysctlFile { path: path.into(), applied_last, settings })
    })
}
