//! The files of profiles.
//!
//! Takes the texts of the files; gives each file's profile in the form in which it is written, and the values that a profile inherits. A
//! file is read when somebody needs its profile: a program that works for one target reads two or three of the fifteen files.

use std::collections::BTreeMap;
use std::sync::OnceLock;

use schemars::JsonSchema;
use serde::Deserialize;

use super::mechanism::{Mechanism, PackageManager};
use super::{KernelFacts, ProfileError};
use crate::diagnostic::did_you_mean;
use crate::embed::{self, Files};
use crate::formats::keepalived::Version;
use crate::model::{Language, Need, TargetName};
use crate::yaml;

/// A profile: one file `NAME.yaml`, which describes an operating system.
#[derive(Clone, Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub(super) struct WrittenProfile {
    /// The system's full name.
    pub(super) description: String,
    /// Other names that users may write.
    #[serde(default)]
    pub(super) aliases: Vec<String>,
    /// Whether the profile is only a base for other profiles, and not a target.
    #[serde(default, rename = "abstract")]
    pub(super) is_abstract: bool,
    /// The parent profile. If this profile does not list a need, lvsgen takes the need from the parent.
    extends: Option<String>,
    /// Statements of this profile that nobody has verified, neither in the system's packages nor by a test.
    #[serde(default)]
    pub(super) unverified: Vec<String>,
    /// The program that installs packages. Without this key: the program of the parent.
    pub(super) package_manager: Option<PackageManager>,
    /// The language of the pages that lvsgen writes. Without this key: the language of the parent; English if it has none.
    pub(super) language: Option<Language>,
    /// Whether SELinux enforces its policy by default. Without this key: the value of the parent; `false` if it has none.
    pub(super) selinux: Option<bool>,
    /// The version of keepalived in the system's packages. Without this key: the version of the parent.
    pub(super) keepalived: Option<Version>,
    /// The packages of the mechanisms that are not in the system's own repositories, each with its repository. This entry completely
    /// replaces the parent's entry.
    pub(super) elsewhere: Option<BTreeMap<String, String>>,
    /// The system's kernel. This entry completely replaces the parent's entry.
    pub(super) kernel: Option<KernelFacts>,
    /// The mechanisms of each need, the default first. The entry of a need completely replaces the parent's
    /// entry; null removes the need.
    #[serde(default)]
    pub(super) needs: BTreeMap<Need, Option<Vec<Mechanism>>>,
}

/// One file. `read` is empty until somebody needs the profile.
#[derive(Clone, Debug)]
struct File {
    target: TargetName,
    text: Text,
    read: OnceLock<WrittenProfile>,
}

/// The text of a file.
#[derive(Clone, Debug)]
enum Text {
    /// YAML, as people write a profile.
    Yaml(String),
    /// The JSON of a built-in profile.
    Json(&'static str),
}

impl Text {
    fn read(&self) -> Result<WrittenProfile, String> {
        match self {
            Self::Yaml(text) => yaml::from_str(text),
            Self::Json(text) => serde_json::from_str(text).map_err(|error| error.to_string()),
        }
    }
}

/// All files, by the name of the profile.
#[derive(Clone, Debug)]
pub(super) struct Written(BTreeMap<String, File>);

impl Written {
    /// Takes the files (`NAME.yaml`), and reads none.
    ///
    /// # Errors
    /// The first file whose name is not that of a profile.
    pub(super) fn new(files: &Files) -> Result<Self, ProfileError> {
        let files = files.iter().map(|(file, text)| {
            let error = |why: String| ProfileError { file: file.clone(), why };
            let name = file.strip_suffix(".yaml").ok_or_else(|| {
                error(
                    "a profile must be a file `NAME.yaml` directly in the folder of profiles"
                        .into(),
                )
            })?;
            let target = TargetName::new(name).map_err(error)?;
            let text = Text::Yaml(text.clone());
            Ok((name.to_owned(), File { target, text, read: OnceLock::new() }))
        });
        Ok(Self(files.collect::<Result<_, _>>()?))
    }

    /// The built-in files. This reads none.
    pub(super) fn built_in() -> Self {
        let files = embed::compact_profiles().map(|(name, text)| {
            let target = TargetName::new(name).expect("the built-in profiles have valid names");
            (name.to_owned(), File { target, text: Text::Json(text), read: OnceLock::new() })
        });
        Self(files.collect())
    }

    /// The names of all profiles, sorted.
    pub(super) fn names(&self) -> impl Iterator<Item = &str> {
        self.0.keys().map(String::as_str)
    }

    /// Whether there is a file for the name.
    pub(super) fn has(&self, name: &str) -> bool {
        self.0.contains_key(name)
    }

    /// The name of a profile that has a file, as a target.
    pub(super) fn target(&self, name: &str) -> &TargetName {
        &self.0[name].target
    }

    /// The profile in the file of this name; `None` if there is no such file.
    ///
    /// # Errors
    /// The file is not a profile.
    pub(super) fn get(&self, name: &str) -> Result<Option<&WrittenProfile>, ProfileError> {
        let Some(file) = self.0.get(name) else { return Ok(None) };
        if file.read.get().is_none() {
            let error = |why: String| ProfileError { file: format!("{name}.yaml"), why };
            // Another thread may have read it in the meantime, and has read the same.
            let _ = file.read.set(file.text.read().map_err(error)?);
        }
        Ok(file.read.get())
    }

    /// A profile and its ancestors, the profile first.
    ///
    /// # Errors
    /// An ancestor does not exist, is not a profile, or extends a profile that extends it.
    pub(super) fn lineage<'a>(
        &'a self,
        name: &str,
    ) -> Result<Vec<(String, &'a WrittenProfile)>, ProfileError> {
        let mut lineage: Vec<(String, &WrittenProfile)> = Vec::new();
        let mut at = name.to_owned();
        while let Some(profile) = self.get(&at)? {
            lineage.push((at.clone(), profile));
            let Some(parent) = &profile.extends else { break };
            let error = |why: String| ProfileError { file: format!("{at}.yaml"), why };
            if lineage.iter().any(|(known, _)| known == parent) {
                return Err(error(format!("it extends `{parent}`, and `{parent}` extends it")));
            }
            if !self.has(parent) {
                let help = did_you_mean(parent, self.names());
                let help = help.map(|help| format!(": {help}")).unwrap_or_default();
                return Err(error(format!("it extends `{parent}`, which does not exist{help}")));
            }
            at.clone_from(parent);
        }
        Ok(lineage)
    }
}
