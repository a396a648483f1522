//! firewalld.policy(5): the XML of a policy whose rules accept packets to the host.

use std::net::IpAddr;

use roxmltree::{Document, Node};

use crate::facts::{Fact, Reading, RestKind};
use crate::firewall::{Opening, Traffic, network};
use crate::ipvs::{Family, PortRange, Protocol};

/// Writes the rule that accepts the packets, as one element.
pub fn write(opening: &Opening) -> String {
    let family = opening.family.keyword();
    let from = opening.from.map(|net| format!("<source address=\"{}\"/>", network(net)));
    let to = opening.to.map(|address| format!("<destination address=\"{address}\"/>"));
    let traffic = match opening.traffic {
        Traffic::Port(protocol, port) => format!("<port port=\"{port}\" protocol=\"{protocol}\"/>"),
        Traffic::FromPort(protocol, port) => {
            format!("<source-port port=\"{port}\" protocol=\"{protocol}\"/>")
        }
        Traffic::EveryPort(protocol) => format!("<protocol value=\"{protocol}\"/>"),
        Traffic::Number(number) => format!("<protocol value=\"{number}\"/>"),
    };
    let (from, to) = (from.unwrap_or_default(), to.unwrap_or_default());
    format!("<rule family=\"{family}\">{from}{to}{traffic}<accept/></rule>")
}

/// Reads the rules that accept packets. A policy concerns the packets to the host if it has `ANY` as the ingress zone and
/// `HOST` as the egress zone.
pub fn read(text: &str) -> Reading {
    let mut reading = Reading::default();
    let document = match Document::parse(text) {
        Ok(document) => document,
        Err(error) => {
            let reason = format!("the XML is not valid: {error}");
            reading.leave(RestKind::Refused, 0..text.len(), reason);
            return reading;
        }
    };
    let root = document.root_element();
    let is_policy = root.tag_name().name() == "policy";
    let inside = root.children().filter(|_| is_policy);
    outside_of_elements(text, document.root().children().chain(inside), &mut reading);
    if !is_policy {
        reading.leave(RestKind::Lost, root.range(), "lvsgen reads policies only");
        return reading;
    }
    let whole = root.range();
    // A policy without anything inside is one tag, or two tags.
    let head = root.first_child().map_or(whole.end, |child| child.range().start);
    let last = root.last_child().map_or(whole.end, |child| child.range().end);
    reading.leave(RestKind::Unused, whole.start..head, "the head of the policy");
    reading.leave(RestKind::Unused, last..whole.end, "the end of the policy");
    let concerns_host =
        zone(root, "ingress-zone") == Some("ANY") && zone(root, "egress-zone") == Some("HOST");
    for child in root.children().filter(Node::is_element) {
        match child.tag_name().name() {
            "rule" => match opening(child).filter(|_| concerns_host) {
                Some(opening) => reading.fact(Fact::Opens(opening), child.range()),
                None => {
                    let reason = "lvsgen does not read this rule";
                    reading.leave(RestKind::Lost, child.range(), reason);
                }
            },
            "short" | "description" | "ingress-zone" | "egress-zone" => {
                reading.leave(RestKind::Unused, child.range(), "the element opens nothing");
            }
            _ => reading.leave(RestKind::Lost, child.range(), "lvsgen does not read this element"),
        }
    }
    reading
}

/// The declaration, the comments and the texts among the nodes of a document.
fn outside_of_elements<'a>(
    text: &str,
    nodes: impl Iterator<Item = Node<'a, 'a>>,
    reading: &mut Reading,
) {
    let declaration = text.find("?>").filter(|_| text.starts_with("<?xml"));
    if let Some(end) = declaration {
        reading.leave(RestKind::Unused, 0..end + 2, "the declaration of the XML");
    }
    for outside in nodes {
        if outside.is_comment() {
            reading.comments.push(outside.range());
        } else if declaration.is_some() && outside.range().start == 0 {
            // The parser takes a declaration with a line break after `xml` for an instruction.
            continue;
        } else if !outside.is_element() {
            reading.leave(RestKind::Lost, outside.range(), "firewalld ignores this text");
        }
    }
}

/// The only zone of a kind.
fn zone<'a>(policy: Node<'a, '_>, kind: &str) -> Option<&'a str> {
    let mut zones = policy.children().filter(|child| child.has_tag_name(kind));
    let name = zones.next()?.attribute("name");
    name.filter(|_| zones.next().is_none())
}

/// The packets that a rule accepts; `None` if the rule has a part that lvsgen does not read.
fn opening(rule: Node<'_, '_>) -> Option<Opening> {
    let family = Family::of_keyword(rule.attribute("family")?)?;
    let only = |node: Node<'_, '_>, names: &[&str]| {
        node.attributes().all(|attribute| names.contains(&attribute.name()))
    };
    let (mut from, mut to, mut traffic, mut accepts) = (None, None, None, false);
    for part in rule.children().filter(Node::is_element) {
        match part.tag_name().name() {
            "source" if only(part, &["address"]) => {
                let address = part.attribute("address")?;
                let one = || address.parse::<IpAddr>().map(Into::into);
                from = Some(address.parse().or_else(|_| one()).ok()?);
            }
            "destination" if only(part, &["address"]) => {
                to = Some(part.attribute("address")?.parse().ok()?);
            }
            "port" => {
                let (protocol, port) = port(part)?;
                traffic = Some(Traffic::Port(protocol, port));
            }
            "source-port" => {
                let (protocol, port) = port(part)?;
                traffic = Some(Traffic::FromPort(protocol, port.single()?));
            }
            "protocol" => traffic = Some(protocol(part.attribute("value")?)?),
            "accept" if part.children().next().is_none() => accepts = true,
            _ => return None,
        }
    }
    let traffic = traffic.filter(|_| accepts && only(rule, &["family", "priority"]))?;
    Some(Opening { family, from, to, traffic })
}

fn port(part: Node<'_, '_>) -> Option<(Protocol, PortRange)> {
    let protocol = Protocol::new(part.attribute("protocol")?).ok()?;
    Some((protocol, part.attribute("port")?.parse().ok()?))
}

fn protocol(value: &str) -> Option<Traffic> {
    match Protocol::new(value) {
        Ok(protocol) => Some(Traffic::EveryPort(protocol)),
        Err(_) => value.parse().ok().map(Traffic::Number),
    }
}
