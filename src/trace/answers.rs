//! Requests for MAC addresses: the hosts that answer for the VIP, and whether two hosts reach each other.

use std::net::IpAddr;

use super::deliver::step;
use super::network::{Network, Node};
use super::step::{Event, Path, Step};
use crate::kernel::arp::{Answer, Silence};
use crate::kernel::host::{Cause, Verdict};

/// A reaction to a request, with its causes.
fn reaction(
    node: &Node<'_>,
    nic: &str,
    sender: IpAddr,
    target: IpAddr,
) -> Verdict<Option<Silence>> {
    match (target, sender) {
        (IpAddr::V4(target), IpAddr::V4(sender)) => {
            let answer = node.host.arp_answer(nic, sender, target);
            let silence = match answer.value {
                Answer::Answers => None,
                Answer::Silent(why) => Some(why),
            };
            Verdict::new(silence, answer.causes)
        }
        (IpAddr::V6(target), _) => {
            let answer = node.host.ndisc_answer(nic, target);
            Verdict::new((!answer.value).then_some(Silence::NotOwn), answer.causes)
        }
        (IpAddr::V4(_), IpAddr::V6(_)) => Verdict::new(Some(Silence::NotOwn), []),
    }
}

/// The positions and NICs of the hosts that answer for the VIP. The requests and answers become steps.
pub(super) fn takers(network: &Network<'_>, path: &mut Path) -> Vec<(usize, String)> {
    let vip = network.packet.address;
    let (asker, sender) = match network.gateway {
        Some(gateway) if !path.client.on_link => ("gateway".to_owned(), gateway),
        _ => (path.client.name.clone(), path.client.address),
    };
    if !network.segment.iter().any(|net| net.contains(&vip)) {
        return routed(network, path);
    }
    path.steps.push(Step { host: asker, event: Event::Asks(vip), causes: Vec::new() });
    let mut takers = Vec::new();
    for (at, node) in network.nodes.iter().enumerate() {
        if path.client.host == Some(at) {
            continue;
        }
        if node.is_down {
            path.steps.push(step(node, Event::IsDown, Vec::new()));
            continue;
        }
        let mut silent: Option<(Silence, Vec<Cause>)> = None;
        let before = takers.len();
        // Each NIC of the segment gets the request.
        for nic in network.nics_of(node) {
            let Verdict { value, causes } = reaction(node, nic, sender, vip);
            match value {
                None => {
                    path.steps.push(step(node, Event::Answers(nic.to_owned()), causes));
                    takers.push((at, nic.to_owned()));
                }
                Some(why) => silent = silent.or(Some((why, causes))),
            }
        }
        // A host without the VIP has no part in the way.
        let has = node.host.local(vip).is_some();
        if let Some((why, causes)) = silent.filter(|_| takers.len() == before && has) {
            path.steps.push(step(node, Event::Silent(why), causes));
        }
    }
    takers
}

/// A VIP outside of all networks: the router must have a route to the director that works.
fn routed(network: &Network<'_>, path: &mut Path) -> Vec<(usize, String)> {
    let vip = network.packet.address;
    let mut nodes = network.nodes.iter().enumerate().filter(|(_, node)| {
        let has = node.host.local(vip).is_some_and(|own| own.nic != crate::kernel::host::LOOPBACK);
        !node.is_down
            && (has
                || node.table.service(network.packet).is_some() && node.host.local(vip).is_some())
    });
    let Some((at, node)) = nodes.next() else { return Vec::new() };
    path.assumptions.push(format!("the router has a route to {vip} by {}", node.traced.name));
    let nics = network.nics_of(node);
    let nic = nics.first().copied().or_else(|| node.host.nics().first().copied());
    nic.map(|nic| (at, nic.to_owned())).into_iter().collect()
}

/// The step of a host that does not answer the request of another one for its address, so that no packet reaches it. `source`: the source
/// of the packet.
pub(super) fn unreachable(
    network: &Network<'_>,
    (from, nic): (&Node<'_>, &str),
    source: IpAddr,
    (to, address): (&Node<'_>, IpAddr),
) -> Option<Step> {
    let sender = from.host.arp_sender(nic, Some(source), address).value?;
    let own = network.nic_with(to, address)?;
    let Verdict { value, causes } = reaction(to, own, sender, address);
    value.map(|why| step(to, Event::Unreachable(why), causes))
}
