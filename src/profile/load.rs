//! Reads profile files, and resolves `extends`, `from`, `provides` and the variables `values.NAME`.

use std::collections::BTreeMap;

use schemars::JsonSchema;
use serde::Deserialize;

use super::mechanism::{List, Mechanism, MechanismId, PackageManager, Text};
use super::provides::{with_own_need, with_provided};
use super::{KernelFacts, Profile, ProfileError, ProfileSet};
use crate::diagnostic::did_you_mean;
use crate::embed::Files;
use crate::formats::keepalived::Version;
use crate::model::{Language, Need, TargetName};
use crate::template::{Engine, NAMES};
use crate::yaml;

/// A profile: one file `NAME.yaml`, which describes an operating system.
#[derive(Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub(super) struct WrittenProfile {
    /// The system's full name.
    description: String,
    /// Other names that users may write.
    #[serde(default)]
    aliases: Vec<String>,
    /// Whether the profile is only a base for other profiles, and not a target.
    #[serde(default, rename = "abstract")]
    is_abstract: bool,
    /// The parent profile. If this profile does not list a need, lvsgen takes the need from the parent.
    extends: Option<String>,
    /// Statements of this profile that nobody has verified, neither in the system's packages nor by a test.
    #[serde(default)]
    unverified: Vec<String>,
    /// The program that installs packages. Without this key: the program of the parent.
    package_manager: Option<PackageManager>,
    /// The language of the pages that lvsgen writes. Without this key: the language of the parent; English if it has none.
    language: Option<Language>,
    /// Whether SELinux enforces its policy by default. Without this key: the value of the parent; `false` if it has none.
    selinux: Option<bool>,
    /// The version of keepalived in the system's packages. Without this key: the version of the parent.
    keepalived: Option<Version>,
    /// The packages of the mechanisms that are not in the system's own repositories, each with its repository. This entry completely
    /// replaces the parent's entry.
    elsewhere: Option<BTreeMap<String, String>>,
    /// The system's kernel. This entry completely replaces the parent's entry.
    kernel: Option<KernelFacts>,
    /// The mechanisms of each need, the default first. The entry of a need completely replaces the parent's
    /// entry; null removes the need.
    #[serde(default)]
    needs: BTreeMap<Need, Option<Vec<Mechanism>>>,
}

type AllWritten = BTreeMap<String, (TargetName, WrittenProfile)>;
pub(super) type Needs = BTreeMap<Need, Vec<Mechanism>>;

impl ProfileSet {
    /// Reads profile files (`NAME.yaml`).
    ///
    /// # Errors
    /// The first file that has one of these faults: it is not a profile, it extends itself or an unknown
    /// profile, its alias is already in use, or a text uses a value that the mechanism lacks.
    pub fn load(files: &Files) -> Result<Self, ProfileError> {
        let written = read(files)?;
        let engine = Engine::new();
        let mut set = Self { profiles: BTreeMap::new(), aliases: BTreeMap::new(), engine };
        let mut count = 0;
        for (name, (target, profile)) in &written {
            // An abstract profile is not a target. lvsgen compiles the mechanisms of an abstract profile again
            // for each target that inherits them.
            if profile.is_abstract {
                continue;
            }
            let mut needs = resolve(name, &written)?;
            for mechanism in needs.values_mut().flatten() {
                mechanism.id = MechanismId(count);
                count += 1;
                compile(mechanism, &mut set.engine)
                    .map_err(|why| ProfileError { file: format!("{name}.yaml"), why })?;
            }
            let kernel = inherited(name, &written, |one| one.kernel.clone());
            let resolved = Profile {
                name: target.clone(),
                description: profile.description.clone(),
                aliases: profile.aliases.clone(),
                unverified: profile.unverified.clone(),
                package_manager: package_manager(name, &written)?,
                language: inherited(name, &written, |one| one.language)
                    .unwrap_or(Language::English),
                selinux: inherited(name, &written, |one| one.selinux).unwrap_or(false),
                keepalived: inherited(name, &written, |one| one.keepalived),
                elsewhere: inherited(name, &written, |one| one.elsewhere.clone())
                    .unwrap_or_default(),
                kernel: kernel.unwrap_or_default(),
                needs: with_provided(needs),
            };
            for alias in &profile.aliases {
                let taken = set.aliases.insert(alias.clone(), name.clone());
                // A name must mean only one target. The order of the files has no effect on this rule.
                if taken.is_some() || written.contains_key(alias) {
                    let why = format!("the alias `{alias}` is in use: choose another alias");
                    return Err(ProfileError { file: format!("{name}.yaml"), why });
                }
            }
            set.profiles.insert(name.clone(), resolved);
        }
        Ok(set)
    }
}

fn read(files: &Files) -> Result<AllWritten, ProfileError> {
    let mut written = AllWritten::new();
    for (file, text) in files {
        let error = |why: String| ProfileError { file: file.clone(), why };
        let name = file.strip_suffix(".yaml").ok_or_else(|| {
            error("a profile must be a file `NAME.yaml` directly in the folder of profiles".into())
        })?;
        let name = TargetName::new(name).map_err(error)?;
        let profile: WrittenProfile = yaml::from_str(text).map_err(error)?;
        written.insert(name.to_string(), (name, profile));
    }
    Ok(written)
}

