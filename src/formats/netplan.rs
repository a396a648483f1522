//! netplan's YAML. lvsgen reads and writes the addresses of interfaces.

use std::collections::BTreeMap;
use std::net::IpAddr;

use ipnet::IpNet;
use serde::Serialize;

use super::lines::{Line, lines, trimmed};
use crate::facts::{Fact, InterfaceRef, Reading, RestKind, Span};
use crate::source::Source;
use crate::yaml::{self, Content, Node};

/// The kinds of interface, from netplan(5) of version 1.1.
const DEVICES: [&str; 11] = [
    "bonds",
    "bridges",
    "dummy-devices",
    "ethernets",
    "modems",
    "nm-devices",
    "tunnels",
    "virtual-ethernets",
    "vlans",
    "vrfs",
    "wifis",
];

/// The other keys of `network`.
const NETWORK: [&str; 3] = ["openvswitch", "renderer", "version"];

/// Reads the addresses and default gateways of every interface.
pub fn read(text: &str) -> Reading {
    let mut reading = Reading::default();
    let source = Source::new("netplan", text);
    match yaml::parse_file(source.main()) {
        Ok(Some(root)) => root_of(&root, &mut reading),
        Ok(None) => {}
        Err(finding) => {
            let place = finding.place.map_or(0, |place| place.span.start.min(text.len()));
            let line = lines(text).take_while(|line| line.start <= place).last();
            if let Some(line) = line {
                reading.leave(RestKind::Refused, line.span(), finding.message);
            }
        }
    }
    fill(text, &mut reading);
    reading
}

fn span(node: &Node) -> Span {
    node.span.start..node.span.end
}

fn root_of(root: &Node, reading: &mut Reading) {
    for (key, name, value) in root.entries() {
        if name != "network" {
            reading.leave(RestKind::Unknown, span(key), "netplan knows only the key `network`");
            continue;
        }
        frame(key, reading);
        for (key, name, devices) in value.entries() {
            if DEVICES.contains(&name) {
                frame(key, reading);
                for (key, interface, settings) in devices.entries() {
                    frame(key, reading);
                    device(interface, settings, reading);
                }
            } else if matches!(name, "renderer" | "version") {
                frame(key, reading);
                frame(devices, reading);
            } else if !NETWORK.contains(&name) {
                reading.leave(RestKind::Unknown, span(key), "`network` has no such key");
            }
        }
    }
}

/// A key that contains others, or a value that decides no address.
fn frame(node: &Node, reading: &mut Reading) {
    if matches!(node.content, Content::Scalar { .. }) {
        reading.leave(RestKind::Unused, span(node), "the frame of the addresses");
    }
}

/// Reads a route. `false`: it is no default route, or it has further conditions.
fn default_route(route: &Node, reading: &mut Reading) -> bool {
    const DEFAULT: [&str; 3] = ["default", "0.0.0.0/0", "::/0"];
    let text = |wanted: &str| {
        route.entries().find_map(|(_, name, value)| match &value.content {
            Content::Scalar { text, .. } if name == wanted => Some((text.as_str(), value)),
            _ => None,
        })
    };
    let (Some((to, _)), Some((via, value))) = (text("to"), text("via")) else { return false };
    let known = |name: &str| ["to", "via", "metric", "on-link"].contains(&name);
    let Ok(gateway) = via.parse() else { return false };
    if !DEFAULT.contains(&to) || !route.entries().all(|(_, name, _)| known(name)) {
        return false;
    }
    reading.fact(Fact::DefaultRoute { gateway }, span(value));
    for (key, name, value) in route.entries() {
        frame(key, reading);
        if name != "via" {
            frame(value, reading);
        }
    }
    true
}

fn device(interface: &str, settings: &Node, reading: &mut Reading) {
    for (key, name, value) in settings.entries() {
        match (name, &value.content) {
            ("routes", Content::Sequence(routes)) => {
                let read = routes.iter().filter(|route| default_route(route, reading)).count();
                if read == routes.len() {
                    frame(key, reading);
                }
            }
            ("addresses", Content::Sequence(items)) => {
                frame(key, reading);
                for item in items {
                    // An item is an address, or a mapping with an address as its key and options as its value.
                    let first = item.entries().next().map(|(key, text, _)| (key, text));
                    let alone = match &item.content {
                        Content::Scalar { text, .. } => Some((item, text.as_str())),
                        _ => None,
                    };
                    let Some((node, text)) = alone.or(first) else { continue };
                    match text.parse() {
                        Ok(net) => {
                            let fact = Fact::Address {
                                interface: InterfaceRef::NetplanId(interface.to_owned()),
                                net,
                            };
                            reading.fact(fact, span(node));
                        }
                        Err(_) => {
                            let reason = "an address needs a prefix length, such as `192.0.2.1/24`";
                            reading.leave(RestKind::Refused, span(node), reason);
                        }
                    }
                }
            }
            ("gateway4" | "gateway6", Content::Scalar { text, .. }) => {
                if let Ok(gateway) = text.parse::<IpAddr>() {
                    frame(key, reading);
                    reading.fact(Fact::DefaultRoute { gateway }, span(value));
                }
            }
            _ => {}
        }
    }
}

