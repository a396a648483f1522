//! How an OS provides one need: packages, directories, files, services and commands.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use crate::artifact::Mode;
use crate::model::{Family, MechanismName};

/// One way to provide a need. Every text in it may hold `{{ names }}` that the render fills in.
#[derive(Clone, Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Mechanism {
    /// Its name, which models choose it by.
    pub mechanism: MechanismName,
    /// Takes everything else from the mechanism of that name (and need) in this profile, abstract
    /// or not: what works alike on many systems is written once.
    #[serde(default, skip_serializing)]
    pub from: Option<String>,
    /// The address families of the VIPs that it can carry, where not both: a model with others is
    /// refused.
    #[serde(default = "both", skip_serializing_if = "carries_both")]
    pub carries: Vec<Family>,
    /// Whether each VIP has to have a label, which a long NIC name leaves no room for.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub labelled: bool,
    /// Whether it writes the NIC's profile whole, and takes the place of the one that is there.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub whole_nic: bool,
    /// Files that have to be there already, which lvsgen does not write.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub requires: Vec<String>,
    /// Packages to install first.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub packages: Vec<String>,
    /// The OS's own words that templates show as `values.NAME`.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub values: BTreeMap<String, String>,
    /// Directories to have before the files.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub directories: Vec<DirectorySpec>,
    /// Files to have.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub files: Vec<FileSpec>,
    /// Units that are enabled and running.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub services: Vec<String>,
    /// Commands, run by a shell in this order, that put changed files into effect. Each may run
    /// twice and have the effect of one run.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub apply: Vec<String>,
    /// What takes it out of effect again.
    #[serde(default, skip_serializing_if = "Undo::is_empty")]
    pub undo: Undo,
}

/// Commands, run by a shell in this order, that take a need out of effect. Units whose files are
/// lvsgen's own are stopped and disabled besides.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Undo {
    /// Before the files are removed.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub before: Vec<String>,
    /// After they are removed.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub after: Vec<String>,
}

impl Undo {
    fn is_empty(&self) -> bool {
        self.before.is_empty() && self.after.is_empty()
    }
}

impl Mechanism {
    /// Fills in the mechanism's own values, so that what is left are the facts of a host.
    ///
    /// # Errors
    /// A value that it does not have.
    pub(super) fn with_values(mut self) -> Result<Self, String> {
        let values = self.values.clone();
        let paths = self.directories.iter_mut().map(|one| &mut one.path);
        let paths = paths.chain(self.files.iter_mut().map(|one| &mut one.path));
        let texts = self.packages.iter_mut().chain(&mut self.services).chain(&mut self.apply);
        let undo = self.undo.before.iter_mut().chain(&mut self.undo.after);
        let texts = texts.chain(undo).chain(&mut self.requires);
        for text in paths.chain(texts) {
            for (name, value) in &values {
                *text = text.replace(&format!("{{{{ values.{name} }}}}"), value);
            }
            if text.contains("{{ values.") {
                return Err(format!("`{text}` asks for a value that `{}` lacks", self.mechanism));
            }
        }
        Ok(self)
    }
}

fn both() -> Vec<Family> {
    Family::ALL.to_vec()
}

fn carries_both(families: &[Family]) -> bool {
    Family::ALL.iter().all(|family| families.contains(family))
}

/// A directory of a need.
#[derive(Clone, Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct DirectorySpec {
    /// Its absolute path.
    pub path: String,
    /// Its mode.
    #[serde(default = "Mode::directory")]
    pub mode: Mode,
}

/// A file of a need.
#[derive(Clone, Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct FileSpec {
    /// Its absolute path.
    pub path: String,
    /// The template that gives its contents.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub template: Option<String>,
    /// The serialised document that it holds instead: YAML is never made by a template.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub document: Option<Document>,
    /// Its mode.
    #[serde(default = "Mode::file")]
    pub mode: Mode,
    /// Makes one file for each entry of this list of the need's facts, which is `item` then.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub for_each: Option<String>,
    /// Whether the file belongs to the administrator, and only the block between lvsgen's markers
    /// is ours.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub shared: bool,
}

/// A format that is serialised from types.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Document {
    /// netplan's YAML, with the VIPs of an interface.
    Netplan,
}

impl FileSpec {
    /// The name of what gives its contents.
    pub fn source(&self) -> &str {
        match (&self.template, self.document) {
            (Some(template), _) => template,
            (None, Some(Document::Netplan)) => "netplan, serialised",
            (None, None) => "nothing",
        }
    }
}
