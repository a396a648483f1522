//! Reads the files of each host, and gives one picture of each host.
//!
//! Every token that is not part of a fact goes to the report, unless every host does the same without it.

use std::collections::{BTreeMap, BTreeSet};
use std::net::IpAddr;

use ipnet::IpNet;

use super::notes::{Notes, line_of};
use super::rules;
use crate::diagnostic::{Finding, Report, cite};
use crate::facts::{Fact, InterfaceRef};
use crate::formats::Format;
use crate::formats::{cloud_config, keepalived};
use crate::given::{GivenFile, GivenHost, GivenName, Placed, Sources, passwords};
use crate::model::HostName;
use crate::source::{Source, Span};

/// One host, as its files show it.
#[derive(Debug)]
pub(super) struct Picture {
    pub(super) name: String,
    pub(super) facts: Vec<Seen>,
    /// The addresses of its NICs and of `lo`, with the name of the NIC.
    own: Vec<(String, IpNet, Span)>,
    /// The formats of its files, and the paths.
    pub(super) formats: BTreeSet<Format>,
    pub(super) paths: BTreeMap<String, Span>,
    /// The files that the system reads.
    pub(super) files: Vec<HostFile>,
    /// `ID` and `VERSION_ID` of os-release(5).
    pub(super) system: Option<(String, String)>,
}

/// A file of a host.
#[derive(Debug)]
pub(super) struct HostFile {
    /// The path on the host.
    pub(super) path: String,
    pub(super) format: Format,
    /// The position of its first byte in the source.
    pub(super) start: usize,
    /// Whether the user gave the file with its path on the host. The path of another file is that which its format usually has.
    pub(super) has_its_path: bool,
}

/// A fact with its place.
#[derive(Clone, Debug)]
pub(super) struct Seen {
    pub(super) fact: Fact,
    pub(super) span: Span,
    /// Whether keepalived sets it: its addresses move between the directors.
    pub(super) moves: bool,
}

/// All hosts, and the report so far.
pub(super) struct Gathered {
    pub(super) pictures: Vec<Picture>,
    pub(super) source: Source,
    pub(super) report: Report,
    pub(super) files: usize,
    /// The positions of the lines that are neither blank nor a comment.
    pub(super) lines: BTreeSet<usize>,
    /// The positions of the lines of which the model lacks something.
    pub(super) lost: BTreeSet<usize>,
}

impl Picture {
    /// The addresses of its NICs, without those of `lo`. The name of a NIC that no file shows is empty.
    pub(super) fn addresses(&self) -> impl Iterator<Item = (String, IpNet, Span)> {
        self.own.iter().filter(|(nic, ..)| nic != "lo").cloned()
    }

    /// The addresses on `lo` that are none of the loopback network.
    pub(super) fn on_lo(&self) -> impl Iterator<Item = (IpNet, Span)> {
        let own = self.own.iter().filter(|(nic, net, _)| nic == "lo" && !net.addr().is_loopback());
        own.map(|(_, net, span)| (*net, *span))
    }

    /// The addresses that keepalived sets.
    pub(super) fn moving(&self) -> impl Iterator<Item = (IpNet, Span)> {
        self.facts.iter().filter(|seen| seen.moves).filter_map(|seen| match &seen.fact {
            Fact::Address { net, .. } => Some((*net, seen.span)),
            _ => None,
        })
    }

    /// Whether a NIC or `lo` has an address.
    pub(super) fn has(&self, address: IpAddr) -> bool {
        self.own.iter().any(|(_, net, _)| net.addr() == address)
    }

    /// Whether the host has a table of IPVS.
    pub(super) fn is_director(&self) -> bool {
        self.facts.iter().any(|seen| matches!(seen.fact, Fact::Service(_)))
    }
}

