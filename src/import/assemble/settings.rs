//! The kernel parameters, addresses and rules of firewalls that the model does not have, or has with another value.

use super::super::gather::{Picture, Seen};
use super::super::rules;
use super::Cx;
use crate::diagnostic::{Finding, Report, Rule};
use crate::facts::Fact;
use crate::ipvs::{Family, Forwarding};

/// Adds an entry for each fact that the model does not have as it is.
pub(super) fn report(cx: &Cx<'_>, report: &mut Report) {
    for picture in cx.pictures {
        for seen in &picture.facts {
            match &seen.fact {
                Fact::Setting { key, value } => setting(cx, picture, seen, key, value, report),
                Fact::Address { interface, net } if cx.vips.contains(&net.addr()) => {
                    let single = Family::of(net.addr()).host_prefix();
                    if net.prefix_len() == single {
                        continue;
                    }
                    let (rule, why) = match interface.to_string().starts_with("lo") {
                        true => (&rules::CHANGED, "the kernel takes the whole network for its own"),
                        false => (&rules::NO_EFFECT, "a VIP needs no network of its own"),
                    };
                    let message = format!(
                        "the prefix {} of the VIP becomes {single}: {why}",
                        net.prefix_len()
                    );
                    report.add(Finding::at(rule, seen.span, message));
                }
                Fact::Opens(_) => {
                    let message = "rules of your own firewall are not taken over";
                    report.add(Finding::at(&rules::LOST, seen.span, message));
                }
                _ => {}
            }
        }
    }
}

fn setting(
    cx: &Cx<'_>,
    picture: &Picture,
    seen: &Seen,
    key: &str,
    value: &str,
    report: &mut Report,
) {
    let dotted = key.replace('/', ".");
    if let Some((rule, message)) = difference(cx, picture, &dotted, value.trim()) {
        report.add(Finding::at(rule, seen.span, message));
    }
}

/// The difference between a parameter of a host and that of the model, if any.
fn difference(
    cx: &Cx<'_>,
    picture: &Picture,
    key: &str,
    value: &str,
) -> Option<(&'static Rule, String)> {
    let of_nic = key.strip_prefix("net.ipv4.conf.").and_then(|rest| rest.rsplit_once('.'));
    Some(match of_nic {
        Some(("lo", parameter @ ("arp_ignore" | "arp_announce"))) => {
            if has_for_all(picture, parameter) {
                return None;
            }
            let why = "the value of the NIC that gets the request counts";
            (&rules::NO_EFFECT, format!("`{key}` has no effect: {why}"))
        }
        Some((_, "arp_announce")) if value != "2" => {
            let why = "still names the VIP in ARP requests: the model sets 2";
            (&rules::CHANGED, format!("`{key} = {value}` {why}"))
        }
        Some((_, "arp_ignore")) if value == "0" => {
            (&rules::CHANGED, format!("`{key} = 0` answers ARP for the VIP: the model sets 1"))
        }
        Some((_, "arp_ignore" | "arp_announce" | "send_redirects")) => return None,
        _ if key == "net.ipv4.ip_forward" => {
            let tables = cx.tables.iter().flat_map(|(_, table)| &table.destinations);
            let mut ways = tables.map(|(_, one, _)| one.forwarding);
            if ways.any(|way| way == Forwarding::Masquerade) {
                return None;
            }
            (&rules::NO_EFFECT, format!("`{key}`: direct routing does not need it"))
        }
        _ => {
            let help = "no check asks for it; `tuning: { set: … }` can set it";
            (&rules::LOST, format!("`{key}`: {help}"))
        }
    })
}

/// Whether a host sets a parameter for all NICs, or for one that is not `lo`.
fn has_for_all(picture: &Picture, parameter: &str) -> bool {
    picture.facts.iter().any(|seen| match &seen.fact {
        Fact::Setting { key, .. } => {
            let dotted = key.replace('/', ".");
            dotted.ends_with(&format!(".{parameter}")) && !dotted.contains(".conf.lo.")
        }
        _ => false,
    })
}
