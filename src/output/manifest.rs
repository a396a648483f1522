//! The list of what lvsgen wrote, which lies in the directory itself.

use std::borrow::Cow;
use std::collections::BTreeMap;
use std::fmt;

use rayon::prelude::*;
use serde::{Deserialize, Deserializer, Serialize, Serializer};
use sha2::{Digest as _, Sha256};

use super::walk::Root;
use super::{Difference, OutputError, tree};
use crate::artifact::Mode;
use crate::model::ClusterName;
use crate::pack::OutputFile;

const NAME: &str = ".lvsgen-manifest.json";

/// What lvsgen wrote, by path.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Manifest {
    cluster: String,
    files: BTreeMap<String, Entry>,
    /// Whether a write began and did not end.
    under_way: bool,
}

/// One file as it was written.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Entry {
    /// Its permissions.
    pub mode: Mode,
    /// Of its contents.
    pub sha256: Hash,
    /// Of the contents that it has until a write that is under way has replaced it.
    pub was: Option<Hash>,
}

/// A SHA-256, which is written in hexadecimal.
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
        // Not by `write!`: a fleet has a hundred thousand.
        let digit = |four: u8| char::from_digit(four.into(), 16).unwrap_or_default();
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
        let text = <Cow<'_, str>>::deserialize(deserializer)?;
        let byte = |at: usize| u8::from_str_radix(text.get(2 * at..2 * at + 2)?, 16).ok();
        let bytes: Option<Vec<u8>> = (0..32).map(byte).collect();
        let bytes = bytes.filter(|_| text.len() == 64).and_then(|bytes| bytes.try_into().ok());
        bytes.map(Self).ok_or_else(|| serde::de::Error::custom("a hash has 64 hexadecimal digits"))
    }
}

impl Entry {
    /// Whether lvsgen wrote contents of that hash.
    pub(super) fn wrote(&self, sha256: Hash) -> bool {
        self.sha256 == sha256 || self.was == Some(sha256)
    }
}

#[derive(Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct Line<'a> {
    #[serde(borrow)]
    path: Cow<'a, str>,
    mode: Mode,
    sha256: Hash,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    was: Option<Hash>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Written<'a> {
    cluster: String,
    #[serde(default)]
    under_way: bool,
    #[serde(borrow)]
    files: Vec<Line<'a>>,
}

impl Manifest {
    /// Lists files.
    pub(super) fn of(cluster: &ClusterName, files: &[OutputFile]) -> Self {
        // What many hosts have is hashed once.
        let address = |file: &OutputFile| file.contents.as_ptr().addr();
        let distinct: BTreeMap<usize, &OutputFile> =
            files.iter().map(|file| (address(file), file)).collect();
        let hashed = distinct.into_par_iter();
        let hashed = hashed.map(|(at, file)| (at, Hash::of(file.contents.as_bytes())));
        let hashed: BTreeMap<usize, Hash> = hashed.collect();
        let entries = files.iter().filter_map(|file| {
            let sha256 = *hashed.get(&address(file))?;
            Some((file.path.clone(), Entry { mode: file.mode, sha256, was: None }))
        });
        Self { cluster: cluster.to_string(), files: entries.collect(), under_way: false }
    }

    /// Reads the manifest of a directory, where there is one, with its file's hash. Most often it is
    /// the one that is expected, which need not be taken apart.
    pub(super) fn read(root: &Root, expected: &Self) -> Result<Option<(Self, Hash)>, OutputError> {
        let Some(present) = tree::read(root, NAME)? else { return Ok(None) };
        let hash = Hash::of(&present.contents);
        if present.contents == expected.file()?.contents.as_bytes() {
            return Ok(Some((expected.clone(), hash)));
        }
        Self::parse(&present.contents)
            .map(|read| Some((read, hash)))
            .map_err(|why| OutputError::Manifest { path: root.path().join(NAME), why })
    }

