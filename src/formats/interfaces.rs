//! interfaces(5) of ifupdown.

use std::net::IpAddr;

use ipnet::IpNet;

use super::ip_command::{self, Effect};
use super::lines::{Line, statements, without_joined};
use crate::facts::{Fact, InterfaceRef, Reading, RestKind, Span};

/// The keywords that begin a stanza. Every other line is an option of the last stanza before this line.
const STANZAS: [&str; 9] = [
    "auto",
    "iface",
    "mapping",
    "no-auto-down",
    "no-scripts",
    "rename",
    "source",
    "source-directory",
    "template",
];

/// Options that run a command before or after the interface comes up.
const UP: [&str; 4] = ["up", "post-up", "pre-up", "xpre-up"];

/// Options that run a command when the interface goes down.
const DOWN: [&str; 3] = ["down", "pre-down", "post-down"];

/// Reads stanzas and their options. Indentation has no meaning.
pub fn read(text: &str) -> Reading {
    let mut reading = Reading::default();
    let mut stanza = Stanza::default();
    let single = statements(text, &['#'], &mut reading);
    for line in without_joined(single, &mut reading) {
        let word = line.tokens().next().expect("a statement has a token");
        if STANZAS.contains(&word.text) || word.text.starts_with("allow-") {
            stanza.end(&mut reading);
            stanza = Stanza::begin(&line, &mut reading);
        } else if !stanza.has_options {
            let reason = "the option is outside of an `iface` stanza";
            reading.leave(RestKind::Refused, line.span(), reason);
        } else {
            stanza.option(&line, &word, &mut reading);
        }
    }
    stanza.end(&mut reading);
    reading
}

/// The current stanza.
#[derive(Default)]
struct Stanza {
    has_options: bool,
    /// The interface, without the number of an alias (`ens33:0`).
    interface: String,
    is_static: bool,
    address: Option<(Result<IpNet, IpAddr>, Span)>,
    netmask: Option<(String, Span)>,
}

impl Stanza {
    fn begin(line: &Line<'_>, reading: &mut Reading) -> Self {
        let tokens: Vec<&str> = line.tokens().map(|token| token.text).collect();
        let mut stanza = Self::default();
        match tokens.as_slice() {
            ["iface", name, "inet" | "inet6", method] => {
                stanza.has_options = true;
                stanza.is_static = *method == "static";
                let alias = name.split(':').next().expect("a split gives at least one part");
                stanza.interface = alias.to_owned();
                reading.leave(RestKind::Unused, line.span(), "the name of the stanza");
            }
            ["iface", _, ..] => {
                stanza.has_options = true;
                reading.leave(RestKind::Lost, line.span(), "lvsgen does not read this family");
            }
            ["mapping", ..] => {
                stanza.has_options = true;
                reading.leave(RestKind::Lost, line.span(), "lvsgen does not read mappings");
            }
            ["auto", _, ..] => {
                reading.leave(RestKind::Unused, line.span(), "the interface is set up at boot");
            }
            [_, _, ..] => {
                reading.leave(RestKind::Lost, line.span(), "lvsgen does not read this stanza");
            }
            _ => reading.leave(RestKind::Refused, line.span(), "the stanza has no name"),
        }
        stanza
    }

    fn option(&mut self, line: &Line<'_>, word: &Line<'_>, reading: &mut Reading) {
        let value = line.text[word.text.len()..].trim();
        if value.is_empty() {
            return reading.leave(RestKind::Refused, line.span(), "the option has no value");
        }
        match word.text {
            name if UP.contains(&name) => match ip_command::read(value) {
                Effect::Fact(fact) => reading.fact(fact, line.span()),
                Effect::Rest(kind, reason) => reading.leave(kind, line.span(), reason),
            },
            name if DOWN.contains(&name) => {
                let reason = "the command runs when the interface goes down";
                reading.leave(RestKind::Unused, line.span(), reason);
            }
            "address" if self.is_static && self.address.is_none() => {
                match value.parse::<IpNet>().map(Ok).or_else(|_| value.parse().map(Err)) {
                    Ok(address) => self.address = Some((address, line.span())),
                    Err(_) => {
                        reading.leave(RestKind::Refused, line.span(), "the address is not valid");
                    }
                }
            }
            "netmask" if self.is_static && self.netmask.is_none() => {
                self.netmask = Some((value.to_owned(), line.span()));
            }
            "gateway" => match value.parse() {
                Ok(gateway) => reading.fact(Fact::DefaultRoute { gateway }, line.span()),
                Err(_) => reading.leave(RestKind::Refused, line.span(), "the gateway is not valid"),
            },
            // ifupdown passes every other option to the scripts in /etc/network/if-*.d.
            _ => reading.leave(RestKind::Lost, line.span(), "lvsgen does not read this option"),
        }
    }

    /// Ends the stanza and adds its address. If `address` has no prefix, `netmask` gives the prefix.
    fn end(&mut self, reading: &mut Reading) {
        let netmask = self.netmask.take();
        let Some((address, span)) = self.address.take() else {
            if let Some((_, span)) = netmask {
                reading.leave(RestKind::Unused, span, "a netmask without an address");
            }
            return;
        };
        let mut spans = vec![span];
        let mask = netmask.map(|(mask, span)| {
            spans.push(span);
            mask
        });
        let net = match (address, mask) {
            (Ok(net), _) => Some(net),
            (Err(address), None) => Some(address.into()),
            (Err(address), Some(mask)) => with_mask(address, &mask),
        };
        match net {
            Some(net) => {
                let fact = Fact::Address { interface: InterfaceRef::name(&self.interface), net };
                reading.facts.push(crate::facts::FactAt { fact, spans });
            }
            None => {
                for span in spans {
                    reading.leave(RestKind::Refused, span, "the netmask is not valid");
                }
            }
        }
    }
}

fn with_mask(address: IpAddr, mask: &str) -> Option<IpNet> {
    let prefix = match mask.parse::<IpAddr>() {
        Ok(mask) => ipnet::ip_mask_to_prefix(mask).ok()?,
        Err(_) => mask.parse().ok()?,
    };
    IpNet::new(address, prefix).ok()
}
