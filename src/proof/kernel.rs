//! After the files of the system and of lvsgen, a real server is silent about its VIPs and a
//! director sends no redirects.

use super::read::Fact;
use super::{Broken, Host};
use crate::kernel::{Kernel, Moment, Parameter, Setting, SysctlFile, in_order};
use crate::model::Need;

pub(super) fn hold(host: &Host<'_>, broken: &mut Vec<Broken>) {
    let view = host.view;
    type Wanted = (Parameter, &'static str, fn(i64) -> bool);
    let mut wanted: Vec<Wanted> = Vec::new();
    if host.tells(Need::ArpSuppression) {
        wanted.push((Parameter::ArpIgnore, "1 or 2", |value| matches!(value, 1 | 2)));
        wanted.push((Parameter::ArpAnnounce, "2", |value| value == 2));
    }
    if host.tells(Need::RedirectsOff) {
        wanted.push((Parameter::SendRedirects, "0", |value| value == 0));
    }
    if wanted.is_empty() {
        return;
    }
    let mut files = view.profile.map(|profile| profile.kernel.files()).unwrap_or_default();
    files.extend(host.files.iter().filter_map(|file| {
        let settings = file.facts.into_iter().flatten().filter_map(|(_, fact)| match fact {
            Fact::Sysctl { key, value } => {
                Some(Setting { key: key.into(), value: Some(value.into()), span: None })
            }
            _ => None,
        });
        let settings: Vec<_> = settings.collect();
        let path = file.artifact.path.as_str();
        let applied_last = !in_order(path);
        (!settings.is_empty()).then(|| SysctlFile { path: path.into(), applied_last, settings })
    }));
    let ignored = view.profile.is_some_and(|profile| profile.kernel.ignores_sysctl_conf);
    // What /etc/sysctl.conf says after a reread is the image's business, and `check`'s.
    let kernels = [Moment::Boot, Moment::Running]
        .map(|moment| (moment, Kernel::new(&files, !ignored, moment)));
    for (parameter, what, good) in wanted {
        for (moment, kernel) in &kernels {
            let seen = kernel.effective(parameter, view.interface.as_str());
            if !good(seen.value) {
                let (name, when) = (parameter.name(), moment.when());
                let why = format!("`{name}` is {} {when}, and has to be {what}", seen.value);
                let by = seen.by.map(|(path, _)| path);
                let ours = host.files.iter().find(|file| Some(file.artifact.path.as_str()) == by);
                broken.push(match ours {
                    Some(file) => host.broken_in(file.artifact, why),
                    None => host.broken(why),
                });
                break;
            }
        }
    }
}
