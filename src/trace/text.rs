//! The steps of a trace as text for people.

use std::collections::BTreeSet;
use std::net::IpAddr;

use super::hosts::Hosts;
use super::step::{Event, Hop, Server, Step, Target};
use crate::ipvs::{Family, Forwarding};
use crate::kernel::arp::Silence;
use crate::kernel::host::Cause;
use crate::kernel::route::Drop;
use crate::source::Span;

/// A writer of texts about one packet.
#[derive(Clone, Copy)]
pub(super) struct Texts<'t> {
    pub(super) hosts: &'t Hosts,
    pub(super) vip: IpAddr,
    /// A real server that the texts do not identify, so that the texts of two real servers that do the same are equal.
    hidden: Option<&'t Hidden>,
}

/// The name and the addresses of a real server that the texts do not identify.
pub(super) struct Hidden {
    pub(super) name: String,
    pub(super) addresses: BTreeSet<IpAddr>,
}

impl<'t> Texts<'t> {
    /// The writer of a trace.
    pub(super) fn new(hosts: &'t Hosts, vip: IpAddr) -> Self {
        Self { hosts, vip, hidden: None }
    }

    /// The same writer without the name, the addresses and the lines of a real server.
    pub(super) fn hiding(self, hidden: &'t Hidden) -> Self {
        Self { hidden: Some(hidden), ..self }
    }

    /// The name of a host.
    pub(super) fn name<'n>(&self, name: &'n str) -> &'n str {
        if self.hidden.is_some_and(|hidden| hidden.name == name) { "" } else { name }
    }

    fn address(&self, address: IpAddr) -> String {
        let hides = self.hidden.is_some_and(|hidden| hidden.addresses.contains(&address));
        if hides { String::new() } else { address.to_string() }
    }

    /// The event of a step.
    pub(super) fn event(&self, step: &Step) -> String {
        match &step.event {
            Event::Loops(hop) => format!(
                "does not have the VIP, and sends the packet back to the director {}: a loop",
                self.place_of(hop)
            ),
            Event::Takes => "takes the packet: the destination is its own address".to_owned(),
            Event::Finds { scheduler, persistent, .. } => {
                let stays = if *persistent { ", and a client stays with its real server" } else { "" };
                format!("balances: the IPVS table has the service, scheduler {scheduler}{stays}")
            }
            Event::NotBalanced => "has no such service in its IPVS table: a program of the host itself gets the packet".to_owned(),
            Event::NoServer => "drops the packet: no real server can be chosen".to_owned(),
            Event::Sends { hop, forwarding, ignored_port } => {
                let port = ignored_port.map(|port| format!("; the kernel ignores the port {port}"));
                let port = port.unwrap_or_default();
                let comma = if *forwarding == Forwarding::Tunnel { "" } else { "," };
                format!("sends {}{comma} to {}{port}", sent(*forwarding), self.place_of(hop))
            }
            Event::RoutesDirect(hop) => format!(
                "sends the packet to the router {}, and direct routing needs the real server on the same segment",
                self.address(hop.next)
            ),
            Event::IsServer => "is the real server itself".to_owned(),
            Event::Unpacks { device, .. } => format!("takes the packet out of the tunnel, on {device}"),
            Event::CannotUnpack => "drops the packet: no device takes packets out of a tunnel".to_owned(),
            Event::BalancesAgain => "balances the packet again: its own IPVS table has the service, and `backup_only` is 0".to_owned(),
            Event::Drops(why) => format!("drops the packet: {}", self.drop(*why, &step.causes)),
            Event::PassesOn(hop) => format!("sends the packet on to {}", self.place_of(hop)),
            Event::Replies { source, hop, to } => {
                let source = self.address(*source);
                format!("answers from {source} by {} to {}", hop.nic, self.receiver(*to, hop))
            }
            Event::KeepsAnswer => "does not send the answer: the address of the client is local here".to_owned(),
            Event::MissesDirector(hop) => format!(
                "the answer does not pass the director, which must translate its source: it goes to {}",
                self.place_of(hop)
            ),
            Event::Translates => format!("translates the source to {}, and sends the answer on", self.vip),
            Event::OwnClient => "is no usual client: its packets leave with the VIP as their source, and a real server with the VIP keeps the answer".to_owned(),
            Event::IsDown => "is down".to_owned(),
            request => self.requested(request),
        }
    }

    fn place_of(&self, hop: &Hop) -> String {
        match &hop.name {
            Some(name) => {
                format!("{} ({}) by {}", self.name(name), self.address(hop.next), hop.nic)
            }
            None => format!("{} by {}", self.address(hop.next), hop.nic),
        }
    }

    fn drop(&self, why: Drop, causes: &[Cause]) -> String {
        match why {
            Drop::OwnSource => "its source is an address of the host itself".to_owned(),
            Drop::StrictSourceCheck => {
                let nic = causes.iter().find_map(|cause| match cause {
                    Cause::Address(one) => Some(one.nic.as_str()),
                    Cause::Route(one) => Some(one.nic.as_str()),
                    _ => None,
                });
                let nic = nic.map(|nic| format!(" by {nic}")).unwrap_or_default();
                format!(
                    "its source check is strict (rp_filter 1), and the way back to the source is{nic}"
                )
            }
            Drop::NoWayBack => "the source check finds no way back".to_owned(),
            Drop::NotForwarding => {
                "it does not have the address, and does not forward packets".to_owned()
            }
            Drop::NoRoute => "it has no route".to_owned(),
            Drop::Martian => "an address of the packet is not valid on a wire".to_owned(),
        }
    }

    /// A cause, and its place.
    pub(super) fn cause(&self, cause: &Cause) -> (String, Option<String>) {
        match cause {
            Cause::Setting { parameter, nic, value, by } => {
                let place = by.as_ref().map(|(path, span)| self.by(path, *span));
                (format!("{} {value} on {nic}", parameter.name()), place)
            }
            Cause::Forwarding { family, value, by } => {
                let place = by.as_ref().map(|(path, span)| self.by(path, *span));
                let name = match family {
                    Family::Ipv4 => "ip_forward",
                    Family::Ipv6 => "forwarding of IPv6",
                };
                (format!("{name} {value}"), place)
            }
            Cause::Address(one) => {
                let what = match one.net.addr() {
                    address if address == self.vip => "VIP".to_owned(),
                    address => format!("{}/{}", self.address(address), one.net.prefix_len()),
                };
                (format!("{what} on {}", one.nic), one.place.map(|span| self.place(span)))
            }
            Cause::NoAddress(address) => {
                let what = match *address == self.vip {
                    true => "the VIP".to_owned(),
                    false => self.address(*address),
                };
                (format!("no NIC has {what}"), None)
            }
            Cause::Route(route) => {
                let gateway = route.gateway.map(|one| format!(" by {}", self.address(one)));
                let gateway = gateway.unwrap_or_default();
                let default = route.net.prefix_len() == 0;
                let net = if default {
                    "default route".to_owned()
                } else {
                    format!("route to {}", route.net)
                };
                (format!("{net}{gateway}"), route.place.map(|span| self.place(span)))
            }
            Cause::NoRoute(address) => (format!("no route to {}", self.address(*address)), None),
            Cause::Rule(rule) => (
                format!("rule from {}", self.address(rule.source)),
                rule.place.map(|span| self.place(span)),
            ),
        }
    }

    /// A cause with its place behind it.
    pub(super) fn placed_cause(&self, cause: &Cause) -> String {
        match self.cause(cause) {
            (text, Some(place)) => format!("{text} ({place})"),
            (text, None) => text,
        }
    }

    fn by(&self, path: &str, span: Option<Span>) -> String {
        span.map_or_else(|| base(path).to_owned(), |span| self.place(span))
    }

    /// A place: the name of the file without its folders, and the line.
    pub(super) fn place(&self, span: Span) -> String {
        let file = self.hosts.source.file(span.start);
        match self.hidden {
            // The lines of the same entries in a file differ.
            Some(_) => base(file.name()).to_owned(),
            None => format!("{} line {}", base(file.name()), file.line(span.start)),
        }
    }

    /// The next host of an answer.
    fn receiver(&self, to: Target, hop: &Hop) -> String {
        let next = self.address(hop.next);
        match (to, &hop.name) {
            (Target::Client, _) => format!("the client {next}"),
            (Target::Router, _) => "its router".to_owned(),
            (Target::Gateway, Some(name)) => format!("the gateway {} ({next})", self.name(name)),
            (Target::Gateway, None) => format!("the gateway {next}"),
        }
    }

    /// An event about a request for a MAC address.
    fn requested(&self, event: &Event) -> String {
        let lost = "for its MAC address, so no packet reaches it";
        match event {
            Event::Asks(address) => format!("who has {}?", self.address(*address)),
            Event::Answers(nic) => format!("answers on {nic}"),
            Event::Silent(why) => silence(*why).to_owned(),
            Event::Unreachable(Silence::Drops(_)) => format!("drops the request {lost}"),
            Event::Unreachable(_) => format!("does not answer the request {lost}"),
            Event::Nobody(address) => format!("no host has {}", self.address(*address)),
            Event::AsksAs { target, sender, wrong } => {
                let harm = ", so the neighbours learn its MAC address for the VIP";
                let harm = if *wrong { harm } else { "" };
                format!("who has {}? tell {}{harm}", self.address(*target), self.address(*sender))
            }
            _ => String::new(),
        }
    }
}

