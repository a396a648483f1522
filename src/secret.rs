//! Secrets by their names. lvsgen never has the value of a secret: a file has a placeholder, and `converge.sh` fills in the
//! value on the host.
//!
//! Takes names and texts; gives [`SecretName`], its placeholder, and the names that a text contains.

use std::collections::{BTreeMap, BTreeSet};
use std::fmt;

use serde::{Deserialize, Serialize};

/// The text before the name in a placeholder. `install/converge/secrets.sh` reads it too.
const BEGIN: &str = "@LVSGEN_SECRET:";

/// The name of a secret, which is also the name of its file in `/etc/lvsgen/secrets` on a host.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
pub struct SecretName(String);

impl SecretName {
    /// Reads a name.
    ///
    /// # Errors
    /// The error describes a correct name.
    pub fn new(written: &str) -> Result<Self, String> {
        let word = |byte: u8| byte.is_ascii_alphanumeric() || b"._-".contains(&byte);
        let first = written.bytes().next().is_some_and(|byte| byte.is_ascii_alphanumeric());
        if first && written.len() <= 63 && written.bytes().all(word) {
            return Ok(Self(written.to_owned()));
        }
        Err("the name of a secret has up to 63 letters, digits, `-`, `_` and `.`".to_owned())
    }

    /// Reads a placeholder that is a word of its own.
    pub fn of_placeholder(word: &str) -> Option<Self> {
        Self::new(word.strip_prefix(BEGIN)?.strip_suffix('@')?).ok()
    }

    /// The placeholder, which `converge.sh` replaces.
    pub fn placeholder(&self) -> String {
        format!("{BEGIN}{self}@")
    }

    /// The file on a host that has the value.
    pub fn path(&self) -> String {
        format!("/etc/lvsgen/secrets/{self}")
    }

    /// The names of all placeholders of a text.
    ///
    /// # Errors
    /// The text after the beginning of a placeholder that has no correct name.
    pub fn all_in(text: &str) -> Result<BTreeSet<Self>, String> {
        let parts = text.split(BEGIN).skip(1);
        let name = |part: &str| {
            let (name, _) = part.split_once('@').ok_or("a placeholder of a secret ends in `@`")?;
            Self::new(name)
        };
        parts.map(name).collect()
    }
}

/// Gives a text of a host without the values of secrets. A line whose first word is that of a rendered line with a placeholder
/// may have a value, so the rendered line stands in its place. `hidden` of `install/converge/secrets.sh` does the same.
pub fn hide(found: &str, rendered: &str) -> String {
    let first = |line: &str| line.split_whitespace().next().map(str::to_owned);
    let hidden: BTreeMap<_, &str> = rendered
        .split_inclusive('\n')
        .filter(|line| line.contains(BEGIN))
        .map(|line| (first(line), line))
        .collect();
    let lines = found.split_inclusive('\n').map(|line| match hidden.get(&first(line)) {
        Some(rendered) => (*rendered).to_owned(),
        None => without_password(line),
    });
    lines.collect()
}

/// Gives a line of keepalived.conf(5) without a password that nobody made a secret.
fn without_password(line: &str) -> String {
    const KEYWORD: &str = "auth_pass";
    let Some((before, rest)) = line.split_once(KEYWORD) else { return line.to_owned() };
    let value = rest.trim_start_matches([' ', '\t']);
    if line.contains(BEGIN) || value.len() == rest.len() || value.trim_end().is_empty() {
        return line.to_owned();
    }
    let after = value.trim_start_matches(|c: char| !c.is_whitespace() && c != '}');
    format!("{before}{KEYWORD} (hidden){after}")
}

impl fmt::Display for SecretName {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

#[cfg(test)]
mod tests {
    use super::{SecretName, hide};

    #[test]
    fn a_placeholder_is_read_again() {
        let name = SecretName::new("vrrp").expect("a correct name");
        assert_eq!(SecretName::of_placeholder(&name.placeholder()), Some(name.clone()));
        let text = format!("a {0}\nb \"{0}\" @LVSGEN_SECRET:other@\n", name.placeholder());
        let found: Vec<String> = SecretName::all_in(&text)
            .expect("correct names")
            .iter()
            .map(ToString::to_string)
            .collect();
        assert_eq!(found, ["other", "vrrp"]);
    }

    #[test]
    fn a_value_is_hidden() {
        let rendered = "a\n  pass @LVSGEN_SECRET:x@\nb\n";
        let found = "a\n\tpass   hunter2\nc\n";
        assert_eq!(hide(found, rendered), "a\n  pass @LVSGEN_SECRET:x@\nc\n");
        assert_eq!(hide(found, "a\n"), found);
        let inline = "authentication { auth_pass hunter2 }\n#auth_pass old\nauth_pass\n";
        let shown = "authentication { auth_pass (hidden) }\n#auth_pass (hidden)\nauth_pass\n";
        assert_eq!(hide(inline, ""), shown);
    }

    #[test]
    fn wrong_names() {
        for wrong in ["", ".", "../shadow", "a/b", "a b", "-a", "a@b"] {
            assert!(SecretName::new(wrong).is_err(), "{wrong}");
        }
        assert!(SecretName::all_in("@LVSGEN_SECRET:a b@").is_err());
        assert!(SecretName::all_in("@LVSGEN_SECRET:a").is_err());
        assert_eq!(SecretName::of_placeholder("hunter2"), None);
    }
}
