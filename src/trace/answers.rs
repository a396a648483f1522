//! The hosts that get the packets of a client: those that answer the request for the MAC address of the VIP.

use std::net::IpAddr;

use super::network::Network;
use super::step::{Event, Path, Step};
use crate::kernel::arp::{Answer, Silence};
use crate::kernel::host::Verdict;

/// The positions and NICs of the hosts that answer. The requests and answers become steps.
pub(super) fn takers(network: &Network<'_>, path: &mut Path) -> Vec<(usize, String)> {
    let vip = network.packet.address;
    let (asker, sender) = match network.gateway {
        Some(gateway) if !path.client.on_link => ("gateway".to_owned(), gateway),
        _ => (path.client.name.clone(), path.client.address),
    };
    if !network.vip_is_near() {
        return routed(network, path);
    }
    path.steps.push(Step { host: asker.clone(), event: Event::Asks(vip), causes: Vec::new() });
    let mut takers = Vec::new();
    for (at, node) in network.nodes.iter().enumerate() {
        if path.client.host == Some(at) {
            continue;
        }
        let Some(nic) = network.nic_of(node) else { continue };
        let verdict = match (vip, sender) {
            _ if node.is_down => Verdict::new(Event::IsDown, []),
            (IpAddr::V4(vip), IpAddr::V4(sender)) => {
                let answer = node.host.arp_answer(nic, sender, vip);
                let event = match answer.value {
                    Answer::Answers => Event::Answers(nic.to_owned()),
                    Answer::Silent(why) => Event::Silent(why),
                };
                Verdict::new(event, answer.causes)
            }
            (IpAddr::V6(vip), _) => {
                let answer = node.host.ndisc_answer(nic, vip);
                let event = match answer.value {
                    true => Event::Answers(nic.to_owned()),
                    false => Event::Silent(Silence::NotOwn),
                };
                Verdict::new(event, answer.causes)
            }
            _ => continue,
        };
        // A host without the VIP has no part in the way.
        let (value, causes) = (verdict.value, verdict.causes);
        let plain = value == Event::Silent(Silence::NotOwn) && node.host.local(vip).is_none();
        if value == Event::Answers(nic.to_owned()) {
            takers.push((at, nic.to_owned()));
        }
        if !plain {
            path.steps.push(Step { host: node.traced.name.clone(), event: value, causes });
        }
    }
    takers
}

/// A VIP outside of all networks: the router must have a route to the director that works.
fn routed(network: &Network<'_>, path: &mut Path) -> Vec<(usize, String)> {
    let vip = network.packet.address;
    path.assumptions.push(format!("the router has a route to {vip} by the director that works"));
    let mut nodes = network.nodes.iter().enumerate().filter(|(_, node)| {
        !node.is_down
            && node.table.service(network.packet).is_some()
            && node.host.local(vip).is_some()
    });
    let first = nodes.next();
    first.and_then(|(at, node)| Some((at, network.nic_of(node)?.to_owned()))).into_iter().collect()
}
