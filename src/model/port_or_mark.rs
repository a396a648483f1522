//! The packets that a service balances: the packets to a port, or with a firewall mark.

use schemars::{JsonSchema, Schema, SchemaGenerator, json_schema};

use super::decode::{Decode, number, word};
use super::schema_part::text;
use super::shape;
use crate::diagnostic::{Finding, Report};
use crate::ipvs::{PortRange, Protocol};
use crate::source::{Located, Span};
use crate::yaml::{Content, Node};

/// The packets that a service balances.
#[derive(Clone, Debug)]
pub enum PortOrMark {
    /// `port`: the packets to one port of the VIP.
    Port(Located<u16>),
    /// `port: any`: the packets to every port of the VIP that no other service takes. The place is that of the word.
    AnyPort(Span),
    /// `fwmark`: the packets with a firewall mark. lvsgen writes firewall rules that mark the packets to
    /// `ports`. If `ports` is empty, the rules mark the packets to every port.
    Fwmark {
        /// The mark.
        mark: Located<u32>,
        /// The ports. Packets to these ports get the mark.
        ports: Vec<Located<PortRange>>,
    },
}

/// A port number.
#[derive(Clone, Copy, Debug)]
pub(super) struct Port(pub(super) u16);

impl Decode for Port {
    fn decode(node: &Node, report: &mut Report) -> Option<Self> {
        let read = number(node, "a port", 1, u16::MAX.into(), report)?;
        u16::try_from(read).ok().map(Self)
    }
}

/// Ports of a service: a number, a range such as `50000-50100`, or every port.
#[derive(Clone, Copy, Debug)]
pub(super) enum Ports {
    Range(PortRange),
    Any,
}

impl Decode for Ports {
    fn decode(node: &Node, report: &mut Report) -> Option<Self> {
        match &node.content {
            Content::Scalar { text, quoted: false } if text == "any" => return Some(Self::Any),
            Content::Scalar { text, .. } if text.contains('-') => {}
            _ => return Port::decode(node, report).map(|port| Self::Range(port.0.into())),
        }
        let read = |text: &str| {
            let range: Option<PortRange> = text.parse().ok();
            let range = range.filter(|range| 0 < range.first && range.first <= range.last);
            range.map(Self::Range).ok_or_else(|| "write it like 50000-50100".to_owned())
        };
        word(node, "a range of ports", read, report)
    }
}

/// A firewall mark.
#[derive(Clone, Copy, Debug)]
pub(super) struct Mark(u32);

impl Decode for Mark {
    fn decode(node: &Node, report: &mut Report) -> Option<Self> {
        // If a mark is larger than 2^31-1, ipvsadm saves a negative number. ipvsadm cannot read this number.
        let read = number(node, "a firewall mark", 1, i32::MAX as u64, report)?;
        u32::try_from(read).ok().map(Self)
    }
}

impl JsonSchema for Port {
    fn inline_schema() -> bool {
        true
    }

    fn schema_name() -> std::borrow::Cow<'static, str> {
        "Port".into()
    }

    fn json_schema(_: &mut SchemaGenerator) -> Schema {
        json_schema!({ "type": "integer", "minimum": 1, "maximum": 65535 })
    }
}

impl JsonSchema for Ports {
    fn inline_schema() -> bool {
        true
    }

    fn schema_name() -> std::borrow::Cow<'static, str> {
        "Ports".into()
    }

    fn json_schema(generator: &mut SchemaGenerator) -> Schema {
        let range =
            text("a range of ports, with `fwmark` only", r"^\d{1,5}-\d{1,5}$", "50000-50100");
        json_schema!({ "anyOf": [Port::json_schema(generator), range, { "const": "any", "description": "every port, with `persistence` only" }] })
    }
}

