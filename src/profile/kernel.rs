//! What an OS's kernel can do, and what the OS tells it by itself.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use crate::kernel::{Setting, SysctlFile};
use crate::model::Scheduler;

/// The kernel of an OS.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct KernelFacts {
    /// Whether `/etc/sysctl.conf` is not read at boot: systemd-sysctl knows it only by a link,
    /// `99-sysctl.conf`, that the system may not have.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub ignores_sysctl_conf: bool,
    /// The files that set what matters to direct routing: path, then sysctl and value. Null keeps
    /// wildcards away from a sysctl.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub sysctl_files: BTreeMap<String, BTreeMap<String, Option<String>>>,
    /// The schedulers that its packages do not have.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub lacks: Vec<Scheduler>,
}

impl KernelFacts {
    /// Its sysctl files.
    pub fn files(&self) -> Vec<SysctlFile<'_>> {
        let files = self.sysctl_files.iter().map(|(path, settings)| SysctlFile {
            path: path.into(),
            applied_last: false,
            settings: settings
                .iter()
                .map(|(key, value)| Setting {
                    key: key.into(),
                    value: value.as_deref().map(Into::into),
                    span: None,
                })
                .collect(),
        });
        files.collect()
    }
}
