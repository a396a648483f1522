//! The sysctl files of each host: the files of the system, of the image, and of lvsgen.

use std::collections::BTreeMap;

use super::{KernelId, KernelSetting, NeedView, NicView};
use crate::kernel::{self, Setting, SysctlFile};
use crate::model::{Cluster, Host, InterfaceName, Need, SysctlFiles, TargetName};
use crate::profile::{Mechanism, MechanismId, Profile};

/// The kernels of all hosts. Several hosts with the same files can share one kernel.
#[derive(Debug, Default)]
pub(super) struct Kernels<'a> {
    pub(super) all: Vec<HostFiles<'a>>,
    known: BTreeMap<Key<'a>, KernelId>,
}

/// The files of a host.
#[derive(Debug)]
pub(super) struct HostFiles<'a> {
    /// The files of the system, then the files of the image, then the file of lvsgen.
    pub(super) files: Vec<SysctlFile<'a>>,
    /// Whether the system reads `/etc/sysctl.conf` at boot.
    pub(super) conf_at_boot: bool,
}

/// The profile, the NICs, the mechanism, and the settings. If the model lists no `sysctl_files` under a
/// host, these values determine the files of the host.
type Key<'a> = (Option<&'a TargetName>, Vec<&'a InterfaceName>, Option<MechanismId>, Vec<String>);

impl<'a> Kernels<'a> {
    /// Gives the kernel of a host.
    pub(super) fn of(
        &mut self,
        cluster: &'a Cluster,
        host: &'a Host,
        nics: &[NicView<'a>],
        profile: Option<&'a Profile>,
        need: Option<&NeedView<'a>>,
        settings: &[KernelSetting],
    ) -> KernelId {
        let mechanism = need.and_then(|need| need.mechanism);
        let values =
            settings.iter().map(|setting| format!("{}={}", setting.key, setting.value)).collect();
        let nics = nics.iter().map(NicView::name).collect();
        let target = profile.map(|profile| &profile.name);
        let key = (target, nics, mechanism.map(|mechanism| mechanism.id), values);
        let alone = !host.sysctl_files.0.is_empty();
        if let Some(known) = self.known.get(&key).filter(|_| !alone) {
            return *known;
        }
        let mut files: Vec<_> = profile.map_or_else(Vec::new, |profile| profile.kernel.files());
        files.extend(written(&cluster.sysctl_files));
        files.extend(written(&host.sysctl_files));
        if let Some(mechanism) = mechanism {
            files.extend(own(mechanism, settings));
        }
        let conf_at_boot = !profile.is_some_and(|profile| profile.kernel.ignores_sysctl_conf);
        let id = KernelId(self.all.len());
        self.all.push(HostFiles { files, conf_at_boot });
        if !alone {
            self.known.insert(key, id);
        }
        id
    }
}

/// lvsgen's own file, if the mechanism writes a file.
fn own<'a>(mechanism: &Mechanism, settings: &[KernelSetting]) -> Option<SysctlFile<'a>> {
    let paths: Vec<&str> = mechanism.files.iter().map(|file| file.path.source()).collect();
    let ordered = paths.iter().find(|path| kernel::in_order(path));
    // A system without sysctl.d(5) has its own mechanism. lvsgen assumes that the host applies the file of this
    // mechanism after all other files.
    let path = (*ordered.or(paths.first())?).to_owned();
    let settings = settings.iter().map(|setting| Setting {
        key: setting.key.clone().into(),
        value: Some(setting.value.to_string().into()),
        span: setting.written,
        tunes: setting.tunes,
    });
    let applied_last = ordered.is_none();
    Some(SysctlFile { path: path.into(), applied_last, settings: settings.collect() })
}

/// The need whose mechanism writes lvsgen's own file.
pub(super) const NEED: Need = Need::KernelSettings;

fn written(files: &SysctlFiles) -> impl Iterator<Item = SysctlFile<'_>> {
    files.0.iter().map(|file| SysctlFile {
        path: file.path.as_str().into(),
        applied_last: false,
        settings: file
            .settings
            .iter()
            .map(|setting| Setting {
                key: setting.key.as_str().into(),
                value: Some(setting.value.value.0.as_str().into()),
                span: Some(setting.span),
                tunes: false,
            })
            .collect(),
    })
}
