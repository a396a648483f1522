//! The output of `ip -json address`, `ip -json route show table all` and `ip -json rule`: the state of a host that runs.
//!
//! The output is one line without comments, so all facts share its bytes. The names of the keys come from iproute2 6.

use std::net::IpAddr;

use ipnet::IpNet;
use serde::Deserialize;
use serde_json::Value;

use crate::facts::{Fact, FactAt, InterfaceRef, Reading, RestKind};
use crate::ipvs::{PortRange, Protocol};

/// A NIC of `ip -json address`.
#[derive(Deserialize)]
struct Link {
    #[serde(default)]
    ifname: String,
    #[serde(default)]
    addr_info: Vec<Address>,
}

#[derive(Deserialize)]
struct Address {
    local: Option<IpAddr>,
    #[serde(default)]
    prefixlen: u8,
}

/// A route of `ip -json route`.
#[derive(Deserialize)]
struct Route {
    #[serde(default)]
    dst: String,
    gateway: Option<IpAddr>,
    /// A name such as `main`, or a number; the main table has none.
    table: Option<Value>,
}

/// A rule of `ip -json rule`.
#[derive(Deserialize)]
struct Rule {
    #[serde(default)]
    src: String,
    ipproto: Option<Value>,
    sport: Option<u16>,
    sport_start: Option<u16>,
    sport_end: Option<u16>,
    table: Option<Value>,
}

/// Reads the addresses of all NICs.
pub fn read_addresses(text: &str) -> Reading {
    read(text, |link: Link| {
        let interface = InterfaceRef::name(&link.ifname);
        let nets =
            link.addr_info.into_iter().filter_map(|one| IpNet::new(one.local?, one.prefixlen).ok());
        nets.map(|net| Fact::Address { interface: interface.clone(), net }).collect()
    })
}

/// Reads the default routes of all tables.
pub fn read_routes(text: &str) -> Reading {
    read(text, |route: Route| {
        let Some(gateway) = route.gateway.filter(|_| route.dst == "default") else {
            return Vec::new();
        };
        match route.table.as_ref().map(table) {
            None | Some(Some(MAIN)) => vec![Fact::DefaultRoute { gateway }],
            Some(Some(table)) => vec![Fact::TableRoute { table, gateway }],
            Some(None) => Vec::new(),
        }
    })
}

/// Reads the rules with a source address.
pub fn read_rules(text: &str) -> Reading {
    read(text, |rule: Rule| {
        let (Ok(source), Some(Some(table))) = (rule.src.parse(), rule.table.as_ref().map(table))
        else {
            return Vec::new();
        };
        let range = rule.sport_start.zip(rule.sport_end);
        let range = range.map(|(first, last)| PortRange { first, last });
        let port = rule.sport.map(PortRange::from).or(range);
        let named = rule.ipproto.as_ref().and_then(Value::as_str);
        let protocols = match named.map(Protocol::new) {
            None => Protocol::ALL.to_vec(),
            Some(Ok(protocol)) => vec![protocol],
            Some(Err(_)) => Vec::new(),
        };
        let fact = |protocol| Fact::SourceRule { source, protocol, port, table };
        protocols.into_iter().map(fact).collect()
    })
}

/// The number of the main table.
const MAIN: u32 = 254;

/// The number of a table.
fn table(value: &Value) -> Option<u32> {
    match value {
        Value::Number(number) => number.as_u64()?.try_into().ok(),
        Value::String(name) if name == "main" => Some(MAIN),
        Value::String(name) => name.parse().ok(),
        _ => None,
    }
}

/// Reads a list, and makes the facts of each element.
fn read<T: serde::de::DeserializeOwned>(text: &str, facts: impl Fn(T) -> Vec<Fact>) -> Reading {
    let mut reading = Reading::default();
    let start = text.len() - text.trim_start().len();
    let whole = start..start + text.trim().len();
    match serde_json::from_str::<Vec<T>>(text) {
        Ok(elements) => {
            let mut spans = vec![whole.clone()];
            for fact in elements.into_iter().flat_map(facts) {
                reading.facts.push(FactAt { fact, spans: std::mem::take(&mut spans) });
            }
            if !spans.is_empty() && !whole.is_empty() {
                reading.leave(RestKind::Unused, whole, "the list says nothing that lvsgen reads");
            }
        }
        Err(_) if whole.is_empty() => {}
        Err(error) => {
            reading.leave(
                RestKind::Refused,
                whole,
                format!("this is no output of `ip -json`: {error}"),
            );
        }
    }
    reading
}

#[cfg(test)]
mod tests {
    use super::*;

    fn facts(reading: &Reading) -> Vec<String> {
        reading.facts.iter().map(|one| format!("{:?}", one.fact)).collect()
    }

    #[test]
    fn the_state_of_a_host() {
        let text = r#"[{"ifindex":1,"ifname":"lo","addr_info":[{"family":"inet","local":"127.0.0.1","prefixlen":8,"scope":"host","label":"lo"}]},
            {"ifname":"ens33","addr_info":[{"family":"inet6","local":"2001:db8::2","prefixlen":64}]}]"#;
        let reading = read_addresses(text);
        assert_eq!(reading.gap(text), None);
        assert_eq!(
            facts(&reading),
            [
                "Address { interface: Name(\"lo\"), net: 127.0.0.1/8 }",
                "Address { interface: Name(\"ens33\"), net: 2001:db8::2/64 }",
            ]
        );
        let text = r#"[{"dst":"default","gateway":"10.0.0.1","dev":"ens33","flags":[]},{"dst":"10.0.0.0/24","dev":"ens33"},
            {"dst":"default","gateway":"10.0.0.9","dev":"ens33","table":"51352"},{"type":"local","dst":"10.0.0.2","table":"local"}]"#;
        assert_eq!(
            facts(&read_routes(text)),
            [
                "DefaultRoute { gateway: 10.0.0.1 }",
                "TableRoute { table: 51352, gateway: 10.0.0.9 }"
            ]
        );
        let text = r#"[{"priority":0,"src":"all","table":"local"},{"priority":1000,"src":"10.0.0.2","ipproto":"tcp","sport":80,"table":"51352"}]"#;
        assert_eq!(facts(&read_rules(text)).len(), 1);
        for wrong in ["{", "[1]", "\u{0}"] {
            let reading = read_rules(wrong);
            assert_eq!((reading.gap(wrong), reading.faults().count()), (None, 1), "{wrong}");
        }
        assert_eq!(read_rules("[]").gap("[]"), None);
        assert_eq!(read_rules(" \n").gap(" \n"), None);
    }
}
