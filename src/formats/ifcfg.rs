//! An ifcfg file as NetworkManager's ifcfg-rh plugin reads it (nm-settings-ifcfg-rh(5)).

use std::net::{IpAddr, Ipv4Addr};

use ipnet::IpNet;

use super::shell_variables::{Assignment, assignments};
use crate::facts::{Fact, InterfaceRef, Reading, RestKind, Span};

/// Keys that set neither addresses nor routes.
const OTHERS: [&str; 12] = [
    "BOOTPROTO",
    "BROADCAST",
    "DEFROUTE",
    "HWADDR",
    "IPV4_FAILURE_FATAL",
    "IPV6INIT",
    "NAME",
    "NETWORK",
    "ONBOOT",
    "ONPARENT",
    "TYPE",
    "UUID",
];

/// Reads the addresses and the gateway of one file.
pub fn read(text: &str) -> Reading {
    let mut reading = Reading::default();
    let mut keys = assignments(text, &mut reading);
    addresses(&mut keys, &mut reading);
    for Assignment { line, key, value } in keys {
        match (key, value.parse()) {
            ("GATEWAY", Ok(gateway)) => {
                reading.fact(Fact::DefaultRoute { gateway }, line.span());
            }
            ("GATEWAY", Err(_)) => {
                reading.leave(RestKind::Refused, line.span(), "the gateway is not valid");
            }
            (key, _) if OTHERS.contains(&key) => {
                reading.leave(RestKind::Unused, line.span(), "no address and no route");
            }
            _ => reading.leave(RestKind::Lost, line.span(), "lvsgen does not read this key"),
        }
    }
    reading
}

/// Moves the addresses and their interface from `keys` to the reading. `PREFIX` overrides `NETMASK`. If
/// `DEVICE` names an alias with a number (`ens33:0`), the interface is the name before the colon.
fn addresses(keys: &mut Vec<Assignment<'_>>, reading: &mut Reading) {
    let device = take(keys, "DEVICE");
    let mut shared: Vec<Span> = device.iter().map(|device| device.line.span()).collect();
    let interface = device.as_ref().and_then(|device| device.value.split(':').next());
    // The plugin reads the addresses IPADDR, IPADDR0, IPADDR1, … in this order.
    for suffix in std::iter::once(String::new()).chain((0..=254).map(|at: u8| at.to_string())) {
        let Some(address) = take(keys, &format!("IPADDR{suffix}")) else { continue };
        let prefix = take(keys, &format!("PREFIX{suffix}"));
        let netmask = take(keys, &format!("NETMASK{suffix}"));
        let mut spans = vec![address.line.span()];
        spans.extend(prefix.iter().map(|prefix| prefix.line.span()));
        if let (Some(netmask), Some(_)) = (&netmask, &prefix) {
            reading.leave(RestKind::Unused, netmask.line.span(), "`PREFIX` overrides `NETMASK`");
        } else {
            spans.extend(netmask.iter().map(|netmask| netmask.line.span()));
        }
        match (interface, net(address.value, prefix.as_ref(), netmask.as_ref())) {
            (Some(interface), Some(net)) => {
                let fact = Fact::Address { interface: InterfaceRef::name(interface), net };
                reading.fact_on(fact, spans, &mut shared);
            }
            _ => {
                for span in spans {
                    let reason = "an address needs `DEVICE` and a valid prefix";
                    reading.leave(RestKind::Refused, span, reason);
                }
            }
        }
    }
    reading.leave_interface(shared);
}

/// Removes the last assignment of a key from `keys`. As in a shell, only the last assignment is valid.
fn take<'a>(keys: &mut Vec<Assignment<'a>>, key: &str) -> Option<Assignment<'a>> {
    let at = keys.iter().rposition(|assignment| assignment.key == key)?;
    Some(keys.remove(at))
}

fn net(
    address: &str,
    prefix: Option<&Assignment<'_>>,
    netmask: Option<&Assignment<'_>>,
) -> Option<IpNet> {
    let address: Ipv4Addr = address.parse().ok()?;
    let prefix = match (prefix, netmask) {
        (Some(prefix), _) => prefix.value.parse().ok()?,
        (None, Some(mask)) => ipnet::ip_mask_to_prefix(mask.value.parse::<IpAddr>().ok()?).ok()?,
        (None, None) => return None,
    };
    IpNet::new(address.into(), prefix).ok()
}
