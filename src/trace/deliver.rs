//! The way from the host that gets the packet to the real servers.

use std::net::IpAddr;

use super::network::{Network, Node};
use super::reply;
use super::step::{Event, Hop, Outcome, Path, Server, Step};
use crate::ipvs::{Family, Forwarding};
use crate::kernel::host::{Cause, LOOPBACK};
use crate::kernel::ipvs::Choice;
use crate::kernel::route::{Arrival, Found, Input};

/// The steps of one host.
pub(super) fn step(node: &Node<'_>, event: Event, causes: Vec<Cause>) -> Step {
    Step { host: node.traced.name.clone(), event, causes }
}

impl<'h> Network<'h> {
    /// The next host of a way.
    pub(super) fn hop(&self, nic: &str, next: IpAddr) -> Hop {
        let name = self.node_with(next).map(|node| node.traced.name.clone());
        Hop { nic: nic.to_owned(), next, name }
    }
}

/// A host gets a packet of the client on a NIC.
pub(super) fn deliver(network: &Network<'_>, node: &Node<'_>, nic: &str, path: &mut Path) {
    let packet = network.packet;
    let (source, destination, port) = (path.client.address, packet.address, Some(packet.port));
    let arrival = Arrival { nic, source, destination, port };
    let way = node.host.input(arrival);
    match way.value {
        Input::Dropped(why) => path.steps.push(step(node, Event::Drops(why), way.causes)),
        Input::Forward { nic, next } => {
            let hop = network.hop(&nic, next);
            path.steps.push(step(node, Event::PassesOn(hop), way.causes));
        }
        Input::Local => {
            path.steps.push(step(node, Event::Takes, way.causes));
            balance(network, node, path);
        }
    }
}

/// The host takes the packet: its table chooses a real server, or a program of the host gets the packet.
fn balance(network: &Network<'_>, node: &Node<'_>, path: &mut Path) {
    let Some((service, place)) = node.table.service(network.packet) else {
        path.steps.push(step(node, Event::NotBalanced, Vec::new()));
        let mut server = Server {
            host: node.traced.name.clone(),
            share: 1.0,
            forwarding: Forwarding::Direct,
            place: None,
            steps: Vec::new(),
            outcome: Outcome::Broken,
        };
        reply::reply(network, node, node, path, &mut server);
        path.servers.push(server);
        return;
    };
    let event = Event::Finds {
        scheduler: service.scheduler.to_string(),
        persistent: service.persistence.is_some(),
        place: *place,
    };
    path.steps.push(step(node, event, Vec::new()));
    // A check takes a dead real server out of the table.
    let mut choices = node.table.choices(service);
    let dead = |address: IpAddr| network.node_with(address).is_some_and(|one| one.is_down);
    choices.retain(|one| {
        !(dead(one.destination.address) && node.traced.checks(one.destination.address))
    });
    let total: f64 = choices.iter().map(|one| one.share).sum();
    choices.iter_mut().for_each(|one| one.share /= total);
    if choices.is_empty() {
        path.steps.push(step(node, Event::NoServer, Vec::new()));
    }
    for choice in choices {
        let server = forward(network, node, &choice, path);
        path.servers.push(server);
    }
}

/// A director that is its own client: the packet leaves with the VIP as its source, and the answer stays with the real server.
pub(super) fn own_client(network: &Network<'_>, node: &Node<'_>, path: &mut Path) {
    let Some((service, place)) = node.table.service(network.packet) else { return };
    let event = Event::Finds {
        scheduler: service.scheduler.to_string(),
        persistent: service.persistence.is_some(),
        place: *place,
    };
    path.steps.push(step(node, event, Vec::new()));
    path.steps.push(step(node, Event::OwnClient, Vec::new()));
}