/// The number of names in a sentence.
pub(super) const FEW: usize = 3;

/// The first elements of a list, and the number of the others.
pub(super) fn few(elements: &[impl AsRef<str>], most: usize) -> String {
    let shown: Vec<&str> = elements.iter().take(most).map(AsRef::as_ref).collect();
    let shown = shown.join(", ");
    match elements.len().saturating_sub(most) {
        0 => shown,
        more => format!("{shown} and {more} more"),
    }
}

fn base(path: &str) -> &str {
    path.rsplit('/').next().unwrap_or(path)
}

/// The reason of a silence.
fn silence(why: Silence) -> &'static str {
    match why {
        Silence::NotOwn => "silent: the NIC does not have the address",
        Silence::Ignores | Silence::Filters => "silent",
        Silence::Drops(_) => "silent: the source check drops the request",
    }
}

/// The packet on its way to a real server.
pub(super) fn sent(forwarding: Forwarding) -> &'static str {
    match forwarding {
        Forwarding::Direct => "the same packet, with another MAC address",
        Forwarding::Tunnel => "the packet in a tunnel (a packet in a packet)",
        Forwarding::Masquerade => "the packet, with the real server as its destination",
    }
}

/// The share of a real server.
pub(super) fn share(server: &Server) -> String {
    format!("{} ({:.0} %)", server.host, server.share * 100.0)
}
