//! The list of what lvsgen wrote, which lies in the directory itself.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

use serde::{Deserialize, Serialize};
use sha2::{Digest as _, Sha256};

use super::{OutputError, tree};
use crate::artifact::Mode;
use crate::pack::OutputFile;

const NAME: &str = ".lvsgen-manifest.json";

/// What lvsgen wrote, by path.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Manifest {
    files: BTreeMap<String, Entry>,
}

/// One file as it was written.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Entry {
    /// Its permissions.
    pub mode: Mode,
    /// Of its contents, in hexadecimal.
    pub sha256: String,
}

#[derive(Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct Line {
    path: String,
    #[serde(flatten)]
    entry: Entry,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Written {
    files: Vec<serde_json::Value>,
}

impl Manifest {
    /// Where the manifest of a directory lies.
    pub(super) fn path(root: &Path) -> PathBuf {
        root.join(NAME)
    }

    /// Lists files.
    pub(super) fn of(files: &[OutputFile]) -> Self {
        let entries = files.iter().map(|file| {
            let sha256 = sha256(file.contents.as_bytes());
            (file.path.clone(), Entry { mode: file.mode, sha256 })
        });
        Self { files: entries.collect() }
    }

    /// Reads the manifest of a directory, where there is one.
    pub(super) fn read(root: &Path) -> Result<Option<Self>, OutputError> {
        let Some(present) = tree::read(root, NAME)? else {
            return Ok(None);
        };
        Self::parse(&present.contents)
            .map(Some)
            .map_err(|why| OutputError::Manifest { path: Self::path(root), why })
    }

    fn parse(bytes: &[u8]) -> Result<Self, String> {
        let written: Written = serde_json::from_slice(bytes).map_err(|error| error.to_string())?;
        let mut files = BTreeMap::new();
        for value in written.files {
            let Line { path, entry } =
                serde_json::from_value(value).map_err(|error| error.to_string())?;
            // Whatever is listed here may be removed: a path must not lead out of the directory.
            if path.split('/').any(|part| matches!(part, "" | "." | "..")) {
                return Err(format!("`{}` is no path below it", path.escape_debug()));
            }
            files.insert(path, entry);
        }
        Ok(Self { files })
    }

    /// The manifest as the file that it is: a line for each file, so that Git merges it.
    pub(super) fn file(&self) -> OutputFile {
        let lines = self.files.iter().map(|(path, entry)| {
            let line = Line { path: path.clone(), entry: entry.clone() };
            serde_json::to_string(&line).unwrap_or_default()
        });
        let lines: Vec<String> = lines.map(|line| format!("  {line}")).collect();
        OutputFile {
            path: NAME.to_owned(),
            mode: Mode::file(),
            contents: format!("{{\"files\": [\n{}\n]}}\n", lines.join(",\n")),
        }
    }

    /// The entry of a path.
    pub(super) fn get(&self, path: &str) -> Option<&Entry> {
        self.files.get(path)
    }

    /// Takes an entry over.
    pub(super) fn keep(&mut self, path: &str, entry: Entry) {
        self.files.insert(path.to_owned(), entry);
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
        let manifest = Manifest::of(&[file("a/b\\x2d.mount"), file("c")]);
        let read = Manifest::parse(manifest.file().contents.as_bytes()).unwrap();
        assert_eq!(read, manifest);
        assert_eq!(
            Manifest::parse(Manifest::default().file().contents.as_bytes()).unwrap(),
            Manifest::default()
        );
    }

    #[test]
    fn a_manifest_cannot_name_what_lies_outside() {
        for path in ["../x", "/etc/passwd", "a/../../b", "a//b"] {
            let text = format!(
                "{{\"files\":[{{\"path\":\"{path}\",\"mode\":\"0644\",\"sha256\":\"\"}}]}}"
            );
            assert!(Manifest::parse(text.as_bytes()).is_err(), "{path}");
        }
    }
}
