//! How an OS provides needs: packages, directories, files, services and commands.

use std::collections::BTreeMap;

use schemars::JsonSchema;
use serde::Deserialize;

use super::both_families;
use super::file::{Directory, FileSpec};
use crate::ipvs::Family;
use crate::keyword::keywords;
use crate::model::{HasFamily as _, MechanismName, Need, NicKind, Vip};

/// The identity of a mechanism in a [`ProfileSet`](super::ProfileSet): the number of its target, and its number in the profile.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord)]
pub struct MechanismId(pub(super) usize, pub(super) usize);

/// A text of a profile. It may contain template variables (`{{ host.name }}`). The variables are `values.NAME`
/// (a value of the mechanism), `host.name`, `host.interface`, `cluster`, and `need.KEY` (a value of the need:
/// `lvsgen plan --format json` shows these values). If the entry has `for_each`, the text may also contain `item.KEY`. lvsgen leaves out an
/// entry whose path, name or command becomes empty.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Deserialize, JsonSchema)]
#[serde(transparent)]
pub struct Text(pub(super) String);

impl Text {
    /// The source of the text. If the text uses only the variables `values.NAME`, the source already contains
    /// their values. Exception: if the text with the values still contains a brace, the source is unchanged.
    pub fn source(&self) -> &str {
        &self.0
    }

    /// Whether the text contains no brace, and therefore no template variable.
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
    /// The name of another profile, which may be abstract. lvsgen copies the definition of this mechanism from that
    /// profile: the mechanism that has the same name and the same need.
    pub from: Option<String>,
    /// Other needs that the mechanism also provides. These needs must come later in the order of needs than the
    /// need under which the profile lists the mechanism.
    #[serde(default)]
    pub provides: Vec<Need>,
    /// The things that the mechanism can do besides its needs.
    #[serde(default)]
    pub abilities: Vec<Ability>,
    /// The address families of the VIPs that the mechanism can carry. Without this key: both families.
    #[serde(default = "both_families")]
    pub carries: Vec<Family>,
    /// The kinds of NIC that the files can describe. Without this key: every kind.
    #[serde(default = "every_kind")]
    pub nic_kinds: Vec<NicKind>,
    /// Whether each VIP must have a label. With a long interface name, a label is impossible.
    #[serde(default)]
    pub labelled: bool,
    /// Whether the program of the mechanism runs on each system whose profile lists the mechanism first. For `firewall` only:
    /// lvsgen then opens the firewall unless the model says `firewall: false`.
    #[serde(default)]
    pub active: bool,
    /// For `firewall`: the language of the rules.
    #[serde(default = "nft_rules")]
    pub language: RuleLanguage,
    /// Whether the mechanism replaces the whole existing profile of the interface.
    #[serde(default)]
    pub whole_nic: bool,
    /// Whether the program that sets the VIPs removes other addresses from the interface. Two clusters can then have
    /// VIPs on one interface of a host only if both use this mechanism.
    #[serde(default)]
    pub removes_other_addresses: bool,
    /// Files that must already exist on the host. lvsgen does not write these files.
    #[serde(default)]
    pub requires: Vec<Text>,
    /// Shell commands that ask the host, before anything changes, whether the mechanism works on it. A command ends with the
    /// status 0, or prints the reason why not.
    #[serde(default)]
    pub conditions: Vec<Command>,
    /// Packages to install first.
    #[serde(default)]
    pub packages: Vec<Text>,
    /// Paths and names of the OS. Templates and texts use them as `values.NAME`.
    #[serde(default)]
    pub values: BTreeMap<String, String>,
    /// Directories that must exist before the files are installed.
    #[serde(default)]
    pub directories: Vec<Directory>,
    /// Files to install.
    #[serde(default)]
    pub files: Vec<FileSpec>,
    /// Units that must be enabled and running.
    #[serde(default)]
    pub services: Vec<Text>,
    /// Shell commands that put changed files into effect. They run in this order. A second run of a command
    /// must have no further effect.
    #[serde(default)]
    pub apply: Vec<Command>,
    /// Shell commands that ask the running host whether the mechanism is in effect. A command ends with the status 0 if it
    /// is. It changes nothing.
    #[serde(default)]
    pub probes: Vec<Command>,
    /// Shell commands that describe the running host, for `--verify`. A command prints a line, or nothing if there is nothing to say.
    /// Whatever it prints is no fault.
    #[serde(default)]
    pub reports: Vec<Command>,
    /// Commands that undo the effect of the mechanism.
    #[serde(default)]
    pub undo: Undo,
}

impl Mechanism {
    /// Whether the mechanism can carry the address families of all VIPs.
    pub fn carries_all(&self, vips: &[Vip]) -> bool {
        vips.iter().all(|vip| self.carries.contains(&vip.family()))
    }

    /// Whether the files can describe a NIC of this kind.
    pub fn writes(&self, kind: NicKind) -> bool {
        self.nic_kinds.contains(&kind)
    }

