//! The abilities of an OS's kernel, and the kernel settings that the OS makes without lvsgen.

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
    /// link `99-sysctl.conf`, and some systems do not have this link.
    #[serde(default)]
    pub ignores_sysctl_conf: bool,
    /// The sysctl files of the system that affect direct routing. Each key is the path of a file. Its value is a
    /// mapping from the sysctls of the file to their values. The value null means that wildcards do not set the
    /// sysctl.
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
                    tunes: false,
                })
                .collect(),
        });
        files.collect()
    }
}