/// Reads all files.
pub(super) fn gather(hosts: Vec<GivenHost>) -> Gathered {
    let mut sources = Sources::default();
    let mut all = Vec::new();
    for host in hosts.into_iter().map(GivenHost::with_written_files) {
        let files = host.files.into_iter().map(|file| sources.add(file)).collect::<Vec<_>>();
        all.push((host.name, files));
    }
    let count = sources.count;
    let source = sources.source.unwrap_or_else(|| Source::new("", ""));
    let mut report = Report::default();
    let mut notes = Notes::new(&source);
    let mut pictures = Vec::new();
    for (name, files) in &all {
        for name in names(name, files) {
            pictures.push(picture(&name, files, &mut notes, &mut report));
        }
    }
    unique_names(&mut pictures, &mut report);
    let Notes { findings, lines, lost, .. } = notes;
    report.extend(findings);
    Gathered { pictures, report, files: count, lines, lost, source }
}

/// The names of the hosts of some files. A file of keepalived with conditions is that of several hosts, if no name was given.
fn names(name: &GivenName, files: &[Placed]) -> Vec<GivenName> {
    let known = matches!(name, GivenName::Written(_))
        || files.iter().any(|one| one.file.path == "/etc/hostname");
    let own = files.iter().filter(|one| one.file.format == Some(Format::Keepalived) && !known);
    let names: BTreeSet<String> =
        own.flat_map(|one| keepalived::names(&one.of_keepalived())).collect();
    match names.is_empty() {
        true => vec![name.clone()],
        false => names.into_iter().map(GivenName::Written).collect(),
    }
}

/// Gives hosts with equal names different ones.
fn unique_names(pictures: &mut [Picture], report: &mut Report) {
    let mut known = BTreeSet::new();
    for picture in pictures {
        let mut names = std::iter::once(picture.name.clone())
            .chain((2..).map(|number| format!("{}-{number}", picture.name)));
        let free = names.find(|name| !known.contains(name)).expect("the numbers do not end");
        drop(names);
        if free != picture.name
            && let Some(span) = picture.paths.values().next()
        {
            let message = format!(
                "another host is called `{}` too: this one is `{free}` in the model",
                picture.name
            );
            let help = "write `NAME=` before the path of a host";
            report.add(Finding::at(&rules::GUESSED, *span, message).help(help));
        }
        known.insert(free.clone());
        picture.name = free;
    }
}

fn picture(
    name: &GivenName,
    files: &[Placed],
    notes: &mut Notes<'_>,
    report: &mut Report,
) -> Picture {
    let mut picture = Picture {
        name: String::new(),
        facts: Vec::new(),
        own: Vec::new(),
        formats: BTreeSet::new(),
        paths: BTreeMap::new(),
        files: Vec::new(),
        system: None,
    };
    let own_name = files.iter().find_map(|one| name_in(&one.file));
    let written = match (name, own_name) {
        (GivenName::Written(name), _) => name.clone(),
        (GivenName::Folder(_), Some(name)) => name,
        (GivenName::Folder(folder), None) => folder.clone(),
    };
    for placed in files {
        let (file, start) = (&placed.file, placed.start);
        picture.paths.insert(file.path.clone(), Span { start, end: start });
        match file.format {
            Some(format) => read(&mut picture, placed, format, &written, notes),
            None if file.path != "/etc/hostname" => {
                picture.system = picture.system.take().or_else(|| system(&file.text));
            }
            None => {}
        }
    }
    picture.own = nets(&picture.facts);
    picture.name = valid_name(&written);
    if picture.name != written
        && let Some(span) = picture.paths.values().next()
    {
        let message = format!(
            "{} is no name of a host in the model: it is called `{}` there",
            cite(&written),
            picture.name
        );
        report.add(Finding::at(&rules::CHANGED, *span, message));
    }
    picture
}

/// The addresses of NICs and of `lo`.
fn nets(facts: &[Seen]) -> Vec<(String, IpNet, Span)> {
    let all = facts.iter().filter(|seen| !seen.moves).filter_map(|seen| {
        let Fact::Address { interface, net } = &seen.fact else { return None };
        let name = match interface {
            InterfaceRef::Name(name) | InterfaceRef::NetplanId(name) => name.as_str(),
            // netplan names its files after the id of the NIC; another file of networkd does not show the NIC.
            InterfaceRef::NetworkFile(file) => {
                let id = file.strip_prefix("10-netplan-");
                id.and_then(|id| id.strip_suffix(".network")).unwrap_or_default()
            }
        };
        let nic = name.split(':').next().unwrap_or_default().to_owned();
        Some((nic, *net, seen.span))
    });
    all.collect()
}