    /// Every text of the mechanism. If a text has a `for_each` list, the result also contains the list.
    pub(super) fn texts_mut(&mut self) -> Vec<(&mut Text, Option<List>)> {
        let mut texts = Vec::new();
        let directories = self.directories.iter_mut();
        texts.extend(directories.map(|directory| (&mut directory.path, directory.for_each)));
        texts.extend(self.files.iter_mut().map(|file| (&mut file.path, file.for_each)));
        let plain = self.packages.iter_mut().chain(&mut self.services).chain(&mut self.requires);
        texts.extend(plain.map(|text| (text, None)));
        let undo = self.undo.before.iter_mut().chain(&mut self.undo.after);
        let asked = self.probes.iter_mut().chain(&mut self.reports).chain(&mut self.conditions);
        let commands = self.apply.iter_mut().chain(asked).chain(undo);
        texts.extend(commands.map(|command| (&mut command.run, command.for_each)));
        texts
    }
}

/// Shell commands that undo the effect of a mechanism. They run in this order. Units with `unit: own` need no
/// command: the undo stops and disables these units.
#[derive(Clone, Debug, Default, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Undo {
    /// Commands that run before lvsgen removes the files.
    #[serde(default)]
    pub before: Vec<Command>,
    /// Commands that run after lvsgen has removed the files.
    #[serde(default)]
    pub after: Vec<Command>,
}

/// A shell command, written as a text or as a mapping.
#[derive(Clone, Debug, Deserialize, JsonSchema)]
#[serde(from = "WrittenCommand")]
pub struct Command {
    /// The command.
    pub run: Text,
    /// Runs the command once for each item of this list. The text uses the item as `item`.
    pub for_each: Option<List>,
    /// The effect of the command on the cluster's traffic, if any.
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
    /// The shell command. It must be safe to run the command again at any time.
    run: Text,
    /// A list: the command runs once for each item. The text of the command uses the item as `item`.
    for_each: Option<List>,
    /// The effect of the command on the cluster's traffic, if any.
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
    /// A list in the values of a need. A profile can repeat a file or a command for each item of the list.
    List, "a list of values",
    /// The VIPs of `director_vip` and `real_server_vip`.
    Addresses = "addresses",
    /// The devices of `tunnel_device`.
    Devices = "devices",
    /// The files of `ipvs_rules` that drain real servers.
    DrainFiles = "drain_files",
    /// The marks of `packet_rules`.
    Marks = "marks",
    /// The kernel modules of `ipvs_modules`.
    Modules = "modules",
    /// The interfaces of `director_vip` and `real_server_vip` that carry VIPs.
    Nics = "nics",
    /// The openings of `firewall`.
    Openings = "openings",
    /// The options of the kernel modules of `ipvs_modules`.
    Options = "options",
    /// The pages of `nfs_export`.
    Pages = "pages",
    /// The routes of `return_route`.
    Routes = "routes",
    /// The rules of `return_route`.
    Rules = "rules",
    /// The ports of `web_server` besides 80 and 443, on which the system does not listen by default.
    ExtraPorts = "extra_ports",
    /// The booleans of SELinux that the checks of `ipvs_rules` need.
    SelinuxBooleans = "selinux_booleans",
    /// The kernel parameters of `kernel_settings`.
    Settings = "settings",
}

keywords! {
    /// The effect of a command on the cluster's traffic.
    Effect, "an effect on traffic",
    /// The command mounts the shared directory again.
    RemountsShare = "remounts-share",
    /// The web server aborts its requests.
    BreaksRequests = "breaks-requests",
    /// The web server finishes its requests.
    FinishesRequests = "finishes-requests",
    /// The command configures the NIC again.
    SetsUpNic = "sets-up-nic",
}

keywords! {
    /// Something that a mechanism can do besides its needs.
    Ability, "an ability of a mechanism",
    /// It moves the VIPs between directors. Such a mechanism provides `director_vip` only with `failover`.
    Failover = "failover",
    /// It checks the real servers, and removes the dead ones from the table.
    HealthChecks = "health-checks",
    /// It is nginx. Without this ability, a mechanism for `web_server` is Apache httpd.
    Nginx = "nginx",
}

keywords! {
    /// The language of a firewall's rules.
    RuleLanguage, "a language of rules",
    /// A policy of firewalld: XML in the file (`xml`), rich rules for its commands (`rule`).
    Policy = "policy",
    /// Rich rules of firewalld.
    RichRules = "rich-rules",
    /// The conditions of iptables(8).
    Iptables = "iptables",
    /// The conditions of nft(8).
    Nft = "nft",
}

fn every_kind() -> Vec<NicKind> {
    NicKind::ALL.to_vec()
}

fn nft_rules() -> RuleLanguage {
    RuleLanguage::Nft
}

keywords! {
    /// A program that installs packages.
    PackageManager, "a package manager",
    /// apt-get(8), with dpkg.
    Apt = "apt",
    /// dnf(8), with rpm.
    Dnf = "dnf",
    /// zypper(8), with rpm.
    Zypper = "zypper",
}
