//! The files and commands of one mechanism, as a host needs them.

use serde::Serialize;

use crate::file::{BLOCK_BEGIN, BLOCK_END, Contents, Mode};
use crate::formats::Format;
use crate::model::{MechanismName, Need};
use crate::profile::{Effect, Ownership, UnitFile};

/// Everything that a host needs of one mechanism. Hosts that need the same share it.
#[derive(Clone, Debug, Serialize)]
pub struct Provision {
    /// The mechanism.
    pub mechanism: MechanismName,
    /// The needs that it provides; never none.
    pub needs: Vec<Need>,
    /// Files that must exist already.
    pub requires: Vec<String>,
    /// Packages to install first.
    pub packages: Vec<String>,
    /// Directories that must exist.
    pub directories: Vec<RenderedDirectory>,
    /// Files to install.
    pub files: Vec<RenderedFile>,
    /// Units that are enabled and running.
    pub services: Vec<String>,
    /// Commands that put changed files into effect.
    pub apply: Vec<RenderedCommand>,
    /// Commands that take the mechanism out of effect, before its files are removed.
    pub undo_before: Vec<RenderedCommand>,
    /// The same, after its files are removed.
    pub undo_after: Vec<RenderedCommand>,
}

impl Provision {
    /// The need under which the mechanism stands.
    pub fn first_need(&self) -> Need {
        *self.needs.first().expect("a mechanism provides at least one need")
    }
}

/// One directory of a host.
#[derive(Clone, Debug, Serialize)]
pub struct RenderedDirectory {
    /// Its absolute path on the host.
    pub path: String,
    /// Its permissions, where lvsgen owns it; owner and group are root.
    pub mode: Mode,
    /// Who owns it.
    pub owner: Ownership,
}

/// One file of a host.
#[derive(Clone, Debug, Serialize)]
pub struct RenderedFile {
    /// Its absolute path on the host.
    pub path: String,
    /// Its permissions; owner and group are root.
    pub mode: Mode,
    /// Its contents.
    #[serde(skip)]
    pub contents: Contents,
    /// Whether the file belongs to the administrator, apart from the block between the markers.
    pub shared: bool,
    /// Its part in systemd's units, where it has one.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub unit: Option<UnitFile>,
    /// Its format, where lvsgen has a reader for it.
    #[serde(skip)]
    pub format: Option<Format>,
    /// The template or the document that gave its contents.
    #[serde(skip)]
    pub source: String,
}

impl RenderedFile {
    /// The text between the markers of a shared file.
    pub fn block(&self) -> Option<&str> {
        let text: &str = &self.contents;
        let begin = text.find(BLOCK_BEGIN)? + BLOCK_BEGIN.len() + 1;
        let end = text.find(BLOCK_END)?;
        text.get(begin..end).filter(|_| self.shared)
    }
}

/// One command of a host.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct RenderedCommand {
    /// The command, for a shell.
    pub run: String,
    /// The item of a list for which it runs, where it runs for one: a VIP, a kernel parameter.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub item: Option<String>,
    /// Its effect on the cluster's traffic, where it has any.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub effect: Option<Effect>,
}
