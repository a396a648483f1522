//! How an OS provides needs: packages, directories, files, services and commands.

use std::collections::BTreeMap;

use schemars::JsonSchema;
use serde::Deserialize;

use super::both_families;
use crate::file::Mode;
use crate::formats::Format;
use crate::ipvs::Family;
use crate::keyword::keywords;
use crate::model::{MechanismName, Need};

/// The identity of a mechanism in a [`ProfileSet`](super::ProfileSet): a number that no other mechanism has.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord)]
pub struct MechanismId(pub(super) usize);

/// A text of a profile, which may hold `{{ names }}`: `values.NAME` of the mechanism, `host.name`,
/// `host.interface`, `cluster`, `need.KEY` of the values that `lvsgen plan` shows, and `item.KEY` where
/// the entry has `for_each`.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Deserialize, JsonSchema)]
#[serde(transparent)]
pub struct Text(pub(super) String);

impl Text {
    /// The source of the text. Names of the mechanism's own values are filled in already.
    pub fn source(&self) -> &str {
        &self.0
    }

    /// Whether the text holds no names.
    pub fn is_plain(&self) -> bool {
        !self.0.contains('{')
    }
}

/// One way to provide a need, or several needs together.
#[derive(Clone, Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Mechanism {
    /// Its identity.
    #[serde(skip)]
    #[schemars(skip)]
    pub id: MechanismId,
    /// The name by which a model chooses it.
    pub mechanism: MechanismName,
    /// Takes everything else from the mechanism of this name and need in that profile, abstract or not.
    pub from: Option<String>,
    /// Further needs that the mechanism provides, beside the need under which it stands. That need comes first in
    /// the order of needs.
    #[serde(default)]
    pub provides: Vec<Need>,
    /// The address families of the VIPs that it can carry; both where the key is left out.
    #[serde(default = "both_families")]
    pub carries: Vec<Family>,
    /// Whether each VIP must have a label, which is impossible with a long interface name.
    #[serde(default)]
    pub labelled: bool,
    /// Whether it writes the whole profile of the interface, in place of the existing one.
    #[serde(default)]
    pub whole_nic: bool,
    /// Files that must exist on the host already, which lvsgen does not write.
    #[serde(default)]
    pub requires: Vec<Text>,
    /// Packages to install first.
    #[serde(default)]
    pub packages: Vec<Text>,
    /// The OS's own paths and names, which templates and texts show as `values.NAME`.
    #[serde(default)]
    pub values: BTreeMap<String, String>,
    /// Directories that must exist before the files are installed.
    #[serde(default)]
    pub directories: Vec<Directory>,
    /// Files to install.
    #[serde(default)]
    pub files: Vec<FileSpec>,
    /// Units that are enabled and running.
    #[serde(default)]
    pub services: Vec<Text>,
    /// Commands, run by a shell in this order, that put changed files into effect. Each may run twice
    /// with the effect of one run.
    #[serde(default)]
    pub apply: Vec<Command>,
    /// Commands that take the mechanism out of effect again.
    #[serde(default)]
    pub undo: Undo,
}

impl Mechanism {
    /// Every text of the mechanism, with the list over whose items it loops.
    pub(super) fn texts_mut(&mut self) -> Vec<(&mut Text, Option<List>)> {
        let mut texts = Vec::new();
        texts.extend(self.directories.iter_mut().map(|directory| (&mut directory.path, None)));
        texts.extend(self.files.iter_mut().map(|file| (&mut file.path, file.for_each)));
        let plain = self.packages.iter_mut().chain(&mut self.services).chain(&mut self.requires);
        texts.extend(plain.map(|text| (text, None)));
        let commands =
            self.apply.iter_mut().chain(&mut self.undo.before).chain(&mut self.undo.after);
        texts.extend(commands.map(|command| (&mut command.run, command.for_each)));
        texts
    }
}

/// Commands, run by a shell in this order, that take a mechanism out of effect. Units whose files are
/// lvsgen's own are stopped and disabled without a command.
#[derive(Clone, Debug, Default, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Undo {
    /// Before the files are removed.
    #[serde(default)]
    pub before: Vec<Command>,
    /// After the files are removed.
    #[serde(default)]
    pub after: Vec<Command>,
}

/// A shell command, written as a text alone or as a mapping.
#[derive(Clone, Debug, Deserialize, JsonSchema)]
#[serde(from = "WrittenCommand")]
pub struct Command {
    /// The command.
    pub run: Text,
    /// Runs the command once for each item of this list, which is `item` in the text.
    pub for_each: Option<List>,
    /// The effect of the command on the cluster's traffic, where it has any.
    pub effect: Option<Effect>,
}

#[derive(Deserialize, JsonSchema)]
#[serde(untagged)]
enum WrittenCommand {
    Short(Text),
    Long(LongCommand),
}

