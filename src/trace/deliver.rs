//! The way from the host that gets the packet to the real servers.

use std::net::IpAddr;

use super::answers::unreachable;
use super::clients::Client;
use super::network::{Network, Node};
use super::reply;
use super::step::{Event, Hop, Outcome, Server, Step, Taker};
use crate::ipvs::{Family, Forwarding, Service};
use crate::kernel::host::{Cause, LOOPBACK};
use crate::kernel::ipvs::Choice;
use crate::kernel::route::{Arrival, Drop, Found, Input};

/// The steps of one host.
pub(super) fn step(node: &Node<'_>, event: Event, causes: Vec<Cause>) -> Step {
    Step { host: node.traced.name.clone(), event, causes }
}

/// The director and the client of a way.
#[derive(Clone, Copy)]
pub(super) struct Way<'w, 'h> {
    pub(super) network: &'w Network<'h>,
    pub(super) director: &'w Node<'h>,
    pub(super) client: &'w Client,
}

impl<'h> Network<'h> {
    /// The next host of a way.
    pub(super) fn hop(&self, nic: &str, next: IpAddr) -> Hop {
        let name = self.node_with(next).map(|node| node.traced.name.clone());
        Hop { nic: nic.to_owned(), next, name }
    }
}

/// A host gets a packet of the client on a NIC.
pub(super) fn deliver<'h>(
    network: &Network<'h>,
    node: &Node<'h>,
    nic: &str,
    client: &Client,
) -> Taker {
    let mut taker =
        Taker { host: node.traced.name.clone(), steps: Vec::new(), servers: Vec::new() };
    let packet = network.packet;
    let (source, destination, port) = (client.address, packet.address, Some(packet.port));
    let way = node.host.input(Arrival { nic, source, destination, port });
    match way.value {
        Input::Dropped(why) => taker.steps.push(step(node, Event::Drops(why), way.causes)),
        Input::Forward { nic, next } => {
            let hop = network.hop(&nic, next);
            taker.steps.push(step(node, Event::PassesOn(hop), way.causes));
        }
        Input::Local => {
            taker.steps.push(step(node, Event::Takes, way.causes));
            balance(Way { network, director: node, client }, &mut taker);
        }
    }
    taker
}

/// The host takes the packet: its table chooses a real server, or a program of the host gets the packet.
fn balance(way: Way<'_, '_>, taker: &mut Taker) {
    let Way { network, director, .. } = way;
    let Some((service, place)) = director.table.service(network.packet) else {
        taker.steps.push(step(director, Event::NotBalanced, Vec::new()));
        return;
    };
    let event = Event::Finds {
        scheduler: service.scheduler.to_string(),
        persistent: service.persistence.is_some(),
        place: *place,
    };
    taker.steps.push(step(director, event, Vec::new()));
    let choices = choices(way, service);
    if choices.is_empty() {
        taker.steps.push(step(director, Event::NoServer, Vec::new()));
    }
    taker.servers = choices.iter().map(|choice| forward(way, choice)).collect();
}

/// The real servers that can be chosen. A check takes a dead one out of the table, and the sorry server comes when all are gone.
fn choices(way: Way<'_, '_>, service: &Service) -> Vec<Choice> {
    let Way { network, director, .. } = way;
    let mut choices = director.table.choices(service);
    let dead = |address: IpAddr| {
        let down = network.node_with(address).is_some_and(|one| one.is_down);
        down && director.traced.checks(address)
    };
    choices.retain(|one| !dead(one.destination.address));
    if choices.is_empty()
        && let Some((destination, place)) = director.traced.sorry_server(service)
    {
        choices.push(Choice { destination, share: 1.0, place: Some(place) });
    }
    let total: f64 = choices.iter().map(|one| one.share).sum();
    choices.iter_mut().for_each(|one| one.share /= total);
    choices
}

/// The director sends the packet to a real server.
fn forward(way: Way<'_, '_>, choice: &Choice) -> Server {
    let Way { network, director, .. } = way;
    let address = choice.destination.address;
    let node = network.node_with(address);
    let forwarding = choice.destination.forwarding;
    let mut server = Server {
        host: node.map_or_else(|| address.to_string(), |node| node.traced.name.clone()),
        share: choice.share,
        forwarding,
        place: choice.place,
        steps: Vec::new(),
        outcome: Outcome::Broken,
    };
    let out = director.host.output(address, None);
    let Some(found) = out.value else {
        server.steps.push(step(director, Event::Drops(Drop::NoRoute), out.causes));
        return server;
    };
    if let Found::Local(_) = found {
        server.steps.push(step(director, Event::IsServer, out.causes));
        reply::reply(way, director, &mut server);
        return server;
    }
    let hop = network.hop(found.nic(), found.gateway().unwrap_or(address));
    let is_near = found.gateway().is_none();
    if forwarding == Forwarding::Direct && !is_near {
        server.steps.push(step(director, Event::RoutesDirect(hop), out.causes));
        return server;
    }
    send(way, choice, (hop, is_near), out.causes, &mut server);
    server
}

