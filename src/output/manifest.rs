//! The manifest: the list of the files that lvsgen wrote. It is stored in the same directory.

use std::borrow::Cow;
use std::collections::{BTreeMap, BTreeSet};

use rayon::prelude::*;
use serde::{Deserialize, Serialize};

use super::walk::Root;
use super::{Difference, OutputError, tree};
use crate::delivery::{Delivery, OutputFile, Owner};
use crate::file::{Hash, Mode};
use crate::model::{ClusterName, HostName};

const NAME: &str = ".lvsgen-manifest.json";

/// The number of the manifest's format. A manifest of version 0.1.0 has no number, and it names no hosts and no
/// deliveries.
const FORMAT: u32 = 1;

/// The files that lvsgen wrote, by path.
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
    /// The hash of its contents.
    pub sha256: Hash,
    /// The host and the delivery to which the file belongs.
    pub owner: Owner,
    /// The hash of the old contents, which the file may still have. The hash is set only while a write is
    /// unfinished. It equals `sha256` if the write removes the file.
    pub was: Option<Hash>,
}

impl Entry {
    /// Whether a write may overwrite contents with this hash: lvsgen wrote these contents, or an unfinished write
    /// was about to replace them.
    pub(super) fn wrote(&self, sha256: Hash) -> bool {
        self.sha256 == sha256 || self.was == Some(sha256)
    }

    /// Whether an unfinished write was about to remove the file.
    pub(super) fn is_going(&self) -> bool {
        self.was == Some(self.sha256)
    }
}

#[derive(Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct ManifestLine<'a> {
    #[serde(borrow)]
    path: Cow<'a, str>,
    mode: Mode,
    sha256: Hash,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    was: Option<Hash>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    host: Option<HostName>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    delivery: Option<Delivery>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct WrittenManifest<'a> {
    format: Option<u32>,
    cluster: String,
    #[serde(default)]
    under_way: bool,
    #[serde(borrow)]
    files: Vec<ManifestLine<'a>>,
}

#[derive(Deserialize)]
struct ManifestFormat {
    format: Option<u32>,
}

/// The reason why the text of a manifest cannot be used.
#[derive(Debug)]
enum Unusable {
    Newer(u32),
    Damaged(String),
}

impl Manifest {
    /// Makes the manifest of a cluster's files.
    pub(super) fn of(cluster: &ClusterName, files: &[OutputFile]) -> Self {
        let entries: Vec<(String, Entry)> = files
            .par_iter()
            .map(|file| {
                let (sha256, owner) = (file.contents.sha256(), file.owner.clone());
                (file.path.clone(), Entry { mode: file.mode, sha256, owner, was: None })
            })
            .collect();
        let files = entries.into_iter().collect();
        Self { cluster: cluster.to_string(), files, under_way: false }
    }

    /// Reads the manifest of a directory, and gives it with the hash of its file. None if there is no manifest.
    /// Usually the text equals the text of the expected manifest. In this case, the text is not parsed.
    pub(super) fn read(
        root: &Root,
        expected: Option<&Self>,
    ) -> Result<Option<(Self, Hash)>, OutputError> {
        let Some(present) = tree::read(root, NAME)? else { return Ok(None) };
        let hash = Hash::of(&present.contents);
        if let Some(expected) = expected
            && present.contents == expected.text().as_bytes()
        {
            return Ok(Some((expected.clone(), hash)));
        }
        let path = root.path().join(NAME);
        match Self::parse(&present.contents) {
            Ok(read) => Ok(Some((read, hash))),
            Err(Unusable::Newer(format)) => Err(OutputError::Newer { path, format }),
            Err(Unusable::Damaged(why)) => Err(OutputError::Manifest { path, why }),
        }
    }