    /// The manifest of a write that begins: with what every file is until it is replaced, and with
    /// the files that are to go.
    pub(super) fn journal(&self, old: &Self, differences: &[Difference<'_>]) -> Self {
        let mut journal = Self { under_way: true, ..self.clone() };
        for difference in differences {
            let path = &*difference.path;
            match (&difference.after, old.files.get(path)) {
                (None, Some(entry)) => drop(journal.files.insert(path.to_owned(), entry.clone())),
                _ => {
                    let was = difference.before.as_ref().map(|file| Hash::of(&file.contents));
                    let entry = journal.files.get_mut(path).filter(|one| was != Some(one.sha256));
                    if let Some(entry) = entry {
                        entry.was = was;
                    }
                }
            }
        }
        journal
    }

    fn parse(bytes: &[u8]) -> Result<Self, String> {
        let written: Written = serde_json::from_slice(bytes).map_err(|error| error.to_string())?;
        let mut files = BTreeMap::new();
        for Line { path, mode, sha256, was } in written.files {
            // Whatever is listed here may be removed: a path must not lead out of the directory.
            if path.split('/').any(|part| matches!(part, "" | "." | "..")) {
                return Err(format!("`{}` is no path below it", path.escape_debug()));
            }
            files.insert(path.into_owned(), Entry { mode, sha256, was });
        }
        Ok(Self { cluster: written.cluster, files, under_way: written.under_way })
    }

    /// The manifest as the file that it is: a line for each file, so that Git merges it.
    pub(super) fn file(&self) -> Result<OutputFile, OutputError> {
        let text = self
            .text()
            .map_err(|error| OutputError::Manifest { path: NAME.into(), why: error.to_string() })?;
        Ok(OutputFile { path: NAME.to_owned(), mode: Mode::file(), contents: text.into() })
    }

    fn text(&self) -> serde_json::Result<String> {
        let under_way = if self.under_way { ", \"under_way\": true" } else { "" };
        let cluster = serde_json::to_string(&self.cluster)?;
        // One buffer: the lines of ten thousand hosts are not held twice.
        let mut text = String::with_capacity(self.files.len() * 192);
        text += &format!("{{\"cluster\": {cluster}{under_way}, \"files\": [\n  ");
        for (at, (path, Entry { mode, sha256, was })) in self.files.iter().enumerate() {
            let path = Cow::Borrowed(&**path);
            let line = Line { path, mode: *mode, sha256: *sha256, was: *was };
            text += if at > 0 { ",\n  " } else { "" };
            text += &serde_json::to_string(&line)?;
        }
        text += "\n]}\n";
        Ok(text)
    }

    /// The cluster whose files these are.
    pub(super) fn cluster(&self) -> &str {
        &self.cluster
    }

    /// Whether a write began and did not end.
    pub(super) fn under_way(&self) -> bool {
        self.under_way
    }

    /// The entry of a path.
    pub(super) fn get(&self, path: &str) -> Option<&Entry> {
        self.files.get(path)
    }

    /// Takes over the entries of another manifest whose paths are meant.
    pub(super) fn keep_all(&mut self, other: &Self, meant: impl Fn(&str) -> bool) {
        let others = other.files.iter().filter(|(path, _)| meant(path));
        self.files.extend(others.map(|(path, entry)| (path.clone(), entry.clone())));
    }

    /// All entries, by path.
    pub(super) fn iter(&self) -> impl Iterator<Item = (&str, &Entry)> {
        self.files.iter().map(|(path, entry)| (path.as_str(), entry))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_manifest_reads_back() {
        let file = |path: &str| OutputFile {
            path: path.into(),
            mode: Mode::file(),
            contents: path.into(),
        };
        let cluster = ClusterName::new("web").unwrap();
        let mut manifest = Manifest::of(&cluster, &[file("a/b\\x2d.mount"), file("c")]);
        let text = manifest.file().unwrap().contents;
        assert_eq!(Manifest::parse(text.as_bytes()).unwrap(), manifest);
        let was = Some(Hash::of(b"abc"));
        manifest.files.get_mut("c").unwrap().was = was;
        manifest.under_way = true;
        let text = manifest.file().unwrap().contents;
        assert_eq!(Manifest::parse(text.as_bytes()).unwrap(), manifest);
        assert!(manifest.get("c").unwrap().wrote(Hash::of(b"abc")));
    }

    #[test]
    fn an_empty_manifest_reads_back() {
        let text = Manifest::default().file().unwrap().contents;
        assert_eq!(Manifest::parse(text.as_bytes()).unwrap(), Manifest::default());
    }

    #[test]
    fn a_manifest_cannot_name_what_lies_outside() {
        for path in ["../x", "/etc/passwd", "a/../../b", "a//b"] {
            let text = format!(
                "{{\"cluster\":\"c\",\"files\":[{{\"path\":\"{path}\",\"mode\":\"0644\",\"sha256\":\"{}\"}}]}}",
                Hash::of(b"")
            );
            assert!(Manifest::parse(text.as_bytes()).is_err(), "{path}");
        }
    }
}