/// The packet leaves the director. `is_near`: the real server is on the segment of the NIC.
fn send(
    way: Way<'_, '_>,
    choice: &Choice,
    (hop, is_near): (Hop, bool),
    causes: Vec<Cause>,
    server: &mut Server,
) {
    let Way { network, director, client } = way;
    let (address, forwarding) = (choice.destination.address, choice.destination.forwarding);
    let port = choice.destination.port;
    let ignores = forwarding != Forwarding::Masquerade && port != 0 && port != network.packet.port;
    let ignored_port = ignores.then_some(port);
    let nic = hop.nic.clone();
    let event = Event::Sends { hop, forwarding, ignored_port };
    server.steps.push(step(director, event, causes));
    match network.node_with(address) {
        Some(node) if node.is_down => server.steps.push(step(node, Event::IsDown, Vec::new())),
        Some(node) => {
            let lost = is_near
                .then(|| unreachable(network, (director, &nic), client.address, (node, address)));
            match lost.flatten() {
                Some(lost) => server.steps.push(lost),
                None => receive(way, node, choice, server),
            }
        }
        None if network.may_exist(address) => server.outcome = Outcome::Answered,
        None => server.steps.push(step(director, Event::Nobody(address), Vec::new())),
    }
}

/// The real server gets the packet.
fn receive(way: Way<'_, '_>, node: &Node<'_>, choice: &Choice, server: &mut Server) {
    let Way { network, director, client } = way;
    let address = choice.destination.address;
    let nic = network.nic_with(node, address).unwrap_or_default().to_owned();
    let (source, vip) = (client.address, network.packet.address);
    let port = Some(network.packet.port);
    match choice.destination.forwarding {
        Forwarding::Direct => {
            let arrival = Arrival { nic: &nic, source, destination: vip, port };
            if accept(network, node, arrival, server) {
                serve(way, node, server);
            }
        }
        Forwarding::Masquerade => {
            let port = Some(real_port(network, choice));
            let arrival = Arrival { nic: &nic, source, destination: address, port };
            if accept(network, node, arrival, server) {
                reply::translated(way, node, choice, server);
            }
        }
        Forwarding::Tunnel => {
            let outer = director.host.source_for(address).unwrap_or(address);
            let arrival = Arrival { nic: &nic, source: outer, destination: address, port: None };
            if !accept(network, node, arrival, server) {
                return;
            }
            let device = node.traced.tunnel(Family::of(address), Family::of(vip));
            let Some((device, place)) = device else {
                server.steps.push(step(node, Event::CannotUnpack, Vec::new()));
                return;
            };
            let event = Event::Unpacks { device: device.to_owned(), place };
            server.steps.push(step(node, event, Vec::new()));
            let arrival = Arrival { nic: device, source, destination: vip, port };
            if accept(network, node, arrival, server) {
                serve(way, node, server);
            }
        }
    }
}

/// The port of a packet at a real server. A mark keeps the port of the packet.
pub(super) fn real_port(network: &Network<'_>, choice: &Choice) -> u16 {
    match choice.destination.port {
        0 => network.packet.port,
        port => port,
    }
}

/// Whether a host takes a packet. The decision becomes a step.
fn accept(
    network: &Network<'_>,
    node: &Node<'_>,
    arrival: Arrival<'_>,
    server: &mut Server,
) -> bool {
    let way = node.host.input(arrival);
    let event = match way.value {
        Input::Local => Event::Takes,
        Input::Dropped(why) => Event::Drops(why),
        Input::Forward { nic, next } => {
            let hop = network.hop(&nic, next);
            let director =
                network.node_with(next).is_some_and(|one| !one.table.services.is_empty());
            if director { Event::Loops(hop) } else { Event::PassesOn(hop) }
        }
    };
    let takes = event == Event::Takes;
    server.steps.push(step(node, event, way.causes));
    takes
}

/// The real server has the packet with the VIP: its own table must not take the packet again. `backup_only` has an effect only while the
/// host listens to the sync daemon of another director (`sysctl_backup_only`).
fn serve(way: Way<'_, '_>, node: &Node<'_>, server: &mut Server) {
    let backup_only = node.host.settings.written("net/ipv4/vs/backup_only");
    let on = backup_only.is_some_and(|one| one.value != 0) && node.traced.synchronises();
    let vip = way.network.packet.address;
    let again = node.table.service(way.network.packet).is_some()
        && !on
        && node.host.local(vip).is_some_and(|own| own.nic == LOOPBACK);
    if again {
        server.steps.push(step(node, Event::BalancesAgain, Vec::new()));
        return;
    }
    reply::reply(way, node, server);
}
