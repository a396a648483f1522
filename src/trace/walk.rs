//! Walks from each client to the service.

use super::answers;
use super::clients::{Asked, Client};
use super::deliver;
use super::hosts::Hosts;
use super::network::{Network, Options};
use super::step::{Event, Outcome, Path, Step};
use crate::kernel::Moment;
use crate::kernel::ipvs::Packet;

/// The ways of all clients.
#[derive(Clone, Debug)]
pub struct Trace {
    /// The packets of the clients.
    pub packet: Packet,
    /// The router of the segment.
    pub gateway: Option<std::net::IpAddr>,
    /// The ways, client by client.
    pub paths: Vec<Path>,
    /// Whether the user asked for the clients.
    pub asked: bool,
}

impl Trace {
    /// Walks from each client at each moment. Equal ways of one client are one path.
    ///
    /// # Errors
    /// The name of a client that the network does not have.
    pub fn new(hosts: &Hosts, options: &Options) -> Result<Self, String> {
        let mut paths: Vec<Path> = Vec::new();
        let mut gateway = None;
        for moment in &options.moments {
            let network = Network::new(hosts, options, *moment);
            gateway = network.gateway;
            for client in clients(&network, options)? {
                let path = walk(&network, client, *moment);
                let same = |one: &&mut Path| {
                    one.client.name == path.client.name
                        && one.outcome == path.outcome
                        && (&one.steps, &one.servers) == (&path.steps, &path.servers)
                };
                match paths.iter_mut().find(same) {
                    Some(known) => known.moments.push(*moment),
                    None => paths.push(path),
                }
            }
        }
        let asked = !options.from.is_empty();
        Ok(Self { packet: options.packet, gateway, paths, asked })
    }

    /// Whether every real server that can be chosen answers every client. A real server of the service and a director are no usual
    /// clients: their ways count only if the user asks for them.
    pub fn is_good(&self) -> bool {
        let is_server =
            |path: &Path| path.servers.iter().any(|server| server.host == path.client.name);
        let counts = |path: &&Path| self.asked || !is_server(path);
        self.paths.iter().filter(counts).all(|path| path.outcome < Outcome::Risky)
    }
}

/// The clients of the user, or all places.
fn clients(network: &Network<'_>, options: &Options) -> Result<Vec<Client>, String> {
    if options.from.is_empty() {
        let places = [Asked::Outside, Asked::OnLink].into_iter();
        let hosts = network.nodes.iter().filter(|node| !node.is_down);
        let hosts = hosts.map(|node| Asked::Host(node.traced.name.clone()));
        return Ok(places.chain(hosts).filter_map(|one| network.client(&one)).collect());
    }
    let found = options.from.iter().map(|asked| {
        network.client(asked).ok_or_else(|| match asked {
            Asked::Outside => {
                "no file names a gateway of the segment, so there is no client `outside`".to_owned()
            }
            Asked::Host(name) => format!("there is no host `{name}` with an address"),
            Asked::OnLink | Asked::Address(_) => "no file shows the network of the VIP".to_owned(),
        })
    });
    found.collect()
}

/// The way of one client.
fn walk(network: &Network<'_>, client: Client, moment: Moment) -> Path {
    let mut path = Path {
        client,
        moments: vec![moment],
        steps: Vec::new(),
        servers: Vec::new(),
        outcome: Outcome::Broken,
        assumptions: Vec::new(),
    };
    if let Some(node) = path.client.host.map(|at| &network.nodes[at])
        && let Some(own) = node.host.local(network.packet.address)
    {
        let cause = crate::kernel::host::Cause::Address(own.clone());
        let name = node.traced.name.clone();
        path.steps.push(Step { host: name, event: Event::Takes, causes: vec![cause] });
        // A director cannot be its own client: the packet would leave with the VIP as its source.
        path.outcome = match node.table.service(network.packet) {
            Some(_) => Outcome::OwnClient,
            None => Outcome::Itself,
        };
        if path.outcome == Outcome::OwnClient {
            deliver::own_client(network, node, &mut path);
        }
        return path;
    }
    let takers = answers::takers(network, &mut path);
    for (at, nic) in takers.iter() {
        deliver::deliver(network, &network.nodes[*at], nic, &mut path);
    }
    path.outcome = outcome(&path, takers.len());
    assumptions(network, &mut path);
    path
}

/// The result of a way: that of the worst real server. If two hosts answer the request, either may win. A host that answers without a
/// table balances nothing.
fn outcome(path: &Path, takers: usize) -> Outcome {
    let worst = path.servers.iter().map(|server| server.outcome).max();
    let dies = path
        .steps
        .iter()
        .any(|step| matches!(step.event, Event::Drops(_) | Event::PassesOn(_) | Event::NoServer));
    let direct = path.steps.iter().any(|step| step.event == Event::NotBalanced);
    match worst {
        _ if takers == 0 || dies => Outcome::Broken,
        Some(worst) if takers > 1 => worst.max(Outcome::Risky),
        Some(worst) if !direct => worst,
        _ => Outcome::Broken,
    }
}

/// The things that no file shows.
fn assumptions(network: &Network<'_>, path: &mut Path) {
    let used: Vec<&str> = path.servers.iter().map(|server| server.host.as_str()).collect();
    let nodes = network.nodes.iter().filter(|node| used.contains(&node.traced.name.as_str()));
    let (protocol, port) = (network.packet.protocol, network.packet.port);
    let mut unknown: Vec<&str> = Vec::new();
    for node in nodes {
        if !node.traced.listens(protocol, port) {
            unknown.push(&node.traced.name);
        }
    }
    let plain = network.nodes.iter().filter(|node| !node.traced.shows_defaults);
    let plain: Vec<&str> = plain.map(|node| node.traced.name.as_str()).collect();
    if !plain.is_empty() {
        let why = "/usr/lib/sysctl.d is not given";
        path.assumptions.push(format!(
            "the other kernel parameters of {} are those of the kernel ({why})",
            few(&plain)
        ));
    }
    let outside = network
        .nodes
        .iter()
        .filter(|node| node.traced.outside && used.contains(&node.traced.name.as_str()));
    for node in outside {
        path.assumptions.push(format!("{} has a default route", node.traced.name));
    }
    if !unknown.is_empty() {
        path.assumptions.push(format!("a server listens on port {port} of {}", few(&unknown)));
    }
    path.assumptions.push("no packet filter of the site drops the packets".to_owned());
}

/// The first names of a list, and the number of the others.
fn few(names: &[&str]) -> String {
    let shown = names.iter().take(3).copied().collect::<Vec<_>>().join(", ");
    match names.len().saturating_sub(3) {
        0 => shown,
        more => format!("{shown} and {more} more"),
    }
}