/// Refuses a protocol that stands twice, and several protocols without a mark.
pub(super) fn distinct_protocols(
    protocols: Vec<Located<Protocol>>,
    port_or_mark: &PortOrMark,
    report: &mut Report,
) -> Option<Vec<Located<Protocol>>> {
    let Some(second) = protocols.get(1) else { return Some(protocols) };
    let twice = (1..protocols.len())
        .find(|at| protocols[..*at].iter().any(|one| one.value == protocols[*at].value));
    let finding = match (twice, port_or_mark) {
        (Some(at), _) => {
            let message = format!("the protocol {} stands here twice", protocols[at].value);
            Finding::at(&shape::BAD_VALUE, protocols[at].span, message).help("keep one of them")
        }
        (None, PortOrMark::Port(_) | PortOrMark::AnyPort(_)) => {
            let message = "a virtual service has several protocols but no `fwmark`";
            let finding = Finding::at(&shape::BAD_VALUE, second.span, message);
            finding.help("give it a `fwmark`, or write a service for each protocol")
        }
        (None, PortOrMark::Fwmark { .. }) => return Some(protocols),
    };
    report.add(finding);
    None
}

/// Joins the keys `port` and `fwmark`, which select the packets of a service.
pub(super) fn port_or_mark(
    mark: Option<Located<Mark>>,
    ports: Vec<Located<Ports>>,
    service: Span,
    report: &mut Report,
) -> Option<PortOrMark> {
    if let Some(any) = ports.iter().find(|port| matches!(port.value, Ports::Any)) {
        return any_port(any.span, mark.map(|mark| mark.span), &ports, report);
    }
    let range = |port: Located<Ports>| match port.value {
        Ports::Range(range) => Some(Located::new(range, port.span)),
        Ports::Any => None,
    };
    let mut ports: Vec<Located<PortRange>> = ports.into_iter().filter_map(range).collect();
    if let Some(finding) = port_twice(&ports) {
        report.add(finding);
        return None;
    }
    let single = |port: &Located<PortRange>| port.value.single();
    match (mark, ports.pop()) {
        // If there is a mark, the ports only decide which packets get the mark. The service balances every
        // packet that has the mark.
        (Some(mark), last) => {
            ports.extend(last);
            Some(PortOrMark::Fwmark { mark: Located::new(mark.value.0, mark.span), ports })
        }
        (None, Some(port)) if ports.is_empty() && single(&port).is_some() => {
            Some(PortOrMark::Port(Located::new(port.value.first, port.span)))
        }
        (None, Some(port)) => {
            let message = "a virtual service has several ports but no `fwmark`";
            let help = "give it a `fwmark`, or write a service for each port";
            report.add(Finding::at(&shape::BAD_VALUE, port.span, message).help(help));
            None
        }
        (None, None) => {
            let message = "a virtual service has neither `port` nor `fwmark`";
            let help = "add the `port` that clients use";
            report.add(Finding::at(&shape::MISSING_KEY, service, message).help(help));
            None
        }
    }
}

/// A port that stands twice in a list is a typing mistake: the list lacks another port.
fn port_twice(ports: &[Located<PortRange>]) -> Option<Finding> {
    let mut each = ports.iter().enumerate();
    let (port, before) = each.find_map(|(at, port)| {
        let before = ports[..at].iter().find(|one| one.value.overlaps(port.value))?;
        Some((port, before))
    })?;
    let message = match port.value.single() {
        Some(port) => format!("the port {port} stands here twice"),
        None => format!("a port of {} stands here twice", port.value),
    };
    let finding = Finding::at(&shape::BAD_VALUE, port.span, message);
    Some(finding.related(before.span, "the first one").help("keep one of them"))
}

/// `port: any` stands alone. A mark without `port` takes every port anyway.
fn any_port(
    any: Span,
    mark: Option<Span>,
    ports: &[Located<Ports>],
    report: &mut Report,
) -> Option<PortOrMark> {
    let (message, other, help) = match (mark, ports.iter().find(|port| port.span != any)) {
        (Some(mark), _) => ("`port: any` has no effect with a mark", mark, "leave `port` out"),
        (None, Some(port)) => ("`any` contains the other ports", port.span, "write `port: any`"),
        (None, None) => return Some(PortOrMark::AnyPort(any)),
    };
    report.add(Finding::at(&shape::BAD_VALUE, any, message).related(other, "this one").help(help));
    None
}
