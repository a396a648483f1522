//! Decides the model: roles, names, networks, services.
//!
//! Takes the pictures of hosts and the answers of the user; gives a [`Draft`], and reports every decision that no file shows.

mod differences;
mod failover;
mod hosts;
mod left_out;
mod network;
mod services;
mod settings;
mod storage;

use std::collections::BTreeSet;
use std::net::IpAddr;

use self::hosts::Hosts;
use super::answers::Answers;
use super::draft::{Answer, Draft, DraftNfs};
use super::gather::Picture;
use super::rules;
use super::table::Table;
use crate::diagnostic::{Finding, Report};
use crate::facts::Fact;
use crate::formats::Format;
use crate::ipvs::{Endpoint, Forwarding};
use crate::profile::DEFAULT_TARGET;
use crate::source::Span;

/// The parts that all decisions share.
struct Cx<'a> {
    pictures: &'a [Picture],
    answers: &'a Answers,
    /// The tables of the directors, in the order of their priorities, or else of the command line.
    tables: Vec<(&'a Picture, Table)>,
    /// The VIPs of the services.
    served: BTreeSet<IpAddr>,
    /// The same, and the VIPs of keepalived that no service uses.
    vips: BTreeSet<IpAddr>,
    /// The services and places of the real servers that the model does not have.
    left_out: BTreeSet<(Endpoint, Span)>,
}

impl<'a> Cx<'a> {
    fn new(pictures: &'a [Picture], answers: &'a Answers, report: &mut Report) -> Self {
        let directors = pictures.iter().filter(|picture| picture.is_director());
        let mut tables: Vec<_> = directors.map(|picture| (picture, Table::of(picture))).collect();
        // The model lists the directors in the order of preference.
        let priority = |picture: &Picture| {
            let all = picture.facts.iter().filter_map(|seen| instance(&seen.fact));
            all.map(|one| one.priority).max()
        };
        tables.sort_by_key(|(picture, _)| std::cmp::Reverse(priority(picture)));
        let served: BTreeSet<IpAddr> = tables.iter().flat_map(|(_, table)| table.vips()).collect();
        let moving = pictures.iter().flat_map(Picture::moving).map(|(net, _)| net.addr());
        let vips = served.iter().copied().chain(moving).collect();
        let mut cx = Self { pictures, answers, tables, served, vips, left_out: BTreeSet::new() };
        cx.left_out = left_out::report(&cx, report);
        cx
    }

    /// Whether a host gets masqueraded packets: its answers go back by the director.
    fn is_masqueraded(&self, picture: &Picture) -> bool {
        let mut all = self.tables.iter().flat_map(|(_, table)| &table.destinations);
        all.any(|(_, one, _)| one.forwarding == Forwarding::Masquerade && picture.has(one.address))
    }

    /// The hosts that have a VIP on `lo`, and no table.
    fn answering(&self) -> impl Iterator<Item = &'a Picture> {
        let is_one = |picture: &&Picture| {
            !picture.is_director()
                && picture.on_lo().any(|(net, _)| self.vips.contains(&net.addr()))
        };
        self.pictures.iter().filter(is_one)
    }
}

/// Decides the model.
pub(super) fn assemble(pictures: &[Picture], answers: &Answers, report: &mut Report) -> Draft {
    let cx = Cx::new(pictures, answers, report);
    let network = network::network(&cx, report);
    let hosts = hosts::hosts(&cx, &network, report);
    let services = services::services(&cx, &hosts, report);
    let failover = failover::failover(&cx, report);
    let nfs = storage::storage(&cx, &network, &hosts, report);
    settings::report(&cx, report);
    without_part(&cx, &hosts, nfs.as_ref(), report);
    let timeouts = cx.tables.iter().find_map(|(_, table)| table.timeouts);
    let web = cx.answering().next().is_some();
    Draft {
        name: answers.get("name").unwrap_or("imported").to_owned(),
        target: target(&cx, report),
        interface: network.interface,
        subnets: network.subnets,
        gateways: network.gateways,
        directors: hosts.directors,
        failover,
        real_servers: hosts.real_servers,
        timeouts,
        services,
        left_out: cx.left_out,
        nfs,
        web,
    }
}

