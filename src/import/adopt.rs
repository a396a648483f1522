//! The things of hosts that lvsgen's own files replace.
//!
//! Takes the pictures of the hosts and the rendered model; gives the lines of `adopt.tsv`, which `push --adopt` takes over
//! (`install/converge/adopt.sh`). A thing is in the list only if lvsgen gives the host the same fact. Everything else stays with the
//! administrator.

use std::collections::{BTreeMap, BTreeSet};
use std::fmt;
use std::net::IpAddr;

use ipnet::IpNet;

use super::gather::{Gathered, HostFile, Picture};
use super::notes::line_of;
use super::rendered::{RenderedHost, RenderedModel};
use crate::facts::Fact;
use crate::formats::Format;
use crate::kernel::slashed;

/// A thing that lvsgen takes over from a host.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Adopted {
    /// The name of the host in the model.
    pub host: String,
    /// The thing.
    pub thing: Thing,
}

/// The kinds of things. Their order is that of the list.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Thing {
    /// A file that one of lvsgen's files replaces, or whose facts lvsgen gives to the host.
    File(String),
    /// A line of a file whose other lines stay.
    Line {
        /// The path of the file.
        path: String,
        /// The whole line.
        text: String,
    },
    /// An address of a NIC.
    Address {
        /// The NIC.
        nic: String,
        /// The address with its prefix length.
        net: IpNet,
    },
    /// A unit of systemd that is enabled or active.
    Unit(String),
}

/// One line of `adopt.tsv`, without a line break.
impl fmt::Display for Adopted {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let host = &self.host;
        match &self.thing {
            Thing::File(path) => write!(f, "{host}\tfile\t{path}"),
            Thing::Line { path, text } => write!(f, "{host}\tline\t{path}\t{text}"),
            Thing::Address { nic, net } => write!(f, "{host}\taddress\t{nic}\t{net}"),
            Thing::Unit(name) => write!(f, "{host}\tunit\t{name}"),
        }
    }
}

/// Files that stay on every host, because other programs need them too: only lines of them are taken.
const SHARED: [&str; 7] = [
    "/etc/exports",
    "/etc/fstab",
    "/etc/modules",
    "/etc/network/interfaces",
    "/etc/rc.d/rc.local",
    "/etc/rc.local",
    "/etc/sysctl.conf",
];

/// The list for all hosts of the model, sorted.
pub(super) fn adopt(gathered: &Gathered, model: &RenderedModel) -> Vec<Adopted> {
    let rendered: BTreeMap<&str, &RenderedHost> =
        model.hosts.iter().map(|host| (host.name.as_str(), host)).collect();
    let mut all = BTreeSet::new();
    for picture in &gathered.pictures {
        let Some(host) = rendered.get(picture.name.as_str()) else { continue };
        let host = Host::new(gathered, picture, host, model);
        let things = host.addresses().chain(picture.files.iter().flat_map(|file| host.file(file)));
        all.extend(things.map(|thing| Adopted { host: picture.name.clone(), thing }));
    }
    all.into_iter().collect()
}

/// One host, before lvsgen and with it.
struct Host<'a> {
    gathered: &'a Gathered,
    picture: &'a Picture,
    rendered: &'a RenderedHost,
    /// The facts of its own files, by the position of their line.
    by_line: BTreeMap<usize, Vec<&'a Fact>>,
    /// The kernel parameters that lvsgen sets.
    settings: BTreeSet<String>,
    /// The VIPs that lvsgen gives to the host.
    vips: BTreeSet<IpAddr>,
}

impl<'a> Host<'a> {
    fn new(
        gathered: &'a Gathered,
        picture: &'a Picture,
        rendered: &'a RenderedHost,
        model: &RenderedModel,
    ) -> Self {
        let (mut settings, mut vips) = (BTreeSet::new(), BTreeSet::new());
        for fact in &rendered.facts {
            match fact {
                Fact::Setting { key, .. } => drop(settings.insert(slashed(key))),
                Fact::Address { net, .. } if model.vips.contains(&net.addr()) => {
                    vips.insert(net.addr());
                }
                _ => {}
            }
        }
        let mut by_line: BTreeMap<usize, Vec<&Fact>> = BTreeMap::new();
        for seen in &picture.facts {
            by_line.entry(line_of(&gathered.source, seen.span)).or_default().push(&seen.fact);
        }
        Self { gathered, picture, rendered, by_line, settings, vips }
    }

    /// The VIPs on its NICs and on `lo`: a person has set them, with any prefix length.
    fn addresses(&self) -> impl Iterator<Item = Thing> {
        let own = self.picture.addresses().map(|(nic, net, _)| (nic, net));
        let all = own.chain(self.picture.on_lo().map(|(net, _)| ("lo".to_owned(), net)));
        let vips = all.filter(|(nic, net)| !nic.is_empty() && self.vips.contains(&net.addr()));
        vips.map(|(nic, net)| Thing::Address { nic, net })
    }

