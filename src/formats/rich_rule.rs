//! Rich rules of firewalld (firewalld.richlanguage(5)), one on a line.

use std::net::IpAddr;

use super::lines::statements;
use crate::facts::{Fact, Reading, RestKind};
use crate::firewall::{Opening, Traffic, network};
use crate::ipvs::{Family, Protocol};

/// Writes the rule that accepts the packets, in the form in which firewalld prints it.
pub fn write(opening: &Opening) -> String {
    let family = opening.family.keyword();
    let from = opening.from.map(|net| format!(" source address=\"{}\"", network(net)));
    let to = opening.to.map(|address| format!(" destination address=\"{address}\""));
    let traffic = match opening.traffic {
        Traffic::Port(protocol, port) => format!("port port=\"{port}\" protocol=\"{protocol}\""),
        Traffic::FromPort(protocol, port) => {
            format!("source-port port=\"{port}\" protocol=\"{protocol}\"")
        }
        Traffic::EveryPort(protocol) => format!("protocol value=\"{protocol}\""),
        Traffic::Number(number) => format!("protocol value=\"{number}\""),
    };
    let (from, to) = (from.unwrap_or_default(), to.unwrap_or_default());
    format!("rule family=\"{family}\"{from}{to} {traffic} accept")
}

/// Reads the rules that accept packets.
pub fn read(text: &str) -> Reading {
    let mut reading = Reading::default();
    for line in statements(text, &['#'], &mut reading) {
        match opening(line.text) {
            Some(opening) => reading.fact(Fact::Opens(opening), line.span()),
            None => {
                reading.leave(RestKind::Lost, line.span(), "lvsgen does not read this rule");
            }
        }
    }
    reading
}

fn opening(rule: &str) -> Option<Opening> {
    let mut words: Vec<&str> = rule.split_whitespace().collect();
    let mut value = |key: &str| {
        let at = words.iter().position(|word| word.starts_with(&format!("{key}=\"")))?;
        words.remove(at).strip_prefix(key)?.strip_prefix("=\"")?.strip_suffix('"')
    };
    let family = Family::of_keyword(value("family")?)?;
    let (port, protocol, number) = (value("port"), value("protocol"), value("value"));
    let addresses = [value("address"), value("address")];
    let (from, to, kind) = match words.as_slice() {
        ["rule", "source", "destination", kind, "accept"] => (addresses[0], addresses[1], *kind),
        ["rule", "source", kind, "accept"] => (addresses[0], None, *kind),
        ["rule", "destination", kind, "accept"] => (None, addresses[0], *kind),
        ["rule", kind, "accept"] => (None, None, *kind),
        _ => return None,
    };
    let transport = || Protocol::new(protocol?).ok();
    let traffic = match kind {
        "port" => Traffic::Port(transport()?, port?.parse().ok()?),
        "source-port" => Traffic::FromPort(transport()?, port?.parse().ok()?),
        "protocol" => match Protocol::new(number?) {
            Ok(protocol) => Traffic::EveryPort(protocol),
            Err(_) => Traffic::Number(number?.parse().ok()?),
        },
        _ => return None,
    };
    let net = |text: &str| text.parse().or_else(|_| text.parse::<IpAddr>().map(Into::into)).ok();
    let from = from.map(|text| net(text).ok_or(())).transpose().ok()?;
    let to = to.map(|text| text.parse().map_err(drop)).transpose().ok()?;
    Some(Opening { family, from, to, traffic })
}
