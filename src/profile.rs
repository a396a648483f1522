//! Operating systems as data: the mechanisms with which an OS provides each need.
//!
//! Takes the text of profile files; gives a [`ProfileSet`] in which every `extends` and `from` is resolved
//! and every text is compiled. A new distribution needs one more file, and no Rust code.

mod file;
mod head;
mod kernel;
mod load;
mod mechanism;
mod provides;
mod schema;
mod texts;
mod written;

use std::collections::BTreeMap;
use std::sync::OnceLock;

pub use file::{Directory, Document, FileSpec, FileTest, Ownership, UnitFile};
pub use kernel::KernelFacts;
pub use mechanism::{
    Ability, Command, Effect, List, Mechanism, MechanismId, PackageManager, RuleLanguage, Text,
    Undo,
};
pub use schema::{reference, schema};

use crate::diagnostic::{did_you_mean, quoted};
use crate::formats::keepalived::Version;
use crate::ipvs::Family;
use crate::model::{Language, Need, NicKind, TargetName, Vip};
use crate::template::Engine;

use written::Written;

/// The default target: the system of the tutorial. A host has this target if neither the model nor the command
/// line names a target.
pub const DEFAULT_TARGET: &str = "openeuler";

/// One operating system.
#[derive(Clone, Debug)]
pub struct Profile {
    /// The file's name without its ending.
    pub name: TargetName,
    /// The system's full name.
    pub description: String,
    /// Other names that users may write.
    pub aliases: Vec<String>,
    /// Statements of the profile that nobody has verified, neither in the OS's packages nor by a test.
    pub unverified: Vec<String>,
    /// The program that installs packages.
    pub package_manager: PackageManager,
    /// The language of the pages that lvsgen writes.
    pub language: Language,
    /// Whether SELinux enforces its policy by default.
    pub selinux: bool,
    /// The version of keepalived in its packages, if it has this program.
    pub keepalived: Option<Version>,
    /// The packages that are not in its own repositories, each with its repository.
    pub elsewhere: BTreeMap<String, String>,
    /// The abilities of its kernel, and the kernel parameters that the system sets by itself.
    pub kernel: KernelFacts,
    /// The mechanisms of each need. The first mechanism is the default. No list is empty.
    pub needs: BTreeMap<Need, Vec<Mechanism>>,
}

impl Profile {
    /// The mechanism of a need that has this name.
    pub fn mechanism(&self, need: Need, name: &str) -> Option<&Mechanism> {
        self.needs.get(&need)?.iter().find(|one| one.mechanism.as_str() == name)
    }

    /// Whether the system itself runs the program of the need's first mechanism.
    pub fn runs_first(&self, need: Need) -> bool {
        self.needs.get(&need).and_then(|list| list.first()).is_some_and(|first| first.active)
    }

    /// The default mechanism of a need: the first suitable mechanism that can put all VIPs on NICs of these kinds. If there is no such
    /// mechanism, the result is the first suitable mechanism.
    pub fn default_mechanism(
        &self,
        need: Need,
        vips: &[Vip],
        nics: &[NicKind],
        suits: impl Fn(&Mechanism) -> bool,
    ) -> Option<&Mechanism> {
        let fits =
            |one: &Mechanism| one.carries_all(vips) && nics.iter().all(|kind| one.writes(*kind));
        let mut suitable = self.needs.get(&need)?.iter().filter(|one| suits(one));
        let first = suitable.next()?;
        if fits(first) { Some(first) } else { suitable.find(|one| fits(one)).or(Some(first)) }
    }
}

/// The reason why lvsgen cannot use a profile.
#[derive(Debug, thiserror::Error)]
#[error("profile `{file}`: {why}")]
pub struct ProfileError {
    file: String,
    why: String,
}

/// All profiles, by name.
#[derive(Clone, Debug)]
pub struct ProfileSet {
    written: Written,
    /// The targets. The profile of a target is empty until somebody asks for it.
    profiles: BTreeMap<String, OnceLock<Profile>>,
    aliases: BTreeMap<String, String>,
    /// The texts of all mechanisms. The name of a text in the engine is the source of the text.
    engine: Engine,
}

