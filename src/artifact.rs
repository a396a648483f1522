//! What is rendered: the files of a host, with all that a delivery must know of them.
//!
//! Takes nothing; gives the types [`Artifact`], [`Bundle`] and [`Mode`], and the invariants that
//! hold for whatever a template made.

mod shared;

use std::fmt;
use std::sync::Arc;

pub use shared::PerProvision;

use serde::{Deserialize, Deserializer, Serialize, Serializer};

use crate::model::{HostName, MechanismName, Need, Role, TargetName};

/// The line that begins lvsgen's block in a file that it shares with the administrator.
pub const BLOCK_BEGIN: &str = "# BEGIN lvsgen";
/// The line that ends it.
pub const BLOCK_END: &str = "# END lvsgen";

/// The permissions of a file, written in octal with a leading zero.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Mode(u32);

impl Mode {
    /// 0644.
    pub const fn file() -> Self {
        Self(0o644)
    }

    /// 0755.
    pub const fn program() -> Self {
        Self(0o755)
    }

    /// 0755.
    pub const fn directory() -> Self {
        Self(0o755)
    }

    /// The bits, as chmod(2) takes them.
    pub const fn bits(self) -> u32 {
        self.0
    }

    /// Whether Git keeps the two apart: it knows whether the owner may run a file, and no more.
    pub const fn is_same_to_git(self, other: Self) -> bool {
        self.0 & 0o100 == other.0 & 0o100
    }

    /// The permissions among the bits that stat(2) gives.
    pub const fn of_bits(bits: u32) -> Self {
        Self(bits & 0o7777)
    }
}

impl fmt::Display for Mode {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{:04o}", self.0)
    }
}

impl Serialize for Mode {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_str(self)
    }
}

impl<'de> Deserialize<'de> for Mode {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let text = String::deserialize(deserializer)?;
        let octal = text.len() == 4 && text.starts_with('0');
        u32::from_str_radix(&text, 8).ok().filter(|_| octal).map(Self).ok_or_else(|| {
            serde::de::Error::custom(format!("`{text}` is no mode: write it like \"0644\""))
        })
    }
}

/// Where an artifact comes from.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Origin {
    /// The need that asked for it.
    pub need: Need,
    /// The mechanism that provides the need.
    pub mechanism: MechanismName,
    /// The template that gave its contents.
    pub template: String,
}

/// One file of a host.
#[derive(Clone, Debug, Serialize)]
pub struct Artifact {
    /// Its absolute path on the host.
    pub path: String,
    /// Its permissions; its owner and group are root.
    pub mode: Mode,
    /// Its contents, shared by all that carry them.
    #[serde(skip)]
    pub contents: Arc<str>,
    /// Whether only the block between the markers is ours.
    pub shared: bool,
    /// Where it comes from.
    #[serde(skip)]
    pub origin: Origin,
}

impl Artifact {
    /// What is between the markers of a shared file: lvsgen's part of it.
    pub fn block(&self) -> Option<&str> {
        let inside = |text: &'_ str| -> Option<(usize, usize)> {
            let begin = text.find(BLOCK_BEGIN)? + BLOCK_BEGIN.len() + 1;
            Some((begin, text.find(BLOCK_END)?))
        };
        let (begin, end) = inside(&self.contents).filter(|_| self.shared)?;
        self.contents.get(begin..end)
    }
}

/// One directory of a host.
#[derive(Clone, Debug, Serialize)]
pub struct Directory {
    /// Its absolute path on the host.
    pub path: String,
    /// Its permissions; its owner and group are root.
    pub mode: Mode,
}

/// What a host needs of one mechanism.
#[derive(Clone, Debug, Serialize)]
pub struct Provision {
    /// The need.
    #[serde(skip)]
    pub need: Need,
    /// The mechanism.
    #[serde(skip)]
    pub mechanism: MechanismName,
    /// Files that have to be there already.
    pub requires: Vec<String>,
    /// Packages to install first.
    pub packages: Vec<String>,
    /// Directories to have.
    pub directories: Vec<Directory>,
    /// Files to have.
    #[serde(rename = "files")]
    pub artifacts: Vec<Artifact>,
    /// Units that are enabled and running.
    pub services: Vec<String>,
    /// Shell commands that put changed files into effect.
    pub apply: Vec<String>,
    /// Shell commands that take it out of effect, before its files are removed.
    pub undo_before: Vec<String>,
    /// The same, after its files are removed.
    pub undo_after: Vec<String>,
}