/// The name of the host in a file. `etc/hostname` comes before the configuration of keepalived.
fn name_in(file: &GivenFile) -> Option<String> {
    match file.format {
        None if file.path == "/etc/hostname" => {
            file.text.lines().next().map(|one| one.trim().to_owned())
        }
        Some(Format::Keepalived) => router_id(&file.text),
        Some(Format::CloudConfig) => cloud_config::host_name(&file.text),
        _ => None,
    }
}

/// Reads one file of a host, with the files that it includes.
fn read(picture: &mut Picture, placed: &Placed, format: Format, host: &str, notes: &mut Notes<'_>) {
    let file = &placed.file;
    picture.formats.insert(format);
    for span in passwords(placed, format) {
        let reason = "the password is not copied: the model names the secret `vrrp`";
        notes.add(&rules::SECRET, "auth_pass", reason, span);
    }
    if let Some(reason) = file.inactive() {
        let place = Span { start: placed.start, end: placed.start };
        notes.add(&rules::NO_EFFECT, reason, "the system does not use this file", place);
        return;
    }
    picture.files.push(HostFile {
        path: file.path.clone(),
        format,
        start: placed.start,
        has_its_path: file.shown.ends_with(&file.path),
    });
    let reading = placed.read(format, host);
    let at = |range: &std::ops::Range<usize>| Span { start: range.start, end: range.end };
    for (fact, span) in reading.placed() {
        let moves = format == Format::Keepalived;
        picture.facts.push(Seen { fact: fact.clone(), span: at(&span), moves });
    }
    let facts = reading.facts.iter().flat_map(|one| &one.spans);
    let tokens = facts.chain(reading.rest.iter().map(|rest| &rest.span));
    tokens.for_each(|span| notes.line(at(span)));
    for rest in &reading.rest {
        notes.rest(rest, at);
    }
}

/// `ID` and `VERSION_ID` of os-release(5).
fn system(text: &str) -> Option<(String, String)> {
    let value = |key: &str| {
        let line = text.lines().find_map(|line| line.strip_prefix(key)?.strip_prefix('='));
        line.map(|value| value.trim_matches('"').to_owned())
    };
    Some((value("ID")?, value("VERSION_ID").unwrap_or_default()))
}

/// The `router_id` of keepalived.conf(5), unless it is that of the sample file.
fn router_id(text: &str) -> Option<String> {
    let mut names = text.lines().filter_map(|line| {
        let mut words = line.split_ascii_whitespace();
        (words.next() == Some("router_id")).then(|| words.next())?
    });
    names.next().filter(|name| *name != "LVS_DEVEL").map(str::to_owned)
}

/// A name of a host that the model accepts.
fn valid_name(written: &str) -> String {
    let address = written.parse::<IpAddr>().is_ok();
    let short = if address { written } else { written.split('.').next().unwrap_or(written) };
    let short = short.to_ascii_lowercase();
    let plain: String =
        short.chars().map(|c| if c.is_ascii_alphanumeric() { c } else { '-' }).collect();
    let plain = plain.trim_matches('-').to_owned();
    if HostName::new(&plain).is_ok() {
        plain
    } else {
        format!("host-{plain}").trim_end_matches('-').to_owned()
    }
}

impl Gathered {
    /// The number of lines that are neither blank nor a comment, and the number of those of which the model has everything.
    pub(super) fn lines(&self) -> (usize, usize) {
        let losing = [&rules::LOST, &rules::UNKNOWN, &rules::REFUSED].map(|rule| rule.code);
        let findings =
            self.report.sorted().into_iter().filter(|one| losing.contains(&one.rule.code));
        let places = findings.filter_map(|one| one.place.as_ref());
        let mut lost = self.lost.clone();
        lost.extend(places.map(|place| line_of(&self.source, place.span)));
        (self.lines.len(), self.lines.difference(&lost).count())
    }
}
