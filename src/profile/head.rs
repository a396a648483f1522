//! The head of a profile: the names under which users may choose it.

use serde::Deserialize;

use super::written::WrittenProfile;

/// The head of a profile.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize)]
pub(super) struct Head {
    /// Whether the profile is only a base for other profiles.
    #[serde(default, rename = "abstract")]
    pub(super) is_abstract: bool,
    /// The other names of the target.
    #[serde(default)]
    pub(super) aliases: Vec<String>,
}

impl Head {
    /// The head of a profile that is read.
    pub(super) fn of(profile: &WrittenProfile) -> Self {
        Self { is_abstract: profile.is_abstract, aliases: profile.aliases.clone() }
    }
}
