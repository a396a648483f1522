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
    /// Whether the system ignores `/etc/sysctl.conf` at boot. systemd-sysctl reads this file only through the
    /// link `99-sysctl.conf`, and a system may not have this link.
    #[serde(default)]
    pub ignores_sysctl_conf: bool,
    /// The files with sysctls that matter to direct routing: for each path, the sysctls and their values. If the
    /// value is null, wildcards do not set the sysctl.
    #[serde(default)]
    pub sysctl_files: BTreeMap<String, BTreeMap<String, Option<String>>>,
    /// The schedulers that the system's packages do not contain.
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