/// Adds the comment lines to the reading. In every other line, the parts that are not a fact become part of
/// the rest.
fn fill(text: &str, reading: &mut Reading) {
    for line in lines(text) {
        let facts = reading.facts.iter().flat_map(|fact| &fact.spans);
        let taken = facts.chain(reading.rest.iter().map(|rest| &rest.span));
        let inside = |span: &&Span| span.start < line.span().end && span.end > line.span().start;
        let mut taken: Vec<Span> = taken.filter(inside).cloned().collect();
        if line.text.starts_with('#') && taken.is_empty() {
            reading.comments.push(line.span());
            continue;
        }
        taken.sort_by_key(|span| span.start);
        taken.push(line.span().end..line.span().end);
        let mut start = line.span().start;
        for span in taken {
            if span.start > start {
                let part: Line<'_> = trimmed(&text[start..span.start], start);
                let mark = !part.text.contains(char::is_alphanumeric);
                let kind = if mark { RestKind::Unused } else { RestKind::Lost };
                if !part.text.is_empty() {
                    reading.leave(kind, part.span(), "lvsgen does not read this key");
                }
            }
            start = start.max(span.end);
        }
    }
}

/// One address that lvsgen adds to an interface.
#[derive(Clone, Debug)]
pub struct Address<'a> {
    /// The address with its prefix length.
    pub net: IpNet,
    /// The label of the address, if there is one.
    pub label: Option<&'a str>,
    /// Whether the address is deprecated. A host does not use a deprecated address as the source address of its
    /// own connections.
    pub deprecated: bool,
}

/// The key of `network` below which an interface must have its entry in each file: netplan refuses all files if two of them
/// disagree.
pub type Section = &'static str;

/// An interface and the addresses that a file adds to it.
#[derive(Debug)]
pub struct Interface<'a> {
    /// The key below which the interface stands.
    pub section: Section,
    /// Its id.
    pub id: &'a str,
    /// The addresses.
    pub addresses: Vec<Address<'a>>,
}

/// Writes the addresses of interfaces. netplan merges the addresses of all files that name an interface by its id.
pub fn write(interfaces: &[Interface<'_>]) -> String {
    let mut devices: BTreeMap<Section, BTreeMap<&str, NetplanDevice<'_>>> = BTreeMap::new();
    for interface in interfaces {
        let addresses = interface.addresses.iter().map(|address| {
            let lifetime = address.deprecated.then_some(0);
            let options = AddressOptions { label: address.label, lifetime };
            BTreeMap::from([(address.net.to_string(), options)])
        });
        let device = NetplanDevice { addresses: addresses.collect() };
        devices.entry(interface.section).or_default().insert(interface.id, device);
    }
    let document = NetplanFile { network: NetplanNetwork { version: 2, devices } };
    yaml::to_string(&document).expect("the document holds texts and numbers only")
}

#[derive(Serialize)]
struct NetplanFile<'a> {
    network: NetplanNetwork<'a>,
}

#[derive(Serialize)]
struct NetplanNetwork<'a> {
    version: u8,
    #[serde(flatten)]
    devices: BTreeMap<Section, BTreeMap<&'a str, NetplanDevice<'a>>>,
}

#[derive(Serialize)]
struct NetplanDevice<'a> {
    addresses: Vec<BTreeMap<String, AddressOptions<'a>>>,
}

#[derive(Serialize)]
struct AddressOptions<'a> {
    /// The label. Only networkd supports labels.
    #[serde(skip_serializing_if = "Option::is_none")]
    label: Option<&'a str>,
    /// With the lifetime 0, an IPv6 VIP is deprecated: the host never uses the VIP as its own source address.
    #[serde(skip_serializing_if = "Option::is_none")]
    lifetime: Option<u8>,
}
