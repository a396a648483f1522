//! Operating systems as data: for each need, the ways in which an OS provides it.
//!
//! Takes the text of profile files; gives a [`ProfileSet`] in which every `extends` is resolved. A
//! new distribution is one more file, and no Rust.

mod kernel;
mod provision;

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

pub use kernel::KernelFacts;
pub use provision::{DirectorySpec, Document, FileSpec, Mechanism, Undo};

use crate::diagnostic::{did_you_mean, quoted};
use crate::embed::Files;
use crate::model::{Need, TargetName, Vip};
use crate::yaml;

/// A profile file as it is written.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct Written {
    description: String,
    #[serde(default)]
    aliases: Vec<String>,
    /// A base of a family, which is no target by itself.
    #[serde(default, rename = "abstract")]
    is_abstract: bool,
    extends: Option<String>,
    #[serde(default)]
    unverified: Vec<String>,
    /// Replaces the parent's as a whole.
    kernel: Option<KernelFacts>,
    /// A need replaces the parent's as a whole; null takes it away.
    #[serde(default)]
    needs: BTreeMap<Need, Option<Vec<Mechanism>>>,
}

/// One operating system.
#[derive(Clone, Debug, Serialize)]
pub struct Profile {
    /// The file's name without its ending.
    pub name: TargetName,
    /// The system's full name.
    pub description: String,
    /// Other names that users may write.
    pub aliases: Vec<String>,
    /// What the profile takes for true of the OS and nobody has read in its packages or tried.
    pub unverified: Vec<String>,
    /// What its kernel can do, and which sysctls the system sets by itself.
    pub kernel: KernelFacts,
    /// The mechanisms of each need, the OS's natural choice first; never an empty list.
    pub needs: BTreeMap<Need, Vec<Mechanism>>,
}

impl Profile {
    /// The mechanism of that name; where none is named, the first that can carry the VIPs.
    pub fn mechanism(&self, need: Need, name: Option<&str>, vips: &[Vip]) -> Option<&Mechanism> {
        let mechanisms = self.needs.get(&need)?;
        match name {
            None => mechanisms
                .iter()
                .find(|one| vips.iter().all(|vip| one.carries.contains(&vip.family())))
                .or(mechanisms.first()),
            Some(name) => mechanisms.iter().find(|one| one.mechanism.as_str() == name),
        }
    }
}

/// A profile that cannot be used, and why.
#[derive(Debug, thiserror::Error)]
#[error("profile `{file}`: {why}")]
pub struct ProfileError {
    file: String,
    why: String,
}

/// All profiles, by name.
#[derive(Clone, Debug)]
pub struct ProfileSet {
    profiles: BTreeMap<String, Profile>,
    aliases: BTreeMap<String, String>,
}

impl ProfileSet {
    /// Reads profile files (`NAME.yaml`) and resolves what they extend.
    ///
    /// # Errors
    /// The first file that is not a profile, extends one that is not there (or itself), or takes
    /// a name that another has.
    pub fn load(files: &Files) -> Result<Self, ProfileError> {
        let mut written = BTreeMap::new();
        for (file, text) in files {
            let error = |why: String| ProfileError { file: file.clone(), why };
            let name = file.strip_suffix(".yaml").ok_or_else(|| {
                error("a profile's file ends in `.yaml`, and its folder has no folders".into())
            })?;
            let name = TargetName::new(name).map_err(error)?;
            let profile: Written = yaml::from_str(text).map_err(error)?;
            written.insert(name.to_string(), (name, profile));
        }
        let mut set = Self { profiles: BTreeMap::new(), aliases: BTreeMap::new() };
        for (name, (target, profile)) in &written {
            if profile.is_abstract {
                continue;
            }
            let resolved = Profile {
                name: target.clone(),
                description: profile.description.clone(),
                aliases: profile.aliases.clone(),
                unverified: profile.unverified.clone(),
                kernel: kernel_of(name, &written),
                needs: resolve(name, &written)?,
            };
            for alias in &profile.aliases {
                let taken = set.aliases.insert(alias.clone(), name.clone());
                if taken.is_some() || written.contains_key(alias) {
                    let why = format!("the alias `{alias}` is taken");
                    return Err(ProfileError { file: format!("{name}.yaml"), why });
                }
            }
            set.profiles.insert(name.clone(), resolved);
        }
        Ok(set)
    }

