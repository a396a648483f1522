//! Reads one command, which a shell or systemd runs. Gives the effect of the command on addresses and routes
//! (ip-address(8), ip-route(8)).

use crate::facts::{Fact, RestKind};

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
        ["exit", "0"] | ["true" | ":"] => {
            Effect::Rest(RestKind::Unused, "the command changes nothing")
        }
        ["touch", _] => Effect::Rest(RestKind::Unused, "the command makes a lock file"),
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
                    Effect::Fact(Fact::Address { interface: (*device).to_owned(), net })
                }
                (Some(device), Err(_), Ok(address)) => {
                    let net = address.into();
                    Effect::Fact(Fact::Address { interface: (*device).to_owned(), net })
                }
                _ => Effect::Rest(RestKind::Refused, "the address is not valid"),
            }
        }
        ["address" | "addr" | "a", "delete" | "del", ..] => {
            Effect::Rest(RestKind::Unused, "the command removes an address")
        }
        ["route" | "r", "replace" | "add", "default", "via", gateway, ..] => {
            match gateway.parse() {
                Ok(gateway) => Effect::Fact(Fact::DefaultRoute { gateway }),
                Err(_) => Effect::Rest(RestKind::Refused, "the gateway is not valid"),
            }
        }
        _ => Effect::Rest(RestKind::Lost, "lvsgen does not evaluate this command"),
    }
}
