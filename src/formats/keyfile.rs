//! nm-settings-keyfile(5): a connection profile of NetworkManager.

use ipnet::IpNet;

use super::ini::{IniEntry, entries};
use crate::facts::{Fact, InterfaceRef, Reading, RestKind, Span};

/// The known sections. The list comes from nm-settings(5) of version 1.52. It also has the former names of the
/// wired and wireless sections. NetworkManager ignores an unknown section, and logs a warning.
const SECTIONS: &[&str] = &[
    "6lowpan",
    "802-11-olpc-mesh",
    "802-11-wireless",
    "802-11-wireless-security",
    "802-1x",
    "802-3-ethernet",
    "adsl",
    "bluetooth",
    "bond",
    "bond-port",
    "bridge",
    "bridge-port",
    "cdma",
    "connection",
    "dcb",
    "dummy",
    "ethernet",
    "ethtool",
    "generic",
    "gsm",
    "hostname",
    "hsr",
    "infiniband",
    "ip-tunnel",
    "ipv4",
    "ipv6",
    "ipvlan",
    "link",
    "loopback",
    "macsec",
    "macvlan",
    "match",
    "olpc-mesh",
    "ovs-bridge",
    "ovs-dpdk",
    "ovs-external-ids",
    "ovs-interface",
    "ovs-other-config",
    "ovs-patch",
    "ovs-port",
    "ppp",
    "pppoe",
    "prefix-delegation",
    "proxy",
    "serial",
    "sriov",
    "tc",
    "team",
    "team-port",
    "tun",
    "user",
    "veth",
    "vlan",
    "vpn",
    "vpn-secrets",
    "vrf",
    "vxlan",
    "wifi",
    "wifi-p2p",
    "wifi-security",
    "wimax",
    "wireguard",
    "wpan",
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

/// Reads addresses and default routes of the interface that `[connection]` names. A gateway can
/// follow an address: `address1=192.0.2.2/24,192.0.2.1`.
pub fn read(text: &str) -> Reading {
    let mut reading = Reading::default();
    let entries = entries(text, &mut reading);
    let is_name =
        |entry: &&IniEntry<'_>| entry.section == "connection" && entry.key == "interface-name";
    let name = entries.iter().find(is_name);
    let mut interface: Vec<Span> = name.iter().map(|name| name.span()).collect();
    for entry in entries.iter().filter(|entry| Some(entry.span()) != name.map(IniEntry::span)) {
        let ip = matches!(entry.section, "ipv4" | "ipv6");
        let number = entry.key.strip_prefix("address");
        let is_address =
            // `address`, `address1`, `address2`, …: NetworkManager accepts any number.
            number.is_some_and(|number| number.bytes().all(|byte| byte.is_ascii_digit()));
        let facts = if ip && is_address {
            address(entry, name.map(|name| name.value))
        } else if ip && entry.key == "gateway" {
            let gateway = entry.value.parse().map_err(|_| "the gateway is not valid");
            gateway.map(|gateway| vec![(Fact::DefaultRoute { gateway }, entry.span())])
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
                for (fact, span) in facts {
                    reading.fact_on(fact, vec![span], &mut interface);
                }
            }
            Err(reason) => reading.leave(RestKind::Refused, entry.span(), reason),
        }
    }
    reading.leave_interface(interface);
    reading
}

fn address(
    entry: &IniEntry<'_>,
    interface: Option<&str>,
) -> Result<Vec<(Fact, Span)>, &'static str> {
    let interface = interface.ok_or("the file does not name its interface")?;
    let interface = InterfaceRef::name(interface);
    let net = |text: &str| -> Result<IpNet, &'static str> {
        text.trim().parse().map_err(|_| "an address needs a prefix length, such as `192.0.2.1/24`")
    };
    let span = entry.span();
    let Some((_, gateway)) = entry.line.split_once(',') else {
        let net = net(entry.value)?;
        return Ok(vec![(Fact::Address { interface, net }, span)]);
    };
    let net = net(entry.value.split(',').next().expect("a split gives at least one part"))?;
    let address = (Fact::Address { interface, net }, span.start..gateway.start);
    let route = gateway.text.parse().map_err(|_| "the gateway is not valid")?;
    Ok(vec![address, (Fact::DefaultRoute { gateway: route }, gateway.span())])
}
