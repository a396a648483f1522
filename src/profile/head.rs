//! The head of a profile: the names under which users may choose it.

use super::written::WrittenProfile;

/// The head of a profile.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Head {
    /// Whether the profile is only a base for other profiles.
    pub(super) is_abstract: bool,
    /// The other names of the target.
    pub(super) aliases: Vec<String>,
}

impl Head {
    /// The head of a profile that is read.
    pub(super) fn of(profile: &WrittenProfile) -> Self {
        Self { is_abstract: profile.is_abstract, aliases: profile.aliases.clone() }
    }

    /// Finds the head in the text of a built-in profile. These files write each of the two keys on one line, which a test checks. The
    /// YAML parser needs a hundred times as long for all files.
    pub(super) fn of_built_in(text: &str) -> Self {
        let aliases =
            text.lines().find_map(|line| line.strip_prefix("aliases: [")?.strip_suffix(']'));
        Self {
            is_abstract: text.lines().any(|line| line == "abstract: true"),
            aliases: aliases
                .into_iter()
                .flat_map(|list| list.split(", "))
                .map(str::to_owned)
                .collect(),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::super::written::Written;
    use super::*;
    use crate::embed::{self, Files};

    #[test]
    fn every_built_in_profile_has_the_head_that_its_lines_show() {
        let files = embed::profiles(Files::new());
        let written = Written::new(&files).expect("the built-in profiles have valid names");
        for name in written.names() {
            let profile = written.get(name).expect("it is a profile").expect("it has a file");
            assert_eq!(written.head(name), Head::of(profile), "{name}");
        }
    }
}
