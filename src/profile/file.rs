//! The directories and files of a mechanism.

use schemars::JsonSchema;
use serde::Deserialize;

use super::mechanism::{List, Text};
use crate::file::Mode;
use crate::formats::Format;
use crate::keyword::keywords;

keywords! {
    /// A program that tests a new file on the host before the file replaces the old one.
    FileTest, "a test of a file",
    /// `keepalived -t`.
    Keepalived = "keepalived",
}

keywords! {
    /// The owner of a directory.
    Ownership, "an owner of a directory",
    /// lvsgen owns the directory and creates it with its mode. The undo removes the directory if it is empty.
    Lvsgen = "lvsgen",
    /// If the directory is missing, lvsgen creates it with the system's usual mode. The undo removes the directory
    /// if it is empty.
    Added = "added",
    /// The system owns the directory. lvsgen creates it if it is missing, and never removes it.
    System = "system",
}

/// A directory of a mechanism.
#[derive(Clone, Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Directory {
    /// Its absolute path.
    pub path: Text,
    /// Makes one directory for each item of this list. The path uses the item as `item`.
    pub for_each: Option<List>,
    /// Its mode, if lvsgen owns the directory.
    #[serde(default = "Mode::directory")]
    pub mode: Mode,
    /// The owner of the directory. Without this key: `lvsgen`.
    #[serde(default = "lvsgen_owns")]
    pub owner: Ownership,
}

fn lvsgen_owns() -> Ownership {
    Ownership::Lvsgen
}

/// A file of a mechanism. Its contents come either from `template` or from `document`: use exactly one of these
/// two keys.
#[derive(Clone, Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct FileSpec {
    /// Its absolute path.
    pub path: Text,
    /// The template that gives its contents.
    pub template: Option<String>,
    /// The format of the contents, if lvsgen writes them from data, without a template.
    pub document: Option<Document>,
    /// The format in which lvsgen reads the file back, if the path does not determine the format.
    pub format: Option<Format>,
    /// The program that tests the new file on the host before it replaces the old one.
    pub test: Option<FileTest>,
    /// Its mode.
    #[serde(default = "Mode::file")]
    pub mode: Mode,
    /// Makes one file for each item of this list. The template and the path use the item as `item`.
    pub for_each: Option<List>,
    /// Whether the administrator owns the file, except the block between lvsgen's markers.
    #[serde(default)]
    pub shared: bool,
    /// The kind of systemd unit file: a unit that belongs to lvsgen, or a drop-in for a unit of the system. Without
    /// this key, the file is neither of the two.
    pub unit: Option<UnitFile>,
}

keywords! {
    /// The kind of a systemd unit file.
    UnitFile, "a kind of unit file",
    /// A unit that belongs to lvsgen. The undo stops and disables the unit.
    Own = "own",
    /// A drop-in of a unit that belongs to the system.
    DropIn = "drop-in",
}

keywords! {
    /// A format that lvsgen writes from data, without a template.
    Document, "a document",
    /// The input of ipvsadm-restore(8).
    Ipvsadm = "ipvsadm",
    /// keepalived.conf(5).
    Keepalived = "keepalived",
    /// netplan's YAML, with the VIPs of an interface.
    Netplan = "netplan",
    /// The configuration of the monitoring server's Prometheus.
    Prometheus = "prometheus",
    /// The rules and alerts of Prometheus.
    PrometheusRules = "prometheus-rules",
    /// The exporters that Prometheus scrapes.
    NodeTargets = "node-targets",
    /// The VIPs that the prober asks.
    VipTargets = "vip-targets",
    /// The addresses of real servers that the prober asks.
    DirectTargets = "direct-targets",
    /// The modules of the prober, blackbox_exporter.
    Blackbox = "blackbox",
}

impl Document {
    /// Whether the format has comments.
    pub fn has_comments(self) -> bool {
        !matches!(self, Self::NodeTargets | Self::VipTargets | Self::DirectTargets)
    }
}

impl FileSpec {
    /// The name of the template or the document.
    pub fn source(&self) -> &str {
        match (&self.template, self.document) {
            (Some(template), _) => template,
            (None, Some(document)) => document.as_str(),
            (None, None) => "nothing",
        }
    }

    /// The format of the file at its rendered path.
    pub fn format(&self, path: &str) -> Option<Format> {
        let document = self.document.and_then(|document| match document {
            Document::Ipvsadm => Some(Format::Ipvsadm),
            Document::Keepalived => Some(Format::Keepalived),
            Document::Netplan => Some(Format::Netplan),
            // The files of the monitoring say nothing about the state of a host.
            _ => None,
        });
        self.format.or(document).or_else(|| Format::of_path(path))
    }
}
