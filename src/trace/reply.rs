//! The way of the answer from a real server to the client.

use std::net::IpAddr;

use super::answers::unreachable;
use super::deliver::{Way, real_port, step};
use super::network::Node;
use super::step::{Event, Outcome, Server, Step, Target};
use crate::kernel::Parameter;
use crate::kernel::host::Cause;
use crate::kernel::ipvs::Choice;
use crate::kernel::route::{Arrival, Drop, Found, From, Input};

/// The real server answers with the VIP as the source.
pub(super) fn reply(way: Way<'_, '_>, node: &Node<'_>, server: &mut Server) {
    let Way { network, director, client } = way;
    let (vip, client) = (network.packet.address, client.address);
    let from = From { address: vip, port: Some(network.packet.port) };
    let out = node.host.output(client, Some(from));
    let Some(found) = out.value else {
        server.steps.push(step(node, Event::Drops(Drop::NoRoute), out.causes));
        return;
    };
    if let Found::Local(_) = found {
        server.steps.push(step(node, Event::KeepsAnswer, out.causes));
        return;
    }
    let next = found.gateway().unwrap_or(client);
    let hop = network.hop(found.nic(), next);
    let nic = found.nic().to_owned();
    let event = Event::Replies { source: vip, hop, to: way_out(found) };
    server.steps.push(step(node, event, out.causes));
    let asks = node.host.arp_sender(&nic, Some(vip), next);
    let mut outcome = Outcome::Answered;
    // IPv6 asks with an address of the NIC, which is never the VIP on the loopback device.
    if let Some(sender) = asks.value.filter(|_| vip.is_ipv4()) {
        // The host that answers requests for the VIP may also ask with the VIP.
        let wrong = sender == vip && node.traced.name != director.traced.name;
        server.steps.push(step(node, Event::AsksAs { target: next, sender, wrong }, asks.causes));
        if wrong {
            outcome = Outcome::Risky;
        }
    }
    let other = network.node_with(next).filter(|one| one.traced.name != node.traced.name);
    if let Some(other) = other
        && !passes(way, (node, &nic), (other, next), server)
    {
        return;
    }
    server.outcome = outcome;
}

/// Whether a host of the cluster that is the next host of an answer sends it on, or is the client itself.
fn passes(
    way: Way<'_, '_>,
    from: (&Node<'_>, &str),
    (router, own): (&Node<'_>, IpAddr),
    server: &mut Server,
) -> bool {
    let (network, vip) = (way.network, way.network.packet.address);
    if let Some(lost) = unreachable(network, from, vip, (router, own)) {
        server.steps.push(lost);
        return false;
    }
    let nic = network.nic_with(router, own).unwrap_or_default().to_owned();
    let arrival = Arrival { nic: &nic, source: vip, destination: way.client.address, port: None };
    let input = router.host.input(arrival);
    match input.value {
        Input::Dropped(why) => {
            server.steps.push(dropped(router, &nic, vip, why, input.causes));
            return false;
        }
        Input::Forward { nic, next } => {
            let hop = network.hop(&nic, next);
            server.steps.push(step(router, Event::PassesOn(hop), input.causes));
        }
        Input::Local => {}
    }
    true
}

/// A router of the cluster drops an answer. A director drops its own VIP as a source, whether it forwards packets or not.
fn dropped(router: &Node<'_>, nic: &str, vip: IpAddr, why: Drop, causes: Vec<Cause>) -> Step {
    let own = router.host.addresses.iter().find(|one| one.net.addr() == vip);
    match (why, own) {
        (Drop::NotForwarding, Some(own)) => {
            let (accepts, cause) = router.host.setting(Parameter::AcceptLocal, nic);
            let mut all = vec![Cause::Address(own.clone()), cause];
            all.extend(causes);
            let why = if accepts == 0 { Drop::OwnSource } else { why };
            step(router, Event::Drops(why), all)
        }
        _ => step(router, Event::Drops(why), causes),
    }
}

/// The real server answers with its own address, and the director must translate the source of the answer.
pub(super) fn translated(way: Way<'_, '_>, node: &Node<'_>, choice: &Choice, server: &mut Server) {
    let Way { network, director, client } = way;
    let (destination, client) = (choice.destination, client.address);
    let from = From { address: destination.address, port: Some(real_port(network, choice)) };
    let out = node.host.output(client, Some(from));
    let Some(found) = out.value else {
        server.steps.push(step(node, Event::Drops(Drop::NoRoute), out.causes));
        return;
    };
    let next = found.gateway().unwrap_or(client);
    let hop = network.hop(found.nic(), next);
    let is_director = director.host.addresses.iter().any(|one| one.net.addr() == next);
    let (source, to) = (destination.address, way_out(found));
    let nic = found.nic().to_owned();
    let event = Event::Replies { source, hop: hop.clone(), to };
    server.steps.push(step(node, event, out.causes.clone()));
    if !is_director {
        server.steps.push(step(node, Event::MissesDirector(hop), out.causes));
        return;
    }
    if let Some(lost) = unreachable(network, (node, &nic), source, (director, next)) {
        server.steps.push(lost);
        return;
    }
    let nic = network.nic_with(director, next).unwrap_or_default().to_owned();
    let arrival = Arrival { nic: &nic, source, destination: client, port: None };
    let input = director.host.input(arrival);
    let event = match input.value {
        Input::Forward { .. } => Event::Translates,
        Input::Dropped(why) => Event::Drops(why),
        // A client on the director itself gets no answer.
        Input::Local => Event::Takes,
    };
    if event == Event::Translates {
        server.outcome = Outcome::Answered;
    }
    server.steps.push(step(director, event, input.causes));
}

/// The kind of the next host.
fn way_out(found: Found<'_>) -> Target {
    match found {
        Found::Local(_) | Found::Connected(_) => Target::Client,
        Found::Route(route) if route.gateway.is_none() => Target::Router,
        Found::Route(_) => Target::Gateway,
    }
}
