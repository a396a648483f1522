//! The sysctl files that a host reads, and their order.

use std::collections::BTreeMap;

use super::{Moment, SysctlFile};

/// The directories of sysctl files, in the order of their strength: the strongest directory is the first. If two
/// files have the same name, the host reads only the file in the stronger directory.
const DIRECTORIES: [&str; 5] = [
    "/etc/sysctl.d",
    "/run/sysctl.d",
    "/usr/local/lib/sysctl.d",
    "/usr/lib/sysctl.d",
    "/lib/sysctl.d",
];

/// Whether systemd-sysctl and `sysctl --system` read a file in the order of the file names.
pub fn in_order(path: &str) -> bool {
    path == CONF
        || path.rsplit_once('/').is_some_and(|(directory, _)| DIRECTORIES.contains(&directory))
}

/// Whether a host reads the sysctl file at a path.
pub fn is_read(path: &str) -> bool {
    path == CONF || (in_order(path) && path.ends_with(".conf"))
}

const CONF: &str = "/etc/sysctl.conf";

/// The files in the order in which the host applies them. If two files have the same path, only the later file in
/// `files` counts: a file of the image replaces the file of the system that has the same path.
pub(super) fn order<'a>(
    files: &'a [SysctlFile<'a>],
    conf_at_boot: bool,
    moment: Moment,
) -> Vec<&'a SysctlFile<'a>> {
    let mut by_name: BTreeMap<&str, (usize, &SysctlFile<'_>)> = BTreeMap::new();
    let (mut conf, mut last) = (None, Vec::new());
    for file in files {
        if file.applied_last {
            last.push(file);
            continue;
        }
        if file.path == CONF {
            conf = Some(file);
            continue;
        }
        let Some((directory, name)) = file.path.rsplit_once('/') else { continue };
        let strength = DIRECTORIES.iter().position(|one| *one == directory);
        let Some(strength) = strength.filter(|_| name.ends_with(".conf")) else { continue };
        let weaker = by_name.get(name).is_some_and(|(before, _)| *before < strength);
        if !weaker {
            by_name.insert(name, (strength, file));
        }
    }
    // systemd-sysctl reads `/etc/sysctl.conf` only through the link `99-sysctl.conf`.
    if let Some(conf) = conf.filter(|_| conf_at_boot && moment != Moment::Reread) {
        by_name.insert("99-sysctl.conf", (0, conf));
    }
    let mut ordered: Vec<_> = by_name.into_values().map(|(_, file)| file).collect();
    ordered.extend(conf.filter(|_| moment == Moment::Reread));
    ordered.extend(last);
    ordered
}