/// Reports the hosts that the model does not have, and the VIPs of keepalived that no service uses.
fn without_part(cx: &Cx<'_>, hosts: &Hosts, nfs: Option<&DraftNfs>, report: &mut Report) {
    let mut names: Vec<&str> = hosts.all().map(|host| host.name.as_str()).collect();
    names.extend(nfs.map(|nfs| nfs.server.name.as_str()));
    for picture in cx.pictures.iter().filter(|one| !names.contains(&one.name.as_str())) {
        let Some(span) = picture.paths.values().next() else { continue };
        let message = format!("the files of `{}` show no part in the cluster", picture.name);
        report.add(Finding::at(&rules::LOST, *span, message));
    }
    for (net, span) in cx.pictures.iter().flat_map(Picture::moving) {
        if !cx.served.contains(&net.addr()) {
            let message = format!("{}: no service of the table uses this VIP", net.addr());
            report.add(Finding::at(&rules::LOST, span, message));
        }
    }
}

/// The target of the hosts, if the files of a whole host show it.
fn target(cx: &Cx<'_>, report: &mut Report) -> Option<Answer<String>> {
    if let Some(target) = cx.answers.get("target") {
        return Some(Answer::Given(target.to_owned()));
    }
    let mut shown =
        cx.pictures.iter().filter_map(|picture| Some((picture, shown_target(picture)?)));
    let (picture, (target, why)) = shown.next()?;
    if why.is_empty() {
        return (target != DEFAULT_TARGET).then_some(Answer::Read(target));
    }
    if let Some(span) = picture.paths.values().next() {
        let message = format!("the target is `{target}`: {why}");
        let help = "write `--set target=NAME` for another one; `lvsgen targets` lists them";
        report.add(Finding::at(&rules::GUESSED, *span, message).help(help));
    }
    Some(Answer::Guessed(target, why))
}

/// The target that the files of a host show, with the reason of a guess.
fn shown_target(picture: &Picture) -> Option<(String, String)> {
    if let Some((id, version)) = &picture.system {
        let major = version.split('.').next().unwrap_or_default();
        let target = match id.as_str() {
            "openEuler" => "openeuler".to_owned(),
            "rhel" | "rocky" | "almalinux" | "centos" => format!("rocky-{major}"),
            "ubuntu" => format!("ubuntu-{version}"),
            "debian" => format!("debian-{major}"),
            "fedora" => "fedora".to_owned(),
            "anolis" => format!("anolis-{major}"),
            "kylin" => "kylin-v10".to_owned(),
            "opensuse-leap" => format!("opensuse-leap-{major}"),
            _ => return None,
        };
        return Some((target, String::new()));
    }
    let has = |format| picture.formats.contains(&format);
    let path = |path: &str| picture.paths.contains_key(path);
    if has(Format::Ifcfg) && picture.paths.len() > 1 {
        let why = "ifcfg files, as openEuler reads them; RHEL 9 is possible too".to_owned();
        return Some(("openeuler".to_owned(), why));
    }
    if has(Format::Interfaces) || path("/etc/default/ipvsadm") {
        return Some((
            "debian".to_owned(),
            "the files of Debian's ifupdown and ipvsadm".to_owned(),
        ));
    }
    (has(Format::Netplan)).then(|| ("ubuntu".to_owned(), "a file of netplan".to_owned()))
}

/// Whether a fact is the VRRP instance of a director.
fn instance(fact: &Fact) -> Option<&crate::vrrp::Instance> {
    match fact {
        Fact::Instance(instance) => Some(instance),
        _ => None,
    }
}
