//! The abilities of an OS's kernel, and the kernel settings of the OS itself.

use std::collections::BTreeMap;

use schemars::JsonSchema;
use serde::Deserialize;

use crate::ipvs::Scheduler;
use crate::kernel::{Setting, SysctlFile};

/// The kernel of an OS.
#[derive(Clone, Debug, Default, PartialEq, Eq, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct KernelFacts {
    /// Whether `/etc/sysctl.conf` is not read at boot: systemd-sysctl knows it only by a link,
    /// `99-sysctl.conf`, that the system may not have.
    #[serde(default)]
    pub ignores_sysctl_conf: bool,
    /// The files that set what matters to direct routing: path, then sysctl and value. Null keeps
    /// wildcards away from a sysctl.
    #[serde(default)]
    pub sysctl_files: BTreeMap<String, BTreeMap<String, Option<String>>>,
    /// The schedulers that its packages do not have.
    #[serde(default)]
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
