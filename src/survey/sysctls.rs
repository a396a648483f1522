//! The sysctl files of one host, whoever they come from.

use std::collections::BTreeMap;
use std::sync::Arc;

use crate::kernel::{self, Setting, SysctlFile};
use crate::model::{Cluster, Host, InterfaceName, Need, SysctlFiles, TargetName};
use crate::profile::Profile;

use super::NeedView;

/// The files of hosts that were looked at, for those that have the same.
#[derive(Default)]
pub(super) struct Known<'a>(BTreeMap<Key<'a>, Arc<[SysctlFile<'a>]>>);

/// Profile, NIC and mechanisms: what a host's files follow from that has none of its own.
type Key<'a> = (Option<&'a TargetName>, &'a InterfaceName, Vec<(Need, Option<usize>)>);

impl<'a> Known<'a> {
    pub(super) fn files(
        &mut self,
        cluster: &'a Cluster,
        host: &'a Host,
        profile: Option<&'a Profile>,
        needs: &[NeedView<'a>],
    ) -> Arc<[SysctlFile<'a>]> {
        let make = || files(cluster, host, profile, needs).into();
        if !host.sysctl_files.0.is_empty() {
            return make();
        }
        let mechanisms = needs.iter().map(|view| {
            let address = view.mechanism.map(|mechanism| std::ptr::from_ref(mechanism).addr());
            (view.need, address)
        });
        let interface = &cluster.interface_of(host).value;
        let key = (profile.map(|profile| &profile.name), interface, mechanisms.collect());
        Arc::clone(self.0.entry(key).or_insert_with(make))
    }
}

/// The system's files, the image's for all hosts and for this one, then lvsgen's own.
fn files<'a>(
    cluster: &'a Cluster,
    host: &'a Host,
    profile: Option<&'a Profile>,
    needs: &[NeedView<'a>],
) -> Vec<SysctlFile<'a>> {
    let mut files: Vec<_> = profile.map(|profile| profile.kernel.files()).unwrap_or_default();
    files.extend(written(&cluster.sysctl_files));
    files.extend(written(&host.sysctl_files));
    let interface = &cluster.interface_of(host).value;
    for view in needs {
        let settings = match view.need {
            Need::ArpSuppression => kernel::arp_suppression(),
            Need::RedirectsOff => kernel::redirects_off(interface),
            _ => continue,
        };
        let Some(mechanism) = view.mechanism else { continue };
        let mut paths = mechanism.files.iter().map(|file| file.path.as_str());
        let ordered = paths.clone().find(|path| kernel::in_order(path));
        // A system without sysctl.d(5) has a way of its own, which is believed.
        let path = ordered.or_else(|| paths.next()).unwrap_or_default().into();
        files.push(SysctlFile { path, applied_last: ordered.is_none(), settings });
    }
    files
}

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
            })
            .collect(),
    })
}
