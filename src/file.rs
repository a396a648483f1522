//! A file on a host: its mode, its contents, the markers of lvsgen's block, and the rules that every
//! path and every text obeys.
//!
//! Takes text; gives [`Mode`], [`Contents`] and [`struct@Hash`]. Profiles, rendering, output and diff use these
//! types.

use std::fmt;
use std::ops::{Deref, Range, RangeInclusive};
use std::sync::{Arc, OnceLock};

use serde::{Deserialize, Deserializer, Serialize, Serializer};
use sha2::{Digest as _, Sha256};

/// The lines around lvsgen's block in a file that belongs to the administrator. They contain the name of the cluster,
/// because a host may serve several clusters, and each cluster has its own block.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Markers {
    /// The line that begins the block.
    pub begin: String,
    /// The line that ends the block.
    pub end: String,
    /// The part of a banner that names the cluster.
    banner: String,
}

impl Markers {
    /// The begin of the line that begins a block of any cluster. lvsgen 0.1 wrote this text as the whole line.
    const ANY_BEGIN: &str = "# BEGIN lvsgen";
    /// The same for the line that ends a block.
    const ANY_END: &str = "# END lvsgen";

    /// The markers of a cluster.
    pub fn of(cluster: &str) -> Self {
        Self {
            begin: format!("{} {cluster}", Self::ANY_BEGIN),
            end: format!("{} {cluster}", Self::ANY_END),
            banner: format!(" from cluster {cluster} "),
        }
    }

    /// The first and the last line of the cluster's last block. The banner of a block of lvsgen 0.1 names the cluster.
    pub fn last_block(&self, lines: &[&str]) -> Option<RangeInclusive<usize>> {
        let is = |line: &&str, marker: &str| line.trim_end() == marker;
        let ours = |at: usize| {
            let banner = || lines.get(at + 1).is_some_and(|line| line.contains(&self.banner));
            is(&lines[at], &self.begin) || is(&lines[at], Self::ANY_BEGIN) && banner()
        };
        let begin = (0..lines.len()).rfind(|at| ours(*at))?;
        let end = if is(&lines[begin], &self.begin) { &self.end } else { Self::ANY_END };
        let length = lines[begin..].iter().position(|line| is(line, end))?;
        Some(begin..=begin + length)
    }
}

/// The permissions of a file, written in octal with a leading zero.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Mode(u32);

impl Mode {
    /// 0644.
    pub const fn file() -> Self {
        Self(0o644)
    }

    /// 0600, for a file with a secret.
    pub const fn secret() -> Self {
        Self(0o600)
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

    /// Whether Git stores the same mode for both modes. Git stores only the owner's execute bit.
    pub const fn is_same_to_git(self, other: Self) -> bool {
        self.0 & 0o100 == other.0 & 0o100
    }

    /// Takes the permissions from the mode bits of stat(2).
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
            serde::de::Error::custom(format!("`{text}` is not a mode: write it like \"0644\""))
        })
    }
}

impl schemars::JsonSchema for Mode {
    fn schema_name() -> std::borrow::Cow<'static, str> {
        "Mode".into()
    }

    fn json_schema(_: &mut schemars::SchemaGenerator) -> schemars::Schema {
        schemars::json_schema!({
            "type": "string",
            "description": "permissions in octal, with a leading zero",
            "pattern": "^0[0-7]{3}$",
            "examples": ["0644"],
        })
    }
}

/// The contents of a file. All hosts and deliveries that use the contents share one copy in memory.
#[derive(Clone)]
pub struct Contents(Arc<Shared>);

struct Shared {
    text: Box<str>,
    sha256: OnceLock<Hash>,
}

impl Contents {
    /// The SHA-256 of the contents. It is computed only once for each shared copy.
    pub fn sha256(&self) -> Hash {
        *self.0.sha256.get_or_init(|| Hash::of(self.0.text.as_bytes()))
    }
}

impl Deref for Contents {
    type Target = str;

    fn deref(&self) -> &str {
        &self.0.text
    }
}

impl From<String> for Contents {
    fn from(text: String) -> Self {
        Self(Arc::new(Shared { text: text.into(), sha256: OnceLock::new() }))
    }
}

impl From<&str> for Contents {
    fn from(text: &str) -> Self {
        text.to_owned().into()
    }
}

impl PartialEq for Contents {
    fn eq(&self, other: &Self) -> bool {
        self.0.text == other.0.text
    }
}

impl Eq for Contents {}

impl fmt::Debug for Contents {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Debug::fmt(&**self, f)
    }
}

/// A SHA-256. It is written with hexadecimal digits.
#[derive(Clone, Copy, PartialEq, Eq)]
pub struct Hash([u8; 32]);

impl Hash {
    /// The hash of bytes.
    pub fn of(bytes: &[u8]) -> Self {
        Self(Sha256::digest(bytes).into())
    }
}

