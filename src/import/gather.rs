//! Reads the files of each host, and gives one picture of each host.
//!
//! Every token that is not part of a fact goes to the report, unless every host does the same without it.

use std::collections::{BTreeMap, BTreeSet};
use std::net::IpAddr;

use ipnet::IpNet;

use super::given::{GivenFile, GivenHost, GivenName};
use super::notes::{Notes, line_of};
use super::rules;
use crate::diagnostic::{Finding, Report, cite};
use crate::facts::{Fact, InterfaceRef, RestKind};
use crate::formats::Format;
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
    /// `ID` and `VERSION_ID` of os-release(5).
    pub(super) system: Option<(String, String)>,
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
    lines: BTreeSet<usize>,
    /// The positions of the lines of which the model lacks something.
    lost: BTreeSet<usize>,
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
    let mut source: Option<Source> = None;
    let mut all = Vec::new();
    let mut count = 0;
    for host in hosts {
        let mut files = Vec::new();
        for mut file in host.files {
            file.text = without_secrets(&file.text);
            let key = count.to_string();
            let start = match &mut source {
                None => {
                    source = Some(Source::new(file.shown.clone(), file.text.clone()));
                    0
                }
                Some(source) => {
                    source.include(&key, Ok((file.shown.clone(), file.text.clone())));
                    source.included(&key).expect("the file was included").start()
                }
            };
            count += 1;
            files.push((file, start));
        }
        all.push((host.name, files));
    }
    let mut report = Report::default();
    let source = source.unwrap_or_else(|| Source::new("", ""));
    let mut notes = Notes::new(&source);
    let pictures = all.iter().map(|(name, files)| picture(name, files, &mut notes, &mut report));
    let mut pictures: Vec<Picture> = pictures.collect();
    unique_names(&mut pictures, &mut report);
    let Notes { findings, lines, lost, .. } = notes;
    report.extend(findings);
    Gathered { pictures, report, files: count, lines, lost, source }
}

/// The keys of secrets, in lower case: keepalived.conf(5), profiles of NICs, and options of programs in scripts.
const SECRETS: [&str; 6] = ["auth_pass", "psk", "passwd", "password", "passphrase", "private-key"];

/// The text in the place of a secret.
const HIDDEN: &str = "HIDDEN";

/// Removes the passwords from a text, so that no message and no model can show them.
fn without_secrets(text: &str) -> String {
    let mut clean = String::with_capacity(text.len());
    for line in text.split_inclusive('\n') {
        match secret(line) {
            Some(value) => {
                clean.push_str(&line[..value.start]);
                clean.push_str(HIDDEN);
                clean.push_str(&line[value.end..]);
            }
            None => clean.push_str(line),
        }
    }
    clean
}

/// The place of a secret in a line: the rest of the line after its key.
fn secret(line: &str) -> Option<std::ops::Range<usize>> {
    let lower = line.to_ascii_lowercase();
    let after_key = SECRETS.iter().find_map(|key| {
        let end = lower.find(key)? + key.len();
        let rest = &line[end..];
        let value = rest.trim_start_matches([' ', '\t', '=', ':']);
        (value.len() < rest.len()).then_some(end + rest.len() - value.len())
    });
    let option = || lower.contains("mysql").then(|| lower.find(" -p").map(|at| at + 3)).flatten();
    let start = after_key.or_else(option)?;
    let end = start + line[start..].trim_end().len();
    (start < end && !line[start..].starts_with("@LVSGEN_SECRET:")).then_some(start..end)
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
    files: &[(GivenFile, usize)],
    notes: &mut Notes<'_>,
    report: &mut Report,
) -> Picture {
    let mut picture = Picture {
        name: String::new(),
        facts: Vec::new(),
        own: Vec::new(),
        formats: BTreeSet::new(),
        paths: BTreeMap::new(),
        system: None,
    };
    let mut own_name = None;
    for (file, start) in files {
        picture.paths.insert(file.path.clone(), Span { start: *start, end: *start });
        match file.format {
            Some(format) => read(&mut picture, file, format, *start, notes),
            None if file.path != "/etc/hostname" => {
                picture.system = picture.system.take().or_else(|| system(&file.text));
            }
            None => {}
        }
        own_name = own_name.or_else(|| name_in(file));
    }
    picture.own = nets(&picture.facts);
    let written = match (name, own_name) {
        (GivenName::Written(name), _) => name.clone(),
        (GivenName::Folder(_), Some(name)) => name,
        (GivenName::Folder(folder), None) => folder.clone(),
    };
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
        _ => None,
    }
}

/// Reads one file. `start` is its position in the source.
fn read(
    picture: &mut Picture,
    file: &GivenFile,
    format: Format,
    start: usize,
    notes: &mut Notes<'_>,
) {
    let at = |range: &std::ops::Range<usize>| Span {
        start: start + range.start,
        end: start + range.end,
    };
    picture.formats.insert(format);
    for range in passwords(file, format) {
        let reason = "the password is not copied: the model names the secret `vrrp`";
        notes.add(&rules::SECRET, "auth_pass", reason, at(&range));
    }
    if let Some(reason) = inactive(&file.text, format) {
        notes.add(&rules::NO_EFFECT, reason, "the system does not use this file", at(&(0..0)));
        return;
    }
    let reading = format.read(&file.path, &file.text);
    // Facts that share their bytes stand one after the other, and the first of them has the bytes.
    let mut last = 0..0;
    for one in &reading.facts {
        last = one.spans.first().cloned().unwrap_or(last);
        let moves = format == Format::Keepalived;
        picture.facts.push(Seen { fact: one.fact.clone(), span: at(&last), moves });
    }
    let facts = reading.facts.iter().flat_map(|one| &one.spans);
    let tokens = facts.chain(reading.rest.iter().map(|rest| &rest.span));
    tokens.for_each(|span| notes.line(at(span)));
    for rest in &reading.rest {
        let rule = match rest.kind {
            RestKind::Unused => continue,
            RestKind::NoEffect => &rules::NO_EFFECT,
            RestKind::Lost => &rules::LOST,
            RestKind::Unread | RestKind::Unknown => &rules::UNKNOWN,
            RestKind::Refused => &rules::REFUSED,
            RestKind::Condition => &rules::CONDITION,
        };
        if rest.kind != RestKind::NoEffect {
            notes.lose(at(&rest.span));
        }
        if !rest.inside {
            notes.add(rule, &file.text[rest.span.clone()], &rest.reason, at(&rest.span));
        }
    }
}

/// The setting by which a file of a NIC has no effect at boot.
fn inactive(text: &str, format: Format) -> Option<&'static str> {
    let has = |wanted: &[&str]| {
        text.lines().any(|line| wanted.contains(&line.trim().to_ascii_lowercase().as_str()))
    };
    match format {
        Format::Ifcfg if has(&["onboot=no", "onboot=\"no\"", "onboot='no'"]) => Some("ONBOOT=no"),
        Format::Keyfile if has(&["autoconnect=false"]) => Some("autoconnect=false"),
        _ => None,
    }
}

/// The places of the passwords that [`without_secrets`] removed.
fn passwords(file: &GivenFile, format: Format) -> Vec<std::ops::Range<usize>> {
    if format != Format::Keepalived {
        return Vec::new();
    }
    let found = file.text.match_indices("auth_pass").map(|(at, word)| at..at + word.len());
    let hidden = |range: &std::ops::Range<usize>| {
        file.text[range.end..].lines().next().is_some_and(|line| line.contains(HIDDEN))
    };
    found.filter(hidden).collect()
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
