//! Reads one command, which a shell or systemd runs. Gives the effect of the command on addresses, routes, devices and
//! kernel parameters (ip-address(8), ip-route(8), ip-rule(8), ip-link(8), sysctl(8)).

use crate::facts::{Fact, InterfaceRef, RestKind};
use crate::ipvs::Protocol;

/// The effect of a command.
pub enum Effect {
    /// The command sets an address or a route.
    Fact(Fact),
    /// The command gives no fact. The text is the reason.
    Rest(RestKind, &'static str),
}

/// Reads one command. Redirections after an `ip` command do not change the result.
pub fn read(text: &str) -> Effect {
    let mut tokens: Vec<&str> = text.split_ascii_whitespace().collect();
    if let Some(first) = tokens.first_mut() {
        // Removes the prefixes that systemd.service(5) allows before a command.
        *first = first.trim_start_matches(['-', '+', '@', '!', ':']);
        *first = first.rsplit('/').next().expect("a split gives at least one part");
    }
    match tokens.as_slice() {
        ["ip", rest @ ..] => match rest {
            ["-4" | "-6", rest @ ..] | rest => ip(rest),
        },
        ["modprobe", module] => Effect::Fact(Fact::Module((*module).to_owned())),
        ["sysctl", "-p" | "--load" | "--system", ..] => {
            Effect::Rest(RestKind::Unused, "it reads the sysctl files again")
        }
        ["sysctl", .., "-w", setting] => match setting.split_once('=') {
            Some((key, value)) => {
                Effect::Fact(Fact::Setting { key: key.to_owned(), value: value.to_owned() })
            }
            None => Effect::Rest(RestKind::Refused, "the setting has no value"),
        },
        ["exit", "0"] | ["true" | ":"] => {
            Effect::Rest(RestKind::Unused, "the command changes nothing")
        }
        _ => Effect::Rest(RestKind::Lost, "lvsgen does not evaluate this command"),
    }
}

fn ip(tokens: &[&str]) -> Effect {
    match tokens {
        ["address" | "addr" | "a", "replace" | "add" | "change", address, rest @ ..] => {
            let device = rest.iter().position(|token| *token == "dev");
            let device = device.and_then(|at| rest.get(at + 1));
            match (device, address.parse(), address.parse::<std::net::IpAddr>()) {
                (None, ..) => {
                    Effect::Rest(RestKind::Refused, "the address has no interface (`dev`)")
                }
                (Some(device), Ok(net), _) => {
                    Effect::Fact(Fact::Address { interface: InterfaceRef::name(device), net })
                }
                (Some(device), Err(_), Ok(address)) => {
                    let net = address.into();
                    Effect::Fact(Fact::Address { interface: InterfaceRef::name(device), net })
                }
                _ => Effect::Rest(RestKind::Refused, "the address is not valid"),
            }
        }
        ["address" | "addr" | "a", "delete" | "del", ..] => {
            Effect::Rest(RestKind::Unused, "the command removes an address")
        }
        ["route" | "r", "replace" | "add", "default", "via", gateway, rest @ ..] => {
            let table = after(rest, &["table"]).map(str::parse);
            match (gateway.parse(), table) {
                (Ok(gateway), None) => Effect::Fact(Fact::DefaultRoute { gateway }),
                (Ok(gateway), Some(Ok(table))) => Effect::Fact(Fact::TableRoute { table, gateway }),
                (Ok(_), Some(Err(_))) => {
                    Effect::Rest(RestKind::Lost, "lvsgen reads no names of tables")
                }
                (Err(_), _) => Effect::Rest(RestKind::Refused, "the gateway is not valid"),
            }
        }
        ["route" | "r", "replace" | "add", "local", _, "dev", "lo", ..] => Effect::Rest(
            RestKind::NoEffect,
            "the kernel has made this route already, with the address; the command fails",
        ),
        ["rule" | "ru", "add", rest @ ..] => match rule(rest) {
            Some(fact) => Effect::Fact(fact),
            None => Effect::Rest(RestKind::Lost, "lvsgen does not read this rule"),
        },
        ["rule" | "ru" | "route" | "r", "delete" | "del", ..] => {
            Effect::Rest(RestKind::Unused, "the command removes a route")
        }
        ["link" | "l", "set", device, "up"] | ["link" | "l", "set", "dev", device, "up"] => {
            Effect::Fact(Fact::DeviceUp((*device).to_owned()))
        }
        _ => Effect::Rest(RestKind::Lost, "lvsgen does not evaluate this command"),
    }
}

/// The token after one of the keywords.
fn after<'t>(tokens: &[&'t str], keywords: &[&str]) -> Option<&'t str> {
    let at = tokens.iter().position(|token| keywords.contains(token))?;
    tokens.get(at + 1).copied()
}

/// Reads a rule that selects packets by their source.
fn rule(tokens: &[&str]) -> Option<Fact> {
    const KNOWN: [&str; 8] =
        ["from", "ipproto", "sport", "lookup", "table", "priority", "pref", "order"];
    // Every selector narrows the packets, so an unknown one changes the meaning.
    if tokens.len() % 2 == 1 || tokens.iter().step_by(2).any(|token| !KNOWN.contains(token)) {
        return None;
    }
    Some(Fact::SourceRule {
        source: after(tokens, &["from"])?.parse().ok()?,
        protocol: Protocol::new(after(tokens, &["ipproto"])?).ok()?,
        port: match after(tokens, &["sport"]) {
            Some(port) => Some(port.parse().ok()?),
            None => None,
        },
        table: after(tokens, &["lookup", "table"])?.parse().ok()?,
    })
}
