//! nm-settings-keyfile(5): a connection profile of NetworkManager.

use ipnet::IpNet;

use super::ini::{Entry, entries};
use crate::facts::{Fact, FactAt, Reading, RestKind};

/// The sections that hold no address. NetworkManager ignores keys that it does not know, with a warning
/// in its log.
const SECTIONS: [&str; 12] = [
    "bond",
    "bridge",
    "connection",
    "ethernet",
    "ipv4",
    "ipv6",
    "link",
    "loopback",
    "proxy",
    "tc",
    "user",
    "vlan",
];

/// Keys that change neither addresses nor routes.
const UNUSED: [&str; 12] = [
    "addr-gen-mode",
    "autoconnect",
    "autoconnect-priority",
    "dns",
    "dns-search",
    "id",
    "interface-name",
    "may-fail",
    "method",
    "timestamp",
    "type",
    "uuid",
];

/// Reads addresses and default routes of the interface that `[connection]` names. An address can carry
/// its gateway: `address1=192.0.2.2/24,192.0.2.1`.
pub fn read(text: &str) -> Reading {
    let mut reading = Reading::default();
    let entries = entries(text, &mut reading);
    let is_name =
        |entry: &&Entry<'_>| entry.section == "connection" && entry.key == "interface-name";
    let name = entries.iter().find(is_name);
    let mut shared = name.map(|name| name.span());
    for entry in entries.iter().filter(|entry| Some(entry.span()) != name.map(Entry::span)) {
        let ip = matches!(entry.section, "ipv4" | "ipv6");
        let number = entry.key.strip_prefix("address");
        let is_address =
            number.is_some_and(|number| number.bytes().all(|byte| byte.is_ascii_digit()));
        let facts = if ip && is_address {
            address(entry.value, name.map(|name| name.value))
        } else if ip && entry.key == "gateway" {
            let gateway = entry.value.parse().map_err(|_| "the gateway is not valid");
            gateway.map(|gateway| vec![Fact::DefaultRoute { gateway }])
        } else {
            let (kind, reason) = match entry.key {
                _ if !SECTIONS.contains(&entry.section) => {
                    (RestKind::Unknown, "the format has no such section")
                }
                key if UNUSED.contains(&key) => (RestKind::Unused, "no address and no route"),
                _ => (RestKind::Lost, "lvsgen does not read this key"),
            };
            reading.leave(kind, entry.span(), reason);
            continue;
        };
        match facts {
            Ok(facts) => {
                // The gateway of an address shares its token, which belongs to the address.
                let mut spans = vec![entry.span()];
                for fact in facts {
                    if matches!(fact, Fact::Address { .. }) {
                        spans.extend(shared.take());
                    }
                    reading.facts.push(FactAt { fact, spans: std::mem::take(&mut spans) });
                }
            }
            Err(reason) => reading.leave(RestKind::Refused, entry.span(), reason),
        }
    }
    if let Some(span) = shared {
        reading.leave(RestKind::Unused, span, "the file sets no address");
    }
    reading
}

fn address(value: &str, interface: Option<&str>) -> Result<Vec<Fact>, &'static str> {
    let interface = interface.ok_or("the file names no interface")?;
    let (address, gateway) = match value.split_once(',') {
        Some((address, gateway)) => (address, Some(gateway)),
        None => (value, None),
    };
    let net: IpNet =
        address.trim().parse().map_err(|_| "an address is written with its prefix length")?;
    let mut facts = vec![Fact::Address { interface: interface.to_owned(), net }];
    if let Some(gateway) = gateway {
        let gateway = gateway.trim().parse().map_err(|_| "the gateway is not valid")?;
        facts.push(Fact::DefaultRoute { gateway });
    }
    Ok(facts)
}