    /// The things of one file.
    fn file(&self, file: &HostFile) -> Vec<Thing> {
        // The list is for the files of the host's own system, and names each path in one line.
        if !file.path.starts_with("/etc/") || file.path.contains(['\'', '\t', '\n']) {
            return Vec::new();
        }
        let whole = || Thing::File(file.path.clone());
        if self.rendered.whole.contains(&file.path) {
            return vec![whole()];
        }
        let lines = self.lines(file);
        let replaced: Vec<&Line> = lines.iter().filter(|line| line.replaced).collect();
        if replaced.is_empty() || !file.has_its_path {
            return Vec::new();
        }
        let stays = lines.iter().any(|line| line.stays) && !keeps_table(file.format);
        if !stays && !SHARED.contains(&file.path.as_str()) {
            return std::iter::once(whole()).chain(unit(file).map(Thing::Unit)).collect();
        }
        if !has_plain_lines(file.format, self.text(file)) {
            return Vec::new();
        }
        let line = |line: &&Line| Thing::Line { path: file.path.clone(), text: line.text.clone() };
        replaced.iter().map(line).collect()
    }

    fn text(&self, file: &HostFile) -> &'a str {
        self.gathered.source.file(file.start).text()
    }

    /// The lines of a file that are neither blank nor a comment.
    fn lines(&self, file: &HostFile) -> Vec<Line> {
        let source = self.gathered.source.file(file.start);
        let lines = self.gathered.lines.range(source.start()..=source.end()).map(|start| {
            let number = source.line(*start);
            let facts = self.by_line.get(start).map_or(&[][..], Vec::as_slice);
            let known = facts.iter().all(|fact| self.gives(fact));
            let lost = self.gathered.lost.contains(start);
            Line {
                text: source.slice(source.lines(number, number)).to_owned(),
                replaced: !facts.is_empty() && known && !lost,
                stays: lost || !known,
            }
        });
        lines.collect()
    }

    /// Whether lvsgen gives the host the fact, or another fact in its place.
    fn gives(&self, fact: &Fact) -> bool {
        let has = |is_it: &dyn Fn(&Fact) -> bool| self.rendered.facts.iter().any(is_it);
        match fact {
            Fact::Setting { key, .. } => self.settings.contains(&slashed(key)),
            Fact::Address { net, .. } => self.vips.contains(&net.addr()),
            Fact::Export { directory, .. } => has(
                &|one| matches!(one, Fact::Export { directory: other, .. } if other == directory),
            ),
            Fact::Mount { at, .. } => {
                has(&|one| matches!(one, Fact::Mount { at: other, .. } if other == at))
            }
            Fact::Module(name) => has(&|one| matches!(one, Fact::Module(other) if other == name)),
            Fact::Mark { .. } => has(&|one| matches!(one, Fact::Mark { .. })),
            // The table and its keeper belong to one program.
            Fact::Service(_)
            | Fact::Destination { .. }
            | Fact::Check { .. }
            | Fact::SorryServer { .. }
            | Fact::Quorum { .. }
            | Fact::Hysteresis { .. }
            | Fact::StartsDown(_)
            | Fact::Quiesces { .. }
            | Fact::Instance(_)
            | Fact::SyncDaemon { .. }
            | Fact::Timeouts(_)
            | Fact::TableFile(_) => has(&|one| matches!(one, Fact::Service(_))),
            _ => false,
        }
    }
}

/// Whether a file of this format is for the keeper of an IPVS table. A table has one keeper, so the file goes with all its lines.
fn keeps_table(format: Format) -> bool {
    matches!(format, Format::Ipvsadm | Format::Keepalived | Format::Ldirectord | Format::Piranha)
}

/// One line of a file.
struct Line {
    text: String,
    /// Whether lvsgen gives the host everything that the line does.
    replaced: bool,
    /// Whether the line does something that lvsgen does not.
    stays: bool,
}

/// The unit that must stop when its file goes. lvsgen's own units have other names.
fn unit(file: &HostFile) -> Option<String> {
    match file.format {
        Format::Keepalived => Some("keepalived.service".to_owned()),
        Format::Ldirectord => Some("ldirectord.service".to_owned()),
        Format::Piranha => Some("pulse.service".to_owned()),
        _ => {
            let name = file.path.strip_prefix("/etc/systemd/system/")?;
            let is_unit =
                !name.contains('/') && (name.ends_with(".service") || name.ends_with(".mount"));
            is_unit.then(|| name.to_owned())
        }
    }
}

/// Whether each line of a file stands alone, so that one can go.
fn has_plain_lines(format: Format, text: &str) -> bool {
    match format {
        Format::Sysctl | Format::Fstab | Format::Exports | Format::ModulesLoad => {
            !text.lines().any(|line| line.ends_with('\\'))
        }
        // A loop, a condition or a function without its only command is a syntax error.
        Format::Shell => !text.lines().map(str::trim).any(|line| {
            let first = line.split_ascii_whitespace().next().unwrap_or_default();
            let opens = ["for", "while", "until", "if", "case", "function", "{", "("];
            opens.contains(&first)
                || line.ends_with(['\\', '{', '(', '|', '&'])
                || line.contains("<<")
                || line.contains("()")
        }),
        _ => false,
    }
}
