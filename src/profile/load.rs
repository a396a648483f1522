//! Resolves `extends`, `from`, `provides` and the variables `values.NAME` of profiles.

use std::collections::BTreeMap;
use std::sync::OnceLock;

use super::head::Head;
use super::mechanism::{Mechanism, MechanismId};
use super::provides::{with_own_need, with_provided};
use super::texts;
use super::written::{Written, WrittenProfile};
use super::{Profile, ProfileError, ProfileSet};
use crate::embed::{self, Files};
use crate::model::{Language, Need};
use crate::template::Engine;

pub(super) type Needs = BTreeMap<Need, Vec<Mechanism>>;

impl ProfileSet {
    /// Reads profile files (`NAME.yaml`).
    ///
    /// # Errors
    /// The first file that has one of these faults: it is not a profile, it extends itself or an unknown
    /// profile, its alias is already in use, or a text uses a value that the mechanism lacks.
    pub fn load(files: &Files) -> Result<Self, ProfileError> {
        let written = Written::new(files)?;
        for name in written.names() {
            written.get(name)?;
        }
        let head = |name: &str| {
            let profile = written.get(name).ok().flatten();
            Head::of(profile.expect("every file was read above"))
        };
        let heads = written.names().map(|name| (name.to_owned(), head(name))).collect();
        let set = Self::of(written, heads)?;
        for (at, name) in set.profiles.keys().enumerate() {
            let profile =
                set.resolve(at, name, |mechanism| texts::check_and_fill(mechanism, &set.engine))?;
            let _ = set.profiles[name].set(profile);
        }
        Ok(set)
    }

    /// The built-in profiles. The file of a profile is read when somebody asks for the profile.
    pub fn built_in() -> Self {
        let heads = serde_json::from_str::<BTreeMap<String, Head>>(embed::PROFILE_HEADS);
        let heads = heads.expect("the build script has written the heads");
        Self::of(Written::built_in(), heads.into_iter().collect())
            .expect("the aliases of the built-in profiles differ")
    }

    /// The set without a resolved profile.
    fn of(written: Written, heads: Vec<(String, Head)>) -> Result<Self, ProfileError> {
        let (mut profiles, mut aliases) = (BTreeMap::new(), BTreeMap::new());
        // An abstract profile is not a target.
        for (name, head) in heads.into_iter().filter(|(_, head)| !head.is_abstract) {
            for alias in head.aliases {
                // A name must mean only one target. The order of the files has no effect on this rule.
                if aliases.contains_key(&alias) || written.has(&alias) {
                    let why = format!("the alias `{alias}` is in use: choose another alias");
                    return Err(ProfileError { file: format!("{name}.yaml"), why });
                }
                aliases.insert(alias, name.clone());
            }
            profiles.insert(name, OnceLock::new());
        }
        Ok(Self { written, profiles, aliases, engine: Engine::of_texts() })
    }

    /// Resolves a built-in profile. `at` is its position among the targets.
    pub(super) fn resolve_built_in(&self, at: usize, name: &str) -> Profile {
        let filled = |mechanism: &mut Mechanism| {
            texts::fill(mechanism);
            Ok(())
        };
        self.resolve(at, name, filled).expect("a test resolves every built-in profile")
    }

    /// Resolves the profile of a target. `at` is its position among the targets; `fill` fills in the values of a mechanism.
    fn resolve(
        &self,
        at: usize,
        name: &str,
        fill: impl Fn(&mut Mechanism) -> Result<(), String>,
    ) -> Result<Profile, ProfileError> {
        let error = |why: String| ProfileError { file: format!("{name}.yaml"), why };
        let lineage = self.written.lineage(name)?;
        let mut needs = needs_of(&lineage, &self.written)?;
        // The mechanisms of an ancestor are other mechanisms in each target that inherits them.
        for (number, mechanism) in needs.values_mut().flatten().enumerate() {
            mechanism.id = MechanismId(at, number);
            fill(mechanism).map_err(error)?;
        }
        let own = lineage[0].1;
        Ok(Profile {
            name: self.written.target(name).clone(),
            description: own.description.clone(),
            aliases: own.aliases.clone(),
            unverified: own.unverified.clone(),
            package_manager: inherited(&lineage, |one| one.package_manager).ok_or_else(|| {
                let why = "it has no `package_manager`, and extends no profile that has one";
                error(why.into())
            })?,
            language: inherited(&lineage, |one| one.language).unwrap_or(Language::English),
            selinux: inherited(&lineage, |one| one.selinux).unwrap_or(false),
            keepalived: inherited(&lineage, |one| one.keepalived),
            elsewhere: inherited(&lineage, |one| one.elsewhere.clone()).unwrap_or_default(),
            kernel: inherited(&lineage, |one| one.kernel.clone()).unwrap_or_default(),
            needs: with_provided(needs),
        })
    }
}

/// The value of the profile. If the profile has no value, the result is the value of the nearest ancestor with one.
fn inherited<T>(
    lineage: &[(String, &WrittenProfile)],
    value: impl Fn(&WrittenProfile) -> Option<T>,
) -> Option<T> {
    lineage.iter().find_map(|(_, profile)| value(profile))
}

/// The mechanisms of each need, with those of the ancestors.
fn needs_of(
    lineage: &[(String, &WrittenProfile)],
    written: &Written,
) -> Result<Needs, ProfileError> {
    let mut needs = Needs::new();
    for (ancestor, profile) in lineage.iter().rev() {
        for (need, mechanisms) in &profile.needs {
            match mechanisms {
                None => drop(needs.remove(need)),
                Some(list) if list.is_empty() => {
                    let why = format!("`{need}` has no mechanism; write null to remove the need");
                    return Err(ProfileError { file: format!("{ancestor}.yaml"), why });
                }
                Some(list) => {
                    let list = list.iter().map(|one| {
                        let mechanism = borrowed(ancestor, *need, one, written)?;
                        with_own_need(ancestor, *need, mechanism)
                    });
                    needs.insert(*need, list.collect::<Result<_, _>>()?);
                }
            }
        }
    }
    Ok(needs)
}

/// Gives the full definition of a mechanism. If the mechanism has `from`, the definition is in that profile.
fn borrowed(
    name: &str,
    need: Need,
    mechanism: &Mechanism,
    written: &Written,
) -> Result<Mechanism, ProfileError> {
    let wanted = &mechanism.mechanism;
    let error = |why: String| ProfileError { file: format!("{name}.yaml"), why };
    let Some(from) = &mechanism.from else {
        let mut files = mechanism.files.iter();
        return match files.find(|file| file.template.is_some() == file.document.is_some()) {
            None => Ok(mechanism.clone()),
            Some(file) => {
                let path = file.path.source();
                Err(error(format!("`{path}` needs either a `template` or a `document`")))
            }
        };
    };
    let lender = written.get(from)?.and_then(|lender| lender.needs.get(&need)?.as_ref());
    let is_it = |one: &&Mechanism| one.mechanism == *wanted && one.from.is_none();
    let lent = lender.and_then(|list| list.iter().find(is_it)).cloned();
    lent.ok_or_else(|| error(format!("`{from}` itself has no mechanism `{wanted}` for `{need}`")))
}

#[cfg(test)]
mod tests;
