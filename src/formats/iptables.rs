//! The input of iptables-restore(8) and ip6tables-restore(8).

use std::net::IpAddr;

use super::lines::{Line, statements};
use crate::facts::{Fact, Reading, RestKind};
use crate::firewall::{Opening, Traffic, network};
use crate::ipvs::{Family, Protocol};

/// Writes the conditions of a rule, as arguments of iptables(8).
pub fn write(opening: &Opening) -> String {
    let (protocol, port) = match opening.traffic {
        Traffic::Port(protocol, ports) => {
            (protocol.to_string(), format!(" --dport {}", ports.to_string().replace('-', ":")))
        }
        Traffic::FromPort(protocol, port) => (protocol.to_string(), format!(" --sport {port}")),
        Traffic::EveryPort(protocol) => (protocol.to_string(), String::new()),
        Traffic::Number(number) => (number.to_string(), String::new()),
    };
    let from = opening.from.map(|net| format!(" -s {}", network(net))).unwrap_or_default();
    let to = opening.to.map(|address| format!(" -d {address}")).unwrap_or_default();
    format!("-p {protocol}{from}{to}{port}")
}

/// Reads the rules that accept packets to the host. The chains are those of ufw: `ufw-before-input`, or
/// `ufw6-before-input` for IPv6.
pub fn read(text: &str) -> Reading {
    let mut reading = Reading::default();
    for line in statements(text, &['#'], &mut reading) {
        if line.text.starts_with(['*', ':']) || line.text == "COMMIT" {
            reading.leave(RestKind::Unused, line.span(), "the frame of the rules");
            continue;
        }
        match opening(&line) {
            Some(opening) => reading.fact(Fact::Opens(opening), line.span()),
            None => {
                reading.leave(RestKind::Lost, line.span(), "lvsgen does not read this rule");
            }
        }
    }
    reading
}

fn opening(line: &Line<'_>) -> Option<Opening> {
    let tokens: Vec<&str> = line.tokens().map(|token| token.text).collect();
    let (chain, conditions) = match tokens.as_slice() {
        ["-A" | "-I", chain, conditions @ .., "-j", "ACCEPT"] => (*chain, conditions),
        _ => return None,
    };
    let family = match chain {
        "ufw-before-input" => Family::Ipv4,
        "ufw6-before-input" => Family::Ipv6,
        _ => return None,
    };
    let (mut from, mut to, mut protocol) = (None, None, None);
    let (mut port, mut source_port) = (None, None);
    for pair in conditions.chunks(2) {
        let [option, value] = pair else { return None };
        match *option {
            "-p" => protocol = Some(*value),
            "-s" => {
                let one = || value.parse::<IpAddr>().map(Into::into);
                from = Some(value.parse().or_else(|_| one()).ok()?);
            }
            "-d" => to = Some(value.parse().ok()?),
            "--dport" => port = Some(value.replace(':', "-").parse().ok()?),
            "--sport" => source_port = Some(value.parse().ok()?),
            _ => return None,
        }
    }
    let traffic = match (Protocol::new(protocol?), port, source_port) {
        (Ok(protocol), Some(port), None) => Traffic::Port(protocol, port),
        (Ok(protocol), None, Some(port)) => Traffic::FromPort(protocol, port),
        (Ok(protocol), None, None) => Traffic::EveryPort(protocol),
        (Err(_), None, None) => Traffic::Number(protocol?.parse().ok()?),
        _ => return None,
    };
    Some(Opening { family, from, to, traffic })
}
