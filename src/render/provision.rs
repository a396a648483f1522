//! The rendered files and commands of one mechanism, for one or more hosts.

use std::collections::BTreeSet;
use std::ops::Range;

use serde::{Serialize, Serializer};

use crate::file::{Contents, Mode};
use crate::formats::Format;
use crate::model::{MechanismName, Need};
use crate::profile::{Effect, FileTest, Ownership, UnitFile};
use crate::secret::SecretName;

/// Everything that a host needs from one mechanism. If this is the same for several hosts, they share one provision.
#[derive(Clone, Debug, Serialize)]
pub struct Provision {
    /// The mechanism.
    pub mechanism: MechanismName,
    /// The needs that it provides; never empty.
    pub needs: Vec<Need>,
    /// Whether the program that sets the VIPs removes other addresses from the interface.
    #[serde(skip)]
    pub removes_other_addresses: bool,
    /// Whether the mechanism replaces the whole existing profile of the NIC.
    #[serde(skip)]
    pub whole_nic: bool,
    /// Files that must already exist.
    pub requires: Vec<String>,
    /// Commands that ask the host, before anything changes, whether the mechanism works on it.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub conditions: Vec<RenderedCommand>,
    /// Packages to install first.
    pub packages: Vec<String>,
    /// Directories that must exist.
    pub directories: Vec<RenderedDirectory>,
    /// Files to install.
    pub files: Vec<RenderedFile>,
    /// Units that must be enabled and running.
    pub services: Vec<String>,
    /// Commands that put changed files into effect.
    pub apply: Vec<RenderedCommand>,
    /// Commands that ask the running host whether the mechanism is in effect.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub probes: Vec<RenderedCommand>,
    /// Commands that describe the running host.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub reports: Vec<RenderedCommand>,
    /// Commands that undo the effect of the mechanism. They run before the mechanism's files are removed.
    pub undo_before: Vec<RenderedCommand>,
    /// Commands that undo the effect of the mechanism. They run after the mechanism's files are removed.
    pub undo_after: Vec<RenderedCommand>,
}

impl Provision {
    /// The first of the needs.
    pub fn first_need(&self) -> Need {
        *self.needs.first().expect("a mechanism provides at least one need")
    }
}

/// One directory of a host.
#[derive(Clone, Debug, Serialize)]
pub struct RenderedDirectory {
    /// Its absolute path on the host.
    pub path: String,
    /// Its permissions, if lvsgen owns the directory. The user and the group are root.
    pub mode: Mode,
    /// The owner: lvsgen or the system.
    pub owner: Ownership,
}

/// One file of a host.
#[derive(Clone, Debug, Serialize)]
pub struct RenderedFile {
    /// Its absolute path on the host.
    pub path: String,
    /// Its permissions. The user and the group are root.
    pub mode: Mode,
    /// Its contents.
    #[serde(skip)]
    pub contents: Contents,
    /// The bytes of lvsgen's block with its markers, if the administrator owns the rest of the file.
    #[serde(rename = "shared", serialize_with = "is_some")]
    pub block: Option<Range<usize>>,
    /// The kind of unit file, if the file is a systemd unit file.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub unit: Option<UnitFile>,
    /// The program that tests the new file on the host before it replaces the old one.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub test: Option<FileTest>,
    /// The secrets that `converge.sh` fills in on the host.
    #[serde(skip_serializing_if = "BTreeSet::is_empty")]
    pub secrets: BTreeSet<SecretName>,
    /// Its format, if lvsgen has a reader for the format.
    #[serde(skip)]
    pub format: Option<Format>,
    /// The template or the document that gave its contents.
    #[serde(skip)]
    pub source: String,
}

impl RenderedFile {
    /// Whether the administrator owns the file, except lvsgen's block.
    pub fn is_shared(&self) -> bool {
        self.block.is_some()
    }

    /// lvsgen's part of the file: its block, or the whole file.
    pub fn own_part(&self) -> &str {
        self.block.clone().map_or(&*self.contents, |block| &self.contents[block])
    }
}

fn is_some<T, S: Serializer>(part: &Option<T>, serializer: S) -> Result<S::Ok, S::Error> {
    serializer.serialize_bool(part.is_some())
}

/// One command of a host.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct RenderedCommand {
    /// The shell command.
    pub run: String,
    /// The list item for which the command runs, if any: for example, a VIP or a kernel parameter.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub item: Option<String>,
    /// The effect of the command on the cluster's traffic, if any.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub effect: Option<Effect>,
}