impl ProfileSet {
    /// The profile that has this name or alias.
    pub fn get(&self, name: &str) -> Option<&Profile> {
        let name = self.aliases.get(name).map_or(name, String::as_str);
        let profile = self.profiles.get(name)?;
        Some(profile.get_or_init(|| {
            let at = self.profiles.keys().take_while(|one| *one != name).count();
            // `load` has resolved the profiles that a user may have written.
            self.resolve_built_in(at, name)
        }))
    }

    /// All profiles, by name.
    pub fn iter(&self) -> impl Iterator<Item = &Profile> {
        self.profiles.keys().filter_map(|name| self.get(name))
    }

    /// Every name and alias.
    pub fn names(&self) -> impl Iterator<Item = &str> {
        self.profiles.keys().chain(self.aliases.keys()).map(String::as_str)
    }

    /// The help text for an unknown name of a profile.
    pub fn suggest(&self, name: &str) -> String {
        // Not the aliases: the alias `rocky` is the newest version, and not Rocky Linux 8.
        let written = parts(name);
        let same = self.profiles.keys();
        let is_written = |part: &String| written.iter().any(|one| is_version(one, part));
        let same = same.filter(|known| parts(known).iter().all(is_written));
        if let Some(same) = same.max_by_key(|known| known.len()) {
            return format!("did you mean `{same}`?");
        }
        // Another version of a known system is no typing mistake.
        let family = self.profiles.keys().filter(|known| parts(known).first() == written.first());
        let family: Vec<&str> = family.map(String::as_str).collect();
        if !family.is_empty() && written.len() > 1 {
            let own = "for another version, write a profile of your own (docs/profiles.md)";
            return format!("the targets of this system are {}; {own}", quoted(family));
        }
        did_you_mean(name, self.names()).unwrap_or_else(|| {
            let targets = quoted(self.profiles.keys().map(String::as_str));
            let near = relative(name).filter(|near| self.get(near).is_some());
            let near = near.map(|near| format!("the nearest target is `{near}`; ")).unwrap_or_default();
            format!(
                "{near}the targets are {targets}; for another system, write a profile of your own (docs/profiles.md)"
            )
        })
    }

    /// The engine that holds the texts of all mechanisms.
    pub fn engine(&self) -> &Engine {
        &self.engine
    }
}

/// The parts of a name. The parts of `rocky-9`, `rocky9` and `Rocky Linux 9` contain `rocky` and `9`.
fn parts(name: &str) -> Vec<String> {
    let mut parts: Vec<String> = Vec::new();
    let mut before = None;
    for letter in name.chars() {
        let kind = (letter.is_alphabetic(), letter.is_numeric() || letter == '.');
        if before != Some(kind) {
            parts.push(String::new());
        }
        before = Some(kind);
        parts.last_mut().expect("a part was pushed").extend(letter.to_lowercase());
    }
    parts.retain(|part| part.chars().any(char::is_alphanumeric));
    parts
}

/// Whether a written part is the part of a target. The minor version is no part of most targets (`9.4`), and the point of a
/// version is often left out (`2404`).
fn is_version(written: &str, part: &str) -> bool {
    written.replace('.', "") == part.replace('.', "") || written.starts_with(&format!("{part}."))
}

/// The target whose files are those of a system, or nearly.
fn relative(name: &str) -> Option<&'static str> {
    const RELATIVES: [(&str, &str); 13] = [
        ("centos", "rocky-9"),
        ("rhel", "rocky-9"),
        ("redhat", "rocky-9"),
        ("oracle", "rocky-9"),
        ("alma", "rocky-9"),
        ("rocky", "rocky-9"),
        ("debian", "debian-12"),
        ("ubuntu", "ubuntu-24.04"),
        ("suse", "opensuse-leap-15.6"),
        ("sles", "opensuse-leap-15.6"),
        ("euler", "openeuler-24.03"),
        ("alinux", "anolis-8"),
        ("uos", "kylin-v10"),
    ];
    let name = name.to_lowercase();
    RELATIVES.iter().find(|(word, _)| name.contains(word)).map(|(_, target)| *target)
}

fn both_families() -> Vec<Family> {
    Family::ALL.to_vec()
}