impl fmt::Display for Hash {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        // `write!` of each byte is slow, and a large cluster has a hundred thousand hashes.
        const DIGITS: &[u8; 16] = b"0123456789abcdef";
        let digit = |four: u8| char::from(DIGITS[usize::from(four)]);
        let digits = self.0.iter().flat_map(|byte| [digit(byte >> 4), digit(byte & 15)]);
        f.write_str(&digits.collect::<String>())
    }
}

impl fmt::Debug for Hash {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(self, f)
    }
}

impl Serialize for Hash {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_str(self)
    }
}

impl<'de> Deserialize<'de> for Hash {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let text = <std::borrow::Cow<'_, str>>::deserialize(deserializer)?;
        let byte = |at: usize| u8::from_str_radix(text.get(2 * at..2 * at + 2)?, 16).ok();
        let bytes: Option<Vec<u8>> = (0..32).map(byte).collect();
        let bytes = bytes.filter(|_| text.len() == 64).and_then(|bytes| bytes.try_into().ok());
        bytes.map(Self).ok_or_else(|| serde::de::Error::custom("a hash has 64 hexadecimal digits"))
    }
}

/// Checks the rules that every rendered file obeys, in any format. Returns the reason if the text breaks a rule.
/// The cause is a template, never a model. A file with `markers` belongs to the administrator, and lvsgen owns only the
/// block between the markers.
pub fn text_fault(text: &str, markers: Option<&Markers>) -> Option<String> {
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
    let any = |marker: &str| text.lines().filter(|line| line.starts_with(marker)).count();
    let counts = (any(Markers::ANY_BEGIN), any(Markers::ANY_END));
    match markers {
        None if counts == (0, 0) => None,
        None => Some(format!(
            "only a shared file may have `{}` or `{}`",
            Markers::ANY_BEGIN,
            Markers::ANY_END
        )),
        Some(_) if counts == (1, 1) && block(text, markers).is_some() => None,
        Some(Markers { begin, end, .. }) => {
            Some(format!("a shared file needs one line `{begin}` and then one line `{end}`"))
        }
    }
}

/// The bytes of the block in a rendered file, with both markers.
pub fn block(text: &str, markers: Option<&Markers>) -> Option<Range<usize>> {
    let lines: Vec<&str> = text.split_inclusive('\n').collect();
    let block = markers?.last_block(&lines)?;
    let bytes = |lines: &[&str]| lines.iter().map(|line| line.len()).sum::<usize>();
    Some(bytes(&lines[..*block.start()])..bytes(&lines[..=*block.end()]))
}

/// Returns the reason if a rendered path is not valid.
pub fn path_fault(path: &str) -> Option<String> {
    let bad = |segment: &str| {
        matches!(segment, "" | "." | "..")
            || !segment.bytes().all(|byte| byte.is_ascii_graphic() && byte != b'"' && byte != b'\'')
    };
    match path.strip_prefix('/') {
        Some(rest) if !rest.split('/').any(bad) => None,
        _ => Some(
            "the path must begin with `/`; no part may be empty, `.` or `..`; no part may contain \
             a blank, a quote, a control character or a non-ASCII character"
                .into(),
        ),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_template_that_spoils_its_file_is_found() {
        for bad in ["", "a", "a\n\n", "a \nb\n", "a\r\n", "a\u{1b}\n", "# BEGIN lvsgen web\n"] {
            assert!(text_fault(bad, None).is_some(), "{bad:?}");
        }
        assert!(text_fault("a\n\tb\n", None).is_none());
        let markers = Markers::of("web");
        let shared = |text| text_fault(text, Some(&markers));
        let text = "#!/bin/sh\n# BEGIN lvsgen web\ntrue\n# END lvsgen web\nexit 0\n";
        assert!(shared(text).is_none());
        assert_eq!(&text[block(text, Some(&markers)).unwrap()], &text[10..text.len() - 7]);
        assert!(shared("#!/bin/sh\n").is_some());
        assert!(shared("# BEGIN lvsgen other\ntrue\n# END lvsgen other\n").is_some());
        // With this order, sed would delete everything from the first line of the block to the end of the
        // administrator's file.
        assert!(shared("# END lvsgen web\nx\n# BEGIN lvsgen web\n").is_some());
        assert!(text_fault(text, None).is_some());
    }

    #[test]
    fn a_block_of_the_first_version_names_its_cluster_in_the_banner() {
        let block = |cluster: &str| {
            let lines = [
                "# BEGIN lvsgen",
                "# Generated by lvsgen from cluster a.b (profile x)",
                "# END lvsgen",
            ];
            Markers::of(cluster).last_block(&lines)
        };
        assert_eq!((block("a.b"), block("a"), block("a-b")), (Some(0..=2), None, None));
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