    /// The profile of a name or an alias.
    pub fn get(&self, name: &str) -> Option<&Profile> {
        let name = self.aliases.get(name).map_or(name, String::as_str);
        self.profiles.get(name)
    }

    /// All of them, by name.
    pub fn iter(&self) -> impl Iterator<Item = &Profile> {
        self.profiles.values()
    }

    /// Every name and alias.
    pub fn names(&self) -> impl Iterator<Item = &str> {
        self.profiles.keys().chain(self.aliases.keys()).map(String::as_str)
    }

    /// What to say to somebody who wrote a name that is none.
    pub fn suggest(&self, name: &str) -> String {
        did_you_mean(name, self.names()).unwrap_or_else(|| {
            format!("the targets are {}", quoted(self.profiles.keys().map(String::as_str)))
        })
    }
}

/// The nearest ancestor's; a circle of ancestors is told by `resolve`.
fn kernel_of(name: &str, written: &BTreeMap<String, (TargetName, Written)>) -> KernelFacts {
    let mut at = written.get(name);
    for _ in 0..written.len() {
        match at {
            Some((_, Written { kernel: Some(kernel), .. })) => return kernel.clone(),
            Some((_, Written { extends: Some(parent), .. })) => at = written.get(parent),
            _ => break,
        }
    }
    KernelFacts::default()
}

type Needs = BTreeMap<Need, Vec<Mechanism>>;

fn resolve(
    name: &str,
    written: &BTreeMap<String, (TargetName, Written)>,
) -> Result<Needs, ProfileError> {
    let mut lineage: Vec<&str> = vec![name];
    let mut at = name;
    while let Some(parent) = written.get(at).and_then(|(_, one)| one.extends.as_deref()) {
        let error = |why: String| ProfileError { file: format!("{at}.yaml"), why };
        if lineage.contains(&parent) {
            return Err(error(format!("it extends `{parent}`, which extends it")));
        }
        if !written.contains_key(parent) {
            let help = did_you_mean(parent, written.keys().map(String::as_str));
            let help = help.map(|help| format!(": {help}")).unwrap_or_default();
            return Err(error(format!("it extends `{parent}`, which is not there{help}")));
        }
        lineage.push(parent);
        at = parent;
    }
    let mut needs = Needs::new();
    for ancestor in lineage.iter().rev() {
        let Some((_, profile)) = written.get(*ancestor) else {
            continue;
        };
        for (need, mechanisms) in &profile.needs {
            match mechanisms {
                None => drop(needs.remove(need)),
                Some(list) if list.is_empty() => {
                    let why = format!("`{need}` has no mechanism; write null to take it away");
                    return Err(ProfileError { file: format!("{ancestor}.yaml"), why });
                }
                Some(list) => {
                    let list = list.iter().map(|one| borrowed(ancestor, *need, one, written));
                    needs.insert(*need, list.collect::<Result<_, _>>()?);
                }
            }
        }
    }
    Ok(needs)
}