fn package_manager(name: &str, written: &AllWritten) -> Result<PackageManager, ProfileError> {
    inherited(name, written, |one| one.package_manager).ok_or_else(|| ProfileError {
        file: format!("{name}.yaml"),
        why: "it has no `package_manager`, and extends no profile that has one".into(),
    })
}

/// The value of the profile. If the profile has no value, the result is the value of the nearest ancestor with one.
fn inherited<'a, T>(
    name: &str,
    written: &'a AllWritten,
    value: impl Fn(&'a WrittenProfile) -> Option<T>,
) -> Option<T> {
    let mut at = written.get(name);
    // The loop ends, because `resolve` has already refused circles of ancestors.
    while let Some((_, profile)) = at {
        if let Some(found) = value(profile) {
            return Some(found);
        }
        at = profile.extends.as_ref().and_then(|parent| written.get(parent));
    }
    None
}

/// A profile and its ancestors, the profile first.
fn lineage<'a>(name: &'a str, written: &'a AllWritten) -> Result<Vec<&'a str>, ProfileError> {
    let mut lineage: Vec<&str> = vec![name];
    let mut at = name;
    while let Some(parent) = written.get(at).and_then(|(_, one)| one.extends.as_deref()) {
        let error = |why: String| ProfileError { file: format!("{at}.yaml"), why };
        if lineage.contains(&parent) {
            return Err(error(format!("it extends `{parent}`, and `{parent}` extends it")));
        }
        if !written.contains_key(parent) {
            let help = did_you_mean(parent, written.keys().map(String::as_str));
            let help = help.map(|help| format!(": {help}")).unwrap_or_default();
            return Err(error(format!("it extends `{parent}`, which does not exist{help}")));
        }
        lineage.push(parent);
        at = parent;
    }
    Ok(lineage)
}

fn resolve(name: &str, written: &AllWritten) -> Result<Needs, ProfileError> {
    let mut needs = Needs::new();
    for ancestor in lineage(name, written)?.into_iter().rev() {
        let (_, profile) = &written[ancestor];
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
    written: &AllWritten,
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
    let lender = written.get(from).and_then(|(_, lender)| lender.needs.get(&need)?.as_ref());
    let is_it = |one: &&Mechanism| one.mechanism == *wanted && one.from.is_none();
    let lent = lender.and_then(|list| list.iter().find(is_it)).cloned();
    lent.ok_or_else(|| error(format!("`{from}` itself has no mechanism `{wanted}` for `{need}`")))
}

/// Compiles the texts of a mechanism, and checks their template variables. A text that uses only the
/// mechanism's own values becomes plain text here.
fn compile(mechanism: &mut Mechanism, engine: &mut Engine) -> Result<(), String> {
    let (name, values) = (mechanism.mechanism.clone(), mechanism.values.clone());
    for (text, list) in mechanism.texts_mut() {
        if text.is_plain() {
            continue;
        }
        let source = text.source().to_owned();
        engine
            .add(source.clone(), source.clone())
            .map_err(|why| format!("`{source}` of `{name}`: {why}"))?;
        let inputs = engine.inputs(&source);
        for input in &inputs {
            check_name(input, list, &values)
                .map_err(|why| format!("`{source}` of `{name}`: {why}"))?;
        }
        if inputs.iter().all(|input| input.starts_with("values.")) {
            let context = minijinja::context! { values => &values };
            let filled = engine.render(&source, &context);
            let filled = Text(filled.map_err(|why| format!("`{source}` of `{name}`: {why}"))?);
            // If the result still contains a brace (`awk '{ print }'`), the text stays a template.
            if filled.is_plain() {
                *text = filled;
            }
        }
    }
    Ok(())
}

/// Refuses a template variable that does not exist.
fn check_name(
    input: &str,
    list: Option<List>,
    values: &BTreeMap<String, String>,
) -> Result<(), String> {
    let (first, rest) = input.split_once('.').unwrap_or((input, ""));
    match first {
        "values" if values.contains_key(rest) => Ok(()),
        "values" => {
            let help = did_you_mean(rest, values.keys().map(String::as_str));
            let help = help.map(|help| format!(": {help}")).unwrap_or_default();
            Err(format!("the mechanism has no value `{rest}`{help}"))
        }
        "host" if matches!(rest, "name" | "interface") => Ok(()),
        "host" => Err("a host has only `host.name` and `host.interface`".into()),
        "item" if list.is_none() => Err("`item` needs `for_each`".into()),
        name if NAMES.contains(&name) => Ok(()),
        name => {
            let help = did_you_mean(name, NAMES);
            let help = help.map(|help| format!(": {help}")).unwrap_or_default();
            Err(format!("there is no template variable `{name}`{help}"))
        }
    }
}

#[cfg(test)]
mod tests;
