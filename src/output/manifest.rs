//! The list of what lvsgen wrote, which lies in the directory itself.

use std::collections::BTreeMap;
use std::path::Path;

use serde::{Deserialize, Serialize};
use sha2::{Digest as _, Sha256};

use super::{OutputError, tree};
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
    /// Of its contents, in hexadecimal.
    pub sha256: String,
    /// Of the contents that it has until a write that is under way has replaced it.
    pub was: Option<String>,
}

impl Entry {
    /// Whether lvsgen wrote contents of that hash.
    pub(super) fn wrote(&self, sha256: &str) -> bool {
        self.sha256 == sha256 || self.was.as_deref() == Some(sha256)
    }
}

#[derive(Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct Line {
    path: String,
    mode: Mode,
    sha256: String,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    was: Option<String>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Written {
    cluster: String,
    #[serde(default)]
    under_way: bool,
    files: Vec<Line>,
}

impl Manifest {
    /// Lists files.
    pub(super) fn of(cluster: &ClusterName, files: &[OutputFile]) -> Self {
        let entries = files.iter().map(|file| {
            let sha256 = sha256(file.contents.as_bytes());
            (file.path.clone(), Entry { mode: file.mode, sha256, was: None })
        });
        Self { cluster: cluster.to_string(), files: entries.collect(), under_way: false }
    }

    /// Reads the manifest of a directory, where there is one.
    pub(super) fn read(root: &Path) -> Result<Option<Self>, OutputError> {
        let Some(present) = tree::read(root, NAME)? else { return Ok(None) };
        Self::parse(&present.contents)
            .map(Some)
            .map_err(|why| OutputError::Manifest { path: root.join(NAME), why })
    }

    fn parse(bytes: &[u8]) -> Result<Self, String> {
        let written: Written = serde_json::from_slice(bytes).map_err(|error| error.to_string())?;
        let mut files = BTreeMap::new();
        for Line { path, mode, sha256, was } in written.files {
            // Whatever is listed here may be removed: a path must not lead out of the directory.
            if path.split('/').any(|part| matches!(part, "" | "." | "..")) {
                return Err(format!("`{}` is no path below it", path.escape_debug()));
            }
            files.insert(path, Entry { mode, sha256, was });
        }
        Ok(Self { cluster: written.cluster, files, under_way: written.under_way })
    }

    /// The manifest as the file that it is: a line for each file, so that Git merges it.
    pub(super) fn file(&self) -> Result<OutputFile, OutputError> {
        let lines = self.files.iter().map(|(path, Entry { mode, sha256, was })| {
            let (path, sha256, was) = (path.clone(), sha256.clone(), was.clone());
            serde_json::to_string(&Line { path, mode: *mode, sha256, was })
        });
        let cluster = serde_json::to_string(&self.cluster);
        let text = cluster.and_then(|cluster| {
            let lines: Vec<String> = lines.collect::<Result<_, _>>()?;
            let under_way = if self.under_way { ", \"under_way\": true" } else { "" };
            let files = lines.join(",\n  ");
            Ok(format!("{{\"cluster\": {cluster}{under_way}, \"files\": [\n  {files}\n]}}\n"))
        });
        let contents = text
            .map_err(|error| OutputError::Manifest { path: NAME.into(), why: error.to_string() })?;
        Ok(OutputFile { path: NAME.to_owned(), mode: Mode::file(), contents: contents.into() })
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

    /// Takes an entry over.
    pub(super) fn keep(&mut self, path: &str, entry: Entry) {
        self.files.insert(path.to_owned(), entry);
    }

    /// Takes over the entries of another manifest whose paths are meant.
    pub(super) fn keep_all(&mut self, other: &Self, meant: impl Fn(&str) -> bool) {
        let others = other.files.iter().filter(|(path, _)| meant(path));
        self.files.extend(others.map(|(path, entry)| (path.clone(), entry.clone())));
    }

    /// Notes the contents that a file has until it is replaced.
    pub(super) fn remember(&mut self, path: &str, sha256: String) {
        if let Some(entry) = self.files.get_mut(path) {
            entry.was = Some(sha256);
        }
    }

    /// Marks a write as begun.
    pub(super) fn begin(&mut self) {
        self.under_way = true;
    }

    /// All entries, by path.
    pub(super) fn iter(&self) -> impl Iterator<Item = (&str, &Entry)> {
        self.files.iter().map(|(path, entry)| (path.as_str(), entry))
    }
}

/// The SHA-256 of bytes, in hexadecimal.
pub(super) fn sha256(bytes: &[u8]) -> String {
    format!("{:x}", Sha256::digest(bytes))
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
        for _ in 0..2 {
            let text = manifest.file().unwrap().contents;
            assert_eq!(Manifest::parse(text.as_bytes()).unwrap(), manifest);
            manifest.remember("c", "abc".into());
            manifest.begin();
        }
        assert!(manifest.get("c").unwrap().wrote("abc"));
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
                "{{\"cluster\":\"c\",\"files\":[{{\"path\":\"{path}\",\"mode\":\"0644\",\"sha256\":\"\"}}]}}"
            );
            assert!(Manifest::parse(text.as_bytes()).is_err(), "{path}");
        }
    }
}