/// Follows `from:` to the mechanism that is written out.
fn borrowed(
    name: &str,
    need: Need,
    mechanism: &Mechanism,
    written: &BTreeMap<String, (TargetName, Written)>,
) -> Result<Mechanism, ProfileError> {
    let wanted = &mechanism.mechanism;
    let error = |why: String| ProfileError { file: format!("{name}.yaml"), why };
    let Some(from) = &mechanism.from else {
        let one = |file: &FileSpec| file.template.is_some() != file.document.is_some();
        return match mechanism.files.iter().find(|file| !one(file)) {
            None => mechanism.clone().with_values().map_err(error),
            Some(file) => Err(error(format!("`{}` wants a `template` or a `document`", file.path))),
        };
    };
    let lender = written.get(from).and_then(|(_, lender)| lender.needs.get(&need)?.as_ref());
    let lent = lender
        .and_then(|list| list.iter().find(|one| one.mechanism == *wanted && one.from.is_none()));
    let lent = lent.ok_or_else(|| {
        error(format!("`{from}` writes out no mechanism `{wanted}` for `{need}`"))
    })?;
    lent.clone().with_values().map_err(error)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn set(files: &[(&str, &str)]) -> Result<ProfileSet, String> {
        let files =
            files.iter().map(|(name, text)| ((*name).to_owned(), (*text).to_owned())).collect();
        ProfileSet::load(&files).map_err(|error| error.to_string())
    }

    const BASE: &str = "description: a base\nabstract: true\nneeds:\n  ipvs_modules:\n    - mechanism: a\n      packages: [x]\n    - mechanism: b\n  nfs_mount:\n    - mechanism: c\n";

    #[test]
    fn a_child_replaces_whole_needs() {
        let child = "description: d\nextends: base\nneeds:\n  ipvs_modules:\n    - mechanism: z\n  nfs_mount: null\n";
        let set = set(&[("base.yaml", BASE), ("child.yaml", child)]).unwrap();
        assert!(set.get("base").is_none(), "an abstract profile is no target");
        let child = set.get("child").unwrap();
        assert_eq!(child.needs.keys().copied().collect::<Vec<_>>(), [Need::IpvsModules]);
        let modules = child.mechanism(Need::IpvsModules, None, &[]).unwrap();
        assert_eq!(modules.mechanism.as_str(), "z");
        assert!(modules.packages.is_empty());
        assert!(child.mechanism(Need::IpvsModules, Some("a"), &[]).is_none());
    }

    #[test]
    fn a_mechanism_can_be_borrowed() {
        let child = "description: d\nneeds:\n  nfs_mount:\n    - { mechanism: z }\n    - { mechanism: c, from: base }\n  ipvs_modules:\n    - { mechanism: a, from: base }\n";
        let set = set(&[("base.yaml", BASE), ("child.yaml", child)]).unwrap();
        let modules = &set.get("child").unwrap().needs[&Need::IpvsModules];
        assert_eq!(modules[0].packages, ["x"]);
        assert_eq!(set.get("child").unwrap().needs[&Need::NfsMount].len(), 2);
    }

    #[test]
    fn what_a_profile_cannot_be() {
        let circle = [
            ("a.yaml", "description: d\nextends: b\n"),
            ("b.yaml", "description: d\nextends: a\n"),
        ];
        let orphan = [("basic.yaml", BASE), ("c.yaml", "description: d\nextends: basik\n")];
        let taken = [
            ("a.yaml", "description: d\naliases: [x]\n"),
            ("b.yaml", "description: d\naliases: [x]\n"),
        ];
        let empty = [("a.yaml", "description: d\nneeds: { nfs_mount: [] }\n")];
        let from = "description: d\nneeds: { nfs_mount: [{ mechanism: z, from: base }] }\n";
        let lost = [("a.yaml", from), ("base.yaml", BASE)];
        let file = "{ path: /x, template: t, document: netplan }";
        let file = format!(
            "description: d\nneeds: {{ nfs_mount: [{{ mechanism: z, files: [{file}] }}] }}\n"
        );
        let both = [("a.yaml", file.as_str())];
        let unknown = [("a.yaml", "description: d\nneeds: { nfs_mounts: null }\n")];
        for (files, why) in [
            (&circle[..], "profile `b.yaml`: it extends `a`, which extends it"),
            (
                &orphan,
                "profile `c.yaml`: it extends `basik`, which is not there: did you mean `basic`?",
            ),
            (&taken, "profile `b.yaml`: the alias `x` is taken"),
            (&lost, "profile `a.yaml`: `base` writes out no mechanism `z` for `nfs_mount`"),
            (&both, "profile `a.yaml`: `/x` wants a `template` or a `document`"),
            (&empty, "profile `a.yaml`: `nfs_mount` has no mechanism; write null to take it away"),
        ] {
            assert_eq!(set(files).unwrap_err(), why);
        }
        let why = set(&unknown).unwrap_err();
        assert!(why.contains("did you mean `nfs_mount`?") && why.contains("line 2"), "{why}");
    }
}