/// The director sends the packet to a real server.
fn forward(network: &Network<'_>, director: &Node<'_>, choice: &Choice, path: &Path) -> Server {
    let address = choice.destination.address;
    let node = network.node_with(address);
    let mut server = Server {
        host: node.map_or_else(|| address.to_string(), |node| node.traced.name.clone()),
        share: choice.share,
        forwarding: choice.destination.forwarding,
        place: choice.place,
        steps: Vec::new(),
        outcome: Outcome::Broken,
    };
    let way = director.host.output(address, None);
    let Some(found) = way.value else {
        let event = Event::Drops(crate::kernel::route::Drop::NoRoute);
        server.steps.push(step(director, event, way.causes));
        return server;
    };
    if let Found::Local(_) = found {
        server.steps.push(step(director, Event::IsServer, way.causes));
        reply::reply(network, director, director, path, &mut server);
        return server;
    }
    let hop = network.hop(found.nic(), found.gateway().unwrap_or(address));
    if choice.destination.forwarding == Forwarding::Direct && found.gateway().is_some() {
        server.steps.push(step(director, Event::RoutesDirect(hop), way.causes));
        return server;
    }
    let forwarding = choice.destination.forwarding;
    let port = choice.destination.port;
    let ignores = forwarding != Forwarding::Masquerade && port != 0 && port != network.packet.port;
    let ignored_port = ignores.then_some(port);
    let event = Event::Sends { hop, forwarding, ignored_port };
    server.steps.push(step(director, event, way.causes));
    match node {
        Some(node) if node.is_down => server.steps.push(step(node, Event::IsDown, Vec::new())),
        Some(node) => receive(network, director, node, choice, path, &mut server),
        // Nobody gave the files of the real server.
        None => server.outcome = Outcome::Answered,
    }
    server
}

/// The real server gets the packet.
fn receive(
    network: &Network<'_>,
    director: &Node<'_>,
    node: &Node<'_>,
    choice: &Choice,
    path: &Path,
    server: &mut Server,
) {
    let address = choice.destination.address;
    let own = node.host.addresses.iter().find(|one| one.net.addr() == address);
    let nic = network.nic_near(node, address).map(str::to_owned);
    let nic = nic.or_else(|| own.map(|one| one.nic.clone())).unwrap_or_default();
    let (source, vip) = (path.client.address, network.packet.address);
    let port = Some(network.packet.port);
    match choice.destination.forwarding {
        Forwarding::Direct => {
            let arrival = Arrival { nic: &nic, source, destination: vip, port };
            if accept(network, node, arrival, server) {
                serve(network, director, node, path, server);
            }
        }
        Forwarding::Masquerade => {
            let port = Some(real_port(network, choice));
            let arrival = Arrival { nic: &nic, source, destination: address, port };
            if accept(network, node, arrival, server) {
                reply::translated(network, director, node, path, choice, server);
            }
        }
        Forwarding::Tunnel => {
            let outer = director.host.source_for(address).unwrap_or(address);
            let arrival = Arrival { nic: &nic, source: outer, destination: address, port: None };
            if !accept(network, node, arrival, server) {
                return;
            }
            let Some((device, place)) = node.traced.tunnel(Family::of(address)) else {
                server.steps.push(step(node, Event::CannotUnpack, Vec::new()));
                return;
            };
            let event = Event::Unpacks { device: device.to_owned(), place };
            server.steps.push(step(node, event, Vec::new()));
            let arrival = Arrival { nic: device, source, destination: vip, port };
            if accept(network, node, arrival, server) {
                serve(network, director, node, path, server);
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
        Input::Forward { nic, next } => Event::PassesOn(network.hop(&nic, next)),
    };
    let takes = event == Event::Takes;
    server.steps.push(step(node, event, way.causes));
    takes
}

/// The real server has the packet with the VIP: its own table must not take the packet again, and a program must listen.
fn serve(
    network: &Network<'_>,
    director: &Node<'_>,
    node: &Node<'_>,
    path: &Path,
    server: &mut Server,
) {
    let backup_only = node.host.settings.written("net/ipv4/vs/backup_only");
    let again = node.table.service(network.packet).is_some()
        && backup_only.is_none_or(|one| one.value == 0)
        && node.host.local(network.packet.address).is_some_and(|own| own.nic == LOOPBACK);
    if again {
        server.steps.push(step(node, Event::BalancesAgain, Vec::new()));
        return;
    }
    reply::reply(network, director, node, path, server);
}
