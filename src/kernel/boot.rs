//! Which sysctl files are read, and in which order.

use std::collections::BTreeMap;

use super::{Moment, SysctlFile};

/// The directories that are read, the strongest first: of two files of one name, only the one in
/// the stronger directory counts.
const DIRECTORIES: [&str; 5] = [
    "/etc/sysctl.d",
    "/run/sysctl.d",
    "/usr/local/lib/sysctl.d",
    "/usr/lib/sysctl.d",
    "/lib/sysctl.d",
];

/// Whether systemd-sysctl and `sysctl --system` read a file, in the order of its name.
pub fn in_order(path: &str) -> bool {
    path == CONF
        || path.rsplit_once('/').is_some_and(|(directory, _)| DIRECTORIES.contains(&directory))
}

const CONF: &str = "/etc/sysctl.conf";

/// The files in the order in which they are applied. A file whose path stands twice is the later
/// one: what an image has replaces what its system ships.
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
    // systemd-sysctl knows the file by a link of that name alone.
    if let Some(conf) = conf.filter(|_| conf_at_boot && moment != Moment::Reread) {
        by_name.insert("99-sysctl.conf", (0, conf));
    }
    let mut ordered: Vec<_> = by_name.into_values().map(|(_, file)| file).collect();
    ordered.extend(conf.filter(|_| moment == Moment::Reread));
    ordered.extend(last);
    ordered
}
