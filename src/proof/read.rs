//! What a file says, by its format: the folder of its template names the subsystem that reads it.

mod commands;
mod ini;
mod netplan;
mod rules;
mod text;

use std::net::{IpAddr, SocketAddr};

use ipnet::IpNet;

use crate::artifact::Artifact;
use crate::model::{Family, Protocol, Scheduler};

/// Something that a line of a file says about the running host.
#[derive(Clone, Debug)]
pub(super) enum Fact {
    /// A sysctl.
    Sysctl { key: String, value: String },
    /// An address of an interface.
    Address { interface: String, net: IpNet },
    /// A default route.
    Gateway(IpAddr),
    /// A kernel module that is loaded at boot.
    Module(String),
    /// An entry of the IPVS table.
    Service { selector: Selector, scheduler: Scheduler },
    /// A real server of an entry.
    Destination { selector: Selector, destination: SocketAddr, direct: bool, weight: u16 },
    /// A mark on the packets to an address.
    Mark { vip: IpAddr, mark: u32 },
    /// An exported directory.
    Export { directory: String, client: Client },
    /// A mounted directory.
    Mount { address: IpAddr, directory: String, at: String },
    /// The name that a web server's answers carry.
    Node(String),
}

/// Which packets an entry of the IPVS table takes.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Selector {
    /// Those to an address and port.
    Socket(Protocol, SocketAddr),
    /// Those with a mark.
    Mark(u32, Family),
}

/// Who may mount an export.
#[derive(Clone, Debug)]
pub(super) enum Client {
    Net(IpNet),
    Everyone,
}

impl Client {
    /// Whether a host with this address may mount it.
    pub(super) fn holds(&self, address: IpAddr) -> bool {
        match self {
            Self::Net(net) => net.contains(&address),
            Self::Everyone => true,
        }
    }
}

/// What is wrong with a line (counted from 1).
type Fault = (usize, String);

/// Facts with their lines, or the first line that is not of the format.
type Read = Result<Vec<(usize, Fact)>, Fault>;

/// Reads a file; gives nothing where no reader is for its format (a template of the user's own).
pub(super) fn facts(artifact: &Artifact) -> Result<Option<Vec<(usize, Fact)>>, Fault> {
    let (text, template) = (&*artifact.contents, artifact.origin.template.as_str());
    let folder = template.split('/').next().unwrap_or_default();
    let facts = match folder {
        "sysctl" => text::sysctls(text),
        "modules-load" => text::modules(text),
        "nfs" => text::exports(text),
        "httpd" => text::httpd(text),
        "nft" => text::marks(text),
        "ipvs" if template.contains("rules") => rules::table(text),
        "ipvs" => text::assignments(text).map(|_| Vec::new()),
        "ifcfg" => text::ifcfg(text),
        "wicked" => text::wicked(text, &artifact.path),
        "systemd" => ini::unit(text),
        "networkd" => ini::network(text),
        "nm-keyfile" => ini::keyfile(text),
        "ifupdown" => commands::interfaces(text),
        "rc-local" => commands::script(text),
        _ if template.starts_with("netplan") => netplan::addresses(text),
        "html" => Ok(Vec::new()),
        _ => return Ok(None),
    };
    facts.map(Some)
}

/// The lines that say something, with their numbers. A comment begins its line.
fn lines<'a>(text: &'a str, comment: &'a [char]) -> impl Iterator<Item = (usize, &'a str)> {
    let numbered = text.lines().enumerate().map(|(at, line)| (at + 1, line));
    numbered
        .filter(move |(_, line)| !line.trim().is_empty() && !line.trim_start().starts_with(comment))
}

/// An address with its prefix length.
fn net(text: &str, line: usize) -> Result<IpNet, Fault> {
    text.parse().map_err(|_| (line, format!("`{text}` is no address with a prefix length")))
}

/// An address.
fn ip(text: &str, line: usize) -> Result<IpAddr, Fault> {
    text.parse().map_err(|_| (line, format!("`{text}` is no address")))
}
