//! From the files of hosts to the files of a delivery: pure functions, one file of this folder for each
//! delivery.
//!
//! Takes [`ReadBack`] and [`Rollout`](crate::rollout::Rollout); gives [`OutputFile`]s for `output` to write, or an archive.

pub mod ansible;
pub mod archive;
pub mod cloud_init;
pub mod hosts;
pub mod install;
pub mod monitoring;
pub mod summary;
pub mod verify;

use std::borrow::Cow;
use std::cell::LazyCell;
use std::sync::Arc;

use crate::file::{Contents, Hash, Mode};
use crate::keyword::keywords;
use crate::model::HostName;
use crate::readback::ReadBack;

keywords! {
    /// One form in which files reach hosts, beside the hosts' trees.
    Delivery, "a delivery",
    /// The steps of each host, and the programs that carry them out.
    Install = "install",
    /// Playbooks, an inventory, and the data of each host.
    Ansible = "ansible",
    /// For each host the documents of a NoCloud source.
    CloudInit = "cloud-init",
    /// For each host a tar archive to unpack over the root directory of an image.
    Tar = "tar",
    /// A script that checks from a client whether the cluster works.
    Verify = "verify",
    /// Rules, alerts with their tests, scrape targets and a dashboard, if the model has `monitoring`.
    Monitoring = "monitoring",
}

impl Delivery {
    /// The deliveries of a render that names none.
    pub const DEFAULT: [Self; 5] =
        [Self::Install, Self::Ansible, Self::CloudInit, Self::Verify, Self::Monitoring];
}

/// One file below the output directory.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct OutputFile {
    /// Its path below the output directory, with `/` between the parts.
    pub path: String,
    /// Its permissions.
    pub mode: Mode,
    /// Its contents.
    pub contents: Payload,
    /// Whose file it is.
    pub owner: Owner,
}

/// The contents of a file of the output.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Payload {
    /// Text.
    Text(Contents),
    /// An archive, or a compressed document.
    Bytes(Arc<[u8]>),
}

impl Payload {
    /// The bytes of the file.
    pub fn as_bytes(&self) -> &[u8] {
        match self {
            Self::Text(text) => text.as_bytes(),
            Self::Bytes(bytes) => bytes,
        }
    }

    /// The SHA-256 of the bytes.
    pub fn sha256(&self) -> Hash {
        match self {
            Self::Text(text) => text.sha256(),
            Self::Bytes(bytes) => Hash::of(bytes),
        }
    }

    /// The text for a person. Bytes that are no text become U+FFFD.
    pub fn text(&self) -> Cow<'_, str> {
        match self {
            Self::Text(text) => Cow::Borrowed(text),
            Self::Bytes(bytes) => String::from_utf8_lossy(bytes),
        }
    }
}

impl From<Contents> for Payload {
    fn from(text: Contents) -> Self {
        Self::Text(text)
    }
}

impl From<String> for Payload {
    fn from(text: String) -> Self {
        Self::Text(text.into())
    }
}

impl From<&str> for Payload {
    fn from(text: &str) -> Self {
        Self::Text(text.into())
    }
}

impl From<Vec<u8>> for Payload {
    fn from(bytes: Vec<u8>) -> Self {
        Self::Bytes(bytes.into())
    }
}

/// The host and the delivery to which a file of the output belongs.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Owner {
    /// The host; none for a file of the whole cluster.
    pub host: Option<HostName>,
    /// The delivery; none for the hosts' trees and the summary.
    pub delivery: Option<Delivery>,
}

impl Owner {
    /// A file of one host.
    pub fn host(host: &HostName, delivery: Option<Delivery>) -> Self {
        Self { host: Some(host.clone()), delivery }
    }

    /// A file of the whole cluster.
    pub fn cluster(delivery: Option<Delivery>) -> Self {
        Self { host: None, delivery }
    }

    /// Whether it is a file of a host's tree: a file of the host itself, and not of a delivery.
    pub fn is_tree(&self) -> bool {
        self.host.is_some() && self.delivery.is_none()
    }

    /// A path of this owner with `*` for the host's name.
    pub fn pattern(&self, path: &str) -> String {
        let Some(host) = self.host.as_ref().map(HostName::as_str) else { return path.to_owned() };
        let mut parts: Vec<String> = path.split('/').map(str::to_owned).collect();
        // The first part names the delivery.
        let named = |part: &&mut String| {
            part.strip_prefix(host).is_some_and(|rest| rest.is_empty() || rest.starts_with('.'))
        };
        if let Some(part) = parts.iter_mut().skip(1).find(named) {
            part.replace_range(..host.len(), "*");
        }
        parts.join("/")
    }
}

/// The output of a cluster.
#[derive(Debug)]
pub struct Deliveries<'r> {
    /// The rendered files.
    pub read_back: &'r ReadBack<'r>,
    /// The cluster's model.
    pub checked: &'r crate::check::Checked<'r>,
    /// The cluster's summary.
    pub summary: &'r crate::summary::Summary,
}

impl Deliveries<'_> {
    /// Gives every file of the hosts' trees, the summary, and of the deliveries given, sorted by path.
    pub fn files(&self, deliveries: &[Delivery]) -> Vec<OutputFile> {
        let rollout = crate::rollout::Rollout::new(self.read_back);
        let mut files = hosts::pack(self.read_back);
        files.push(summary::pack(self.summary));
        let cluster = self.checked.cluster();
        let steps = LazyCell::new(|| install::host_steps(self.read_back, rollout.hosts()));
        for delivery in deliveries {
            files.extend(match delivery {
                Delivery::Install => install::pack(&cluster.name, &steps, &cluster.retired),
                Delivery::Ansible => ansible::pack(self.read_back, &cluster.retired),
                Delivery::CloudInit => cloud_init::pack(cluster, self.read_back, &steps),
                Delivery::Tar => archive::each(self.read_back, &steps),
                Delivery::Verify => vec![verify::pack(self.checked)],
                Delivery::Monitoring => monitoring::pack(self.checked, self.read_back),
            });
        }
        files.sort_by(|a, b| a.path.cmp(&b.path));
        // A delivery that is named twice is one.
        files.dedup_by(|a, b| a.path == b.path);
        files
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_pattern_leaves_the_hosts_name_out() {
        let owner = |name| Owner::host(&HostName::new(name).unwrap(), None);
        for (host, path, pattern) in [
            ("web1", "hosts/web1/etc/x", "hosts/*/etc/x"),
            ("web1", "ansible/host_vars/web1.yml", "ansible/host_vars/*.yml"),
            ("hosts", "hosts/hosts/etc/hosts", "hosts/*/etc/hosts"),
            ("web1", "hosts/web10/etc/x", "hosts/web10/etc/x"),
        ] {
            assert_eq!(owner(host).pattern(path), pattern);
        }
        assert_eq!(Owner::cluster(None).pattern("summary.json"), "summary.json");
    }
}