/// Everything of one host, need by need in the order in which it is safe to apply.
#[derive(Clone, Debug)]
pub struct Bundle {
    /// The host.
    pub host: HostName,
    /// What it is in the cluster.
    pub role: Role,
    /// Its OS profile.
    pub profile: TargetName,
    /// What it needs; hosts that need the same share it.
    pub provisions: Vec<Arc<Provision>>,
}

impl Bundle {
    /// All files of the host.
    pub fn artifacts(&self) -> impl Iterator<Item = &Artifact> {
        self.provisions.iter().flat_map(|provision| &provision.artifacts)
    }
}

/// Says what is wrong with a rendered file, whatever it holds: a template's fault, never a user's.
pub fn fault(artifact: &Artifact) -> Option<String> {
    let text = &artifact.contents;
    if !text.ends_with('\n') || text.ends_with("\n\n") {
        return Some("the file does not end in exactly one newline".into());
    }
    for (at, line) in text.split('\n').enumerate() {
        let number = at + 1;
        if line.ends_with([' ', '\t']) {
            return Some(format!("line {number} ends in a blank"));
        }
        if line.chars().any(|c| c.is_control() && c != '\t') {
            return Some(format!("line {number} holds a control character"));
        }
    }
    let markers = |marker: &str| text.lines().filter(|line| line.starts_with(marker)).count();
    let wanted = usize::from(artifact.shared);
    if markers(BLOCK_BEGIN) != wanted || markers(BLOCK_END) != wanted {
        return Some(format!("a shared file holds one `{BLOCK_BEGIN}` and one `{BLOCK_END}`"));
    }
    None
}

/// Says what is wrong with a rendered path.
pub fn path_fault(path: &str) -> Option<String> {
    let bad = |segment: &str| {
        matches!(segment, "" | "." | "..")
            || !segment.bytes().all(|byte| byte.is_ascii_graphic() && byte != b'"' && byte != b'\'')
    };
    let rest = path.strip_prefix('/');
    match rest {
        Some(rest) if !rest.split('/').any(bad) => None,
        _ => Some("the path is not absolute, or has a part that no path should have".into()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn artifact(contents: &str, shared: bool) -> Artifact {
        Artifact {
            path: "/etc/x".into(),
            mode: Mode::file(),
            contents: contents.into(),
            shared,
            origin: Origin {
                need: Need::IpvsRules,
                mechanism: MechanismName::new("m").unwrap(),
                template: "t".into(),
            },
        }
    }

    #[test]
    fn a_template_that_spoils_its_file_is_found() {
        for bad in ["", "a", "a\n\n", "a \nb\n", "a\r\n", "a\u{1b}\n", "# BEGIN lvsgen\n"] {
            assert!(fault(&artifact(bad, false)).is_some(), "{bad:?}");
        }
        assert!(fault(&artifact("a\n\tb\n", false)).is_none());
        let block = "#!/bin/sh\n# BEGIN lvsgen\ntrue\n# END lvsgen\nexit 0\n";
        assert!(fault(&artifact(block, true)).is_none());
        assert!(fault(&artifact("#!/bin/sh\n", true)).is_some());
    }

    #[test]
    fn paths_stay_inside() {
        for bad in ["etc/x", "/etc/../x", "/etc//x", "/etc/x/", "/a b", "/a\nb", ""] {
            assert!(path_fault(bad).is_some(), "{bad:?}");
        }
        assert!(path_fault("/etc/sysconfig/network-scripts/ifcfg-ens33:0").is_none());
        assert!(path_fault("/etc/systemd/system/srv-web\\x2ddata.mount").is_none());
    }

    #[test]
    fn modes_are_octal() {
        let mode: Mode = serde_json::from_str("\"0600\"").unwrap();
        assert_eq!((mode.bits(), mode.to_string()), (0o600, "0600".into()));
        for bad in ["\"600\"", "\"0688\"", "600", "\"00600\""] {
            assert!(serde_json::from_str::<Mode>(bad).is_err(), "{bad}");
        }
    }
}