/// A shell command with its list and its effect.
#[derive(Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
struct LongCommand {
    /// The command, for a shell; it may run again at any time.
    run: Text,
    /// The list for each of whose items it runs; `item` is the item.
    for_each: Option<List>,
    /// Its effect on the cluster's traffic, where it has any.
    effect: Option<Effect>,
}

impl From<WrittenCommand> for Command {
    fn from(written: WrittenCommand) -> Self {
        match written {
            WrittenCommand::Short(run) => Self { run, for_each: None, effect: None },
            WrittenCommand::Long(LongCommand { run, for_each, effect }) => {
                Self { run, for_each, effect }
            }
        }
    }
}

keywords! {
    /// A list of a need's values, over whose items files and commands can loop.
    List, "a list of values",
    /// The VIPs of `director_vip` and `real_server_vip`.
    Addresses = "addresses",
    /// The marks of `firewall_marks`.
    Marks = "marks",
    /// The kernel modules of `ipvs_modules`.
    Modules = "modules",
    /// The pages of `nfs_export`.
    Pages = "pages",
    /// The kernel parameters of `kernel_settings`.
    Settings = "settings",
}

keywords! {
    /// The effect of a command on the cluster's traffic.
    Effect, "an effect on traffic",
    /// The IPVS table is emptied and filled again.
    RefillsTable = "refills-table",
    /// The shared directory is mounted again.
    RemountsShare = "remounts-share",
    /// The web server breaks off its requests.
    BreaksRequests = "breaks-requests",
    /// The web server finishes its requests.
    FinishesRequests = "finishes-requests",
    /// The VIPs are removed from the interface and added again.
    ReaddsVips = "readds-vips",
    /// The NIC is set up again.
    SetsUpNic = "sets-up-nic",
}

keywords! {
    /// Who owns a directory.
    Ownership, "an owner of a directory",
    /// lvsgen: made with its mode, and removed when the undo leaves it empty.
    Lvsgen = "lvsgen",
    /// lvsgen: made where it is missing, with the system's usual mode, and removed when the undo leaves
    /// it empty.
    Added = "added",
    /// The system: made where it is missing, and never removed.
    System = "system",
}

/// A directory of a mechanism.
#[derive(Clone, Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Directory {
    /// Its absolute path.
    pub path: Text,
    /// Its mode, where lvsgen owns it.
    #[serde(default = "Mode::directory")]
    pub mode: Mode,
    /// Who owns it; lvsgen where the key is left out.
    #[serde(default = "lvsgen_owns")]
    pub owner: Ownership,
}

fn lvsgen_owns() -> Ownership {
    Ownership::Lvsgen
}

/// A file of a mechanism. Exactly one of `template` and `document` gives its contents.
#[derive(Clone, Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct FileSpec {
    /// Its absolute path.
    pub path: Text,
    /// The template that gives its contents.
    pub template: Option<String>,
    /// The document that lvsgen writes from data.
    pub document: Option<Document>,
    /// The format with which lvsgen reads the file back, where the path does not determine the format.
    pub format: Option<Format>,
    /// Its mode.
    #[serde(default = "Mode::file")]
    pub mode: Mode,
    /// Makes one file for each item of this list, which is `item` in the template and in the path.
    pub for_each: Option<List>,
    /// Whether the file belongs to the administrator, apart from the block between lvsgen's markers.
    #[serde(default)]
    pub shared: bool,
    /// Whether the file is a unit of lvsgen's own, or a drop-in of a unit of the system.
    pub unit: Option<UnitFile>,
}

keywords! {
    /// The part of a file in systemd's units.
    UnitFile, "a kind of unit file",
    /// A unit of lvsgen's own, which the undo stops and disables.
    Own = "own",
    /// A drop-in of a unit that belongs to the system.
    DropIn = "drop-in",
}

keywords! {
    /// A format that lvsgen writes from data, without a template.
    Document, "a document",
    /// The input of ipvsadm-restore(8).
    Ipvsadm = "ipvsadm",
    /// netplan's YAML, with the VIPs of an interface.
    Netplan = "netplan",
}

impl FileSpec {
    /// The name of the template or the document.
    pub fn source(&self) -> &str {
        match (&self.template, self.document) {
            (Some(template), _) => template,
            (None, Some(document)) => document.as_str(),
            (None, None) => "nothing",
        }
    }

    /// The format of the file at its rendered path.
    pub fn format(&self, path: &str) -> Option<Format> {
        let document = self.document.map(|document| match document {
            Document::Ipvsadm => Format::Ipvsadm,
            Document::Netplan => Format::Netplan,
        });
        self.format.or(document).or_else(|| Format::of_path(path))
    }
}