    /// The manifest at the start of a write. It also lists the files that the write removes. For
    /// each file that the write replaces, it also has the hash of the present contents.
    pub(super) fn journal(&self, old: &Self, differences: &[Difference<'_>]) -> Self {
        let mut journal = Self { under_way: true, ..self.clone() };
        for difference in differences {
            let path = &*difference.path;
            match (&difference.after, old.files.get(path)) {
                (None, Some(entry)) => {
                    let going = Entry { was: Some(entry.sha256), ..entry.clone() };
                    journal.files.insert(path.to_owned(), going);
                }
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

    fn parse(bytes: &[u8]) -> Result<Self, Unusable> {
        let damaged = |error: serde_json::Error| Unusable::Damaged(error.to_string());
        let ManifestFormat { format } = serde_json::from_slice(bytes).map_err(damaged)?;
        if let Some(format) = format.filter(|format| *format != FORMAT) {
            return Err(Unusable::Newer(format));
        }
        let written: WrittenManifest<'_> = serde_json::from_slice(bytes).map_err(damaged)?;
        let mut files = BTreeMap::new();
        for ManifestLine { path, mode, sha256, was, host, delivery } in written.files {
            // lvsgen may remove each listed file, so no path may point outside the directory.
            if path.split('/').any(|part| matches!(part, "" | "." | "..")) {
                let why = format!("`{}` is not a path below the directory", path.escape_debug());
                return Err(Unusable::Damaged(why));
            }
            let owner = match written.format {
                Some(_) => Owner { host, delivery },
                None => owner_in_0_1(&path),
            };
            files.insert(path.into_owned(), Entry { mode, sha256, owner, was });
        }
        Ok(Self { cluster: written.cluster, files, under_way: written.under_way })
    }

    /// The manifest as an output file. Each listed file is on its own line, so that Git can merge two manifests.
    pub(super) fn file(&self) -> OutputFile {
        OutputFile {
            path: NAME.to_owned(),
            mode: Mode::file(),
            contents: self.text().into(),
            owner: Owner::default(),
        }
    }

    fn text(&self) -> String {
        const WHY: &str = "a manifest holds texts and numbers only";
        let under_way = if self.under_way { ", \"under_way\": true" } else { "" };
        let cluster = serde_json::to_string(&self.cluster).expect(WHY);
        // Write to one buffer: the lines of a large cluster would otherwise be in memory twice.
        let mut text = String::with_capacity(self.files.len() * 224);
        text +=
            &format!("{{\"format\": {FORMAT}, \"cluster\": {cluster}{under_way}, \"files\": [\n  ");
        for (at, (path, Entry { mode, sha256, owner, was })) in self.files.iter().enumerate() {
            let line = ManifestLine {
                path: Cow::Borrowed(&**path),
                mode: *mode,
                sha256: *sha256,
                was: *was,
                host: owner.host.clone(),
                delivery: owner.delivery,
            };
            text += if at > 0 { ",\n  " } else { "" };
            text += &serde_json::to_string(&line).expect(WHY);
        }
        text + "\n]}\n"
    }

    /// The deliveries of the listed files, without duplicates. A file that an unfinished write was about to
    /// remove does not count.
    pub(super) fn deliveries(&self) -> Vec<Delivery> {
        let found: BTreeSet<Delivery> = self
            .files
            .values()
            .filter(|one| !one.is_going())
            .filter_map(|one| one.owner.delivery)
            .collect();
        found.into_iter().collect()
    }

    /// The name of the cluster to which the files belong.
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

    /// Copies an entry of another manifest if `stays` returns true for the entry. Returns the deliveries of all
    /// copied entries.
    pub(super) fn keep_all(
        &mut self,
        other: &Self,
        stays: impl Fn(&Entry) -> bool,
    ) -> Vec<Delivery> {
        let mut kept = BTreeSet::new();
        for (path, entry) in other.files.iter().filter(|(_, entry)| stays(entry)) {
            kept.extend(entry.owner.delivery);
            self.files.insert(path.clone(), entry.clone());
        }
        kept.into_iter().collect()
    }

    /// All entries, by path.
    pub(super) fn iter(&self) -> impl Iterator<Item = (&str, &Entry)> {
        self.files.iter().map(|(path, entry)| (path.as_str(), entry))
    }
}

/// The owner of a path in the layout of version 0.1.0.
fn owner_in_0_1(path: &str) -> Owner {
    let (folder, rest) = path.split_once('/').unwrap_or(("", path));
    let (delivery, host) = match folder {
        "hosts" => (None, rest.split('/').next()),
        "ansible" => {
            let vars = rest.strip_prefix("host_vars/");
            (Some(Delivery::Ansible), vars.and_then(|name| name.strip_suffix(".yml")))
        }
        "cloud-init" => (Some(Delivery::CloudInit), rest.split('/').next()),
        "tar" => (Some(Delivery::Tar), rest.strip_suffix(".tar")),
        // `from_client.sh` belongs to no host, because a host name cannot have a `_`.
        "verify" => (Some(Delivery::Verify), rest.strip_suffix(".sh")),
        _ => (None, None),
    };
    Owner { host: host.and_then(|host| HostName::new(host).ok()), delivery }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_manifest_reads_back() {
        let host = HostName::new("web1").unwrap();
        let file = |path: &str, owner: Owner| OutputFile {
            path: path.into(),
            mode: Mode::file(),
            contents: path.into(),
            owner,
        };
        let cluster = ClusterName::new("web").unwrap();
        let files = [
            file("a/b\\x2d.mount", Owner::host(&host, Some(Delivery::Tar))),
            file("c", Owner::cluster(None)),
        ];
        let mut manifest = Manifest::of(&cluster, &files);
        assert_eq!(Manifest::parse(manifest.text().as_bytes()).unwrap(), manifest);
        let was = Some(Hash::of(b"abc"));
        manifest.files.get_mut("c").unwrap().was = was;
        manifest.under_way = true;
        assert_eq!(Manifest::parse(manifest.text().as_bytes()).unwrap(), manifest);
        assert!(manifest.get("c").unwrap().wrote(Hash::of(b"abc")));
    }

    #[test]
    fn an_empty_manifest_reads_back() {
        let manifest = Manifest::default();
        assert_eq!(Manifest::parse(manifest.text().as_bytes()).unwrap(), manifest);
    }

    #[test]
    fn the_manifest_of_0_1_is_read_and_a_newer_one_is_not() {
        let hash = Hash::of(b"");
        let line =
            |path: &str| format!("{{\"path\":\"{path}\",\"mode\":\"0644\",\"sha256\":\"{hash}\"}}");
        let paths = ["hosts/web1/etc/x", "ansible/host_vars/web1.yml", "verify/from_client.sh"];
        let lines: Vec<String> = paths.iter().map(|path| line(path)).collect();
        let text = format!("{{\"cluster\":\"c\",\"files\":[{}]}}", lines.join(","));
        let read = Manifest::parse(text.as_bytes()).unwrap();
        let host = HostName::new("web1").unwrap();
        let owner = |path| read.get(path).unwrap().owner.clone();
        assert_eq!(owner(paths[0]), Owner::host(&host, None));
        assert_eq!(owner(paths[1]), Owner::host(&host, Some(Delivery::Ansible)));
        assert_eq!(owner(paths[2]), Owner::cluster(Some(Delivery::Verify)));
        let newer = text.replace("{\"cluster\"", "{\"format\":2,\"colour\":\"red\",\"cluster\"");
        assert!(matches!(Manifest::parse(newer.as_bytes()), Err(Unusable::Newer(2))));
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
