//! One command of a script, after the values of its variables are in the text.

use std::net::IpAddr;

use ipnet::IpNet;

use super::super::ip_command::{self, Effect};
use super::super::ipvsadm;
use crate::facts::{Fact, InterfaceRef, RestKind};

/// The effect of a command.
pub(super) enum Command {
    /// It sets something.
    Fact(Fact),
    /// It gives no fact. The text is the reason.
    Rest(RestKind, String),
}

fn rest(kind: RestKind, reason: &str) -> Command {
    Command::Rest(kind, reason.to_owned())
}

/// Reads a command.
pub(super) fn read(text: &str) -> Command {
    let tokens: Vec<&str> = text.split_ascii_whitespace().collect();
    let Some((program, arguments)) = tokens.split_first() else {
        return rest(RestKind::Unused, "an empty command");
    };
    let program = program.rsplit('/').next().unwrap_or_default();
    match program {
        "echo" | "printf" => echo(arguments),
        _ if text.contains(['|', ';', '&']) => {
            rest(RestKind::Unread, "lvsgen reads plain commands, one on a line")
        }
        "ip" | "modprobe" | "sysctl" | "true" | ":" => match ip_command::read(text) {
            Effect::Fact(fact) => Command::Fact(fact),
            Effect::Rest(kind, reason) => rest(kind, reason),
        },
        "exit" | "return" => rest(RestKind::Unused, "the end of the script"),
        "ipvsadm" => table(arguments),
        "ifconfig" => ifconfig(arguments),
        "route" => route(arguments),
        "iptables" | "ip6tables" | "nft" | "firewall-cmd" => {
            rest(RestKind::Lost, "rules of a firewall of your own are not taken over")
        }
        "." | "source" => rest(RestKind::Unread, "another script, which lvsgen does not read"),
        _ => Command::Rest(
            RestKind::Unread,
            format!("`{program}` is a command that lvsgen does not know"),
        ),
    }
}

/// `echo VALUE > /proc/sys/KEY`; a text for the terminal changes nothing.
fn echo(arguments: &[&str]) -> Command {
    let all = arguments.join(" ");
    let Some((value, file)) = all.split_once('>') else {
        return match all.contains(['|', '&']) {
            true => rest(RestKind::Unread, "lvsgen reads plain commands, one on a line"),
            false => rest(RestKind::Unused, "a text for the terminal"),
        };
    };
    match file.trim().strip_prefix("/proc/sys/") {
        Some(key) if !key.contains(char::is_whitespace) && !value.trim().is_empty() => {
            Command::Fact(Fact::Setting { key: key.to_owned(), value: value.trim().to_owned() })
        }
        _ => rest(RestKind::Unread, "lvsgen does not read files that a script writes"),
    }
}

/// ipvsadm(8). Short options may be joined: `-At`.
fn table(arguments: &[&str]) -> Command {
    let Some((first, others)) = arguments.split_first() else {
        return rest(RestKind::Unused, "it prints the table");
    };
    match *first {
        "-C" | "--clear" => {
            return rest(RestKind::Unused, "it clears the table before the entries");
        }
        "-L" | "-l" | "--list" | "-Ln" | "-ln" | "-S" | "--save" | "-Z" | "--zero" => {
            return rest(RestKind::Unused, "it prints the table");
        }
        _ => {}
    }
    let letters: Vec<char> = first.strip_prefix('-').unwrap_or_default().chars().collect();
    let split = match letters.as_slice() {
        [command @ ('A' | 'a'), service @ ('t' | 'u' | 'f')] => format!("-{command} -{service}"),
        _ => (*first).to_owned(),
    };
    match ipvsadm::read_command(&format!("{split} {}", others.join(" "))) {
        Ok(fact) => Command::Fact(fact),
        Err(reason) => Command::Rest(RestKind::Unread, format!("ipvsadm: {reason}")),
    }
}

/// `ifconfig NIC ADDRESS netmask MASK up`.
fn ifconfig(arguments: &[&str]) -> Command {
    let [nic, address, options @ ..] = arguments else {
        return rest(RestKind::Unused, "it shows or starts a NIC");
    };
    let Ok(address) = address.parse::<IpAddr>() else {
        return match *address {
            "up" | "down" => rest(RestKind::Unused, "it starts or stops a NIC"),
            _ => rest(RestKind::Unread, "lvsgen does not read this command"),
        };
    };
    let mask = options.iter().position(|one| *one == "netmask").and_then(|at| options.get(at + 1));
    let prefix = mask.and_then(|mask| ipnet::ip_mask_to_prefix(mask.parse().ok()?).ok());
    let net = prefix.and_then(|prefix| IpNet::new(address, prefix).ok());
    let nic = nic.split(':').next().unwrap_or(nic);
    match net {
        Some(net) => Command::Fact(Fact::Address { interface: InterfaceRef::name(nic), net }),
        None => rest(RestKind::Unread, "the network of the address depends on its class"),
    }
}

/// route(8) of net-tools.
fn route(arguments: &[&str]) -> Command {
    match arguments {
        ["add", "default", "gw", gateway, ..] => match gateway.parse() {
            Ok(gateway) => Command::Fact(Fact::DefaultRoute { gateway }),
            Err(_) => rest(RestKind::Refused, "the gateway is not valid"),
        },
        ["add", "-host", _, "dev", ..] => {
            rest(RestKind::NoEffect, "a route to an address of the host itself changes nothing")
        }
        ["add", "-host", ..] => {
            rest(RestKind::NoEffect, "the command is not valid: `dev` is missing before the NIC")
        }
        ["del", ..] => rest(RestKind::Unused, "it removes a route"),
        _ => rest(RestKind::Lost, "lvsgen does not read this route"),
    }
}
