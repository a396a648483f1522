//! Walks from each client to the service.

use std::collections::BTreeSet;
use std::net::IpAddr;

use super::answers;
use super::clients::{Asked, Client};
use super::deliver;
use super::hosts::Hosts;
use super::network::{Network, Node, Options};
use super::step::{Event, Outcome, Path, Step};
use super::text::{FEW, few};
use crate::kernel::Moment;
use crate::kernel::host::Cause;
use crate::kernel::ipvs::Packet;

/// The ways of all clients.
#[derive(Clone, Debug)]
pub struct Trace {
    /// The packets of the clients.
    pub packet: Packet,
    /// The router of the segment.
    pub gateway: Option<IpAddr>,
    /// The ways, client by client.
    pub paths: Vec<Path>,
    /// The places from which no client can ask, with the reason.
    pub missing: Vec<String>,
    /// Whether the user asked for the clients.
    pub asked: bool,
    /// The names of the directors and the real servers, which are no usual clients.
    members: BTreeSet<String>,
}

impl Trace {
    /// Walks from each client at each moment. Equal ways of one client are one path.
    ///
    /// # Errors
    /// The reason why the network has no client that the user asks for.
    pub fn new(hosts: &Hosts, options: &Options) -> Result<Self, String> {
        let mut trace = Self {
            packet: options.packet,
            gateway: None,
            paths: Vec::new(),
            missing: Vec::new(),
            asked: !options.from.is_empty(),
            members: BTreeSet::new(),
        };
        for moment in &options.moments {
            let network = Network::new(hosts, options, *moment);
            trace.gateway = network.gateway;
            trace.members = members(&network);
            let (clients, missing) = clients(&network, options)?;
            trace.missing = missing;
            for client in clients {
                let path = walk(&network, client, *moment);
                let same = |one: &&mut Path| {
                    one.client.name == path.client.name
                        && one.outcome == path.outcome
                        && (&one.steps, &one.takers) == (&path.steps, &path.takers)
                };
                match trace.paths.iter_mut().find(same) {
                    Some(known) => known.moments.push(*moment),
                    None => trace.paths.push(path),
                }
            }
        }
        Ok(trace)
    }

    /// Whether every real server that can be chosen answers every client. A real server and a director are no usual clients: their ways
    /// count only if the user asks for them.
    pub fn is_good(&self) -> bool {
        self.paths.iter().all(|path| match path.outcome {
            Outcome::Answered | Outcome::Itself => true,
            _ if !self.asked && self.members.contains(&path.client.name) => true,
            Outcome::OwnClient | Outcome::Risky | Outcome::Broken => false,
        })
    }
}

/// The directors and the real servers.
fn members(network: &Network<'_>) -> BTreeSet<String> {
    let tables = || network.nodes.iter().flat_map(|node| &node.table.destinations);
    let servers: BTreeSet<IpAddr> = tables().map(|(_, one, _)| one.address).collect();
    let is_server =
        |node: &Node<'_>| node.host.addresses.iter().any(|own| servers.contains(&own.net.addr()));
    let members =
        network.nodes.iter().filter(|node| !node.table.services.is_empty() || is_server(node));
    members.map(|node| node.traced.name.clone()).collect()
}

/// The clients of the user; or all places, and the reasons why some places have no client.
fn clients(network: &Network<'_>, options: &Options) -> Result<(Vec<Client>, Vec<String>), String> {
    if !options.from.is_empty() {
        let found: Result<Vec<Client>, String> =
            options.from.iter().map(|asked| network.client(asked)).collect();
        return Ok((found?, Vec::new()));
    }
    let places = [Asked::Outside, Asked::OnLink].into_iter();
    let hosts = network.nodes.iter().filter(|node| !node.is_down);
    let hosts = hosts.map(|node| Asked::Host(node.traced.name.clone()));
    let (mut found, mut missing) = (Vec::new(), Vec::new());
    for asked in places.chain(hosts) {
        match network.client(&asked) {
            Ok(client) => found.push(client),
            Err(why) => missing.push(why),
        }
    }
    Ok((found, missing))
}

/// The way of one client.
fn walk(network: &Network<'_>, client: Client, moment: Moment) -> Path {
    let mut path = Path {
        client,
        moments: vec![moment],
        steps: Vec::new(),
        takers: Vec::new(),
        outcome: Outcome::Broken,
        assumptions: Vec::new(),
    };
    if let Some(node) = path.client.host.map(|at| &network.nodes[at])
        && let Some(own) = node.host.local(network.packet.address)
    {
        let name = node.traced.name.clone();
        let causes = vec![Cause::Address(own.clone())];
        path.steps.push(Step { host: name.clone(), event: Event::Takes, causes });
        // The packets of a director leave with the VIP as their source.
        path.outcome = match node.table.service(network.packet) {
            Some(_) => Outcome::OwnClient,
            None => Outcome::Itself,
        };
        if path.outcome == Outcome::OwnClient {
            path.steps.push(Step { host: name, event: Event::OwnClient, causes: Vec::new() });
        }
        return path;
    }
    for (at, nic) in answers::takers(network, &mut path) {
        let taker = deliver::deliver(network, &network.nodes[at], &nic, &path.client);
        path.takers.push(taker);
    }
    path.outcome = outcome(&path);
    assumptions(network, &mut path);
    path
}

/// The result of a way: that of the worst real server. If two hosts answer the request, either may win.
fn outcome(path: &Path) -> Outcome {
    let each = path.takers.iter().map(|taker| {
        let direct = taker.steps.iter().any(|step| step.event == Event::NotBalanced);
        let worst = taker.servers.iter().map(|server| server.outcome).max();
        match worst {
            None if direct && path.takers.len() > 1 => Outcome::Risky,
            worst => worst.unwrap_or(Outcome::Broken),
        }
    });
    let worst = each.max().unwrap_or(Outcome::Broken);
    if path.takers.len() > 1 { worst.max(Outcome::Risky) } else { worst }
}

/// The things that no file shows.
fn assumptions(network: &Network<'_>, path: &mut Path) {
    let servers = || path.takers.iter().flat_map(|taker| &taker.servers);
    let used: BTreeSet<&str> = servers().map(|server| server.host.as_str()).collect();
    let nodes = || network.nodes.iter().filter(|node| used.contains(&node.traced.name.as_str()));
    let (protocol, port) = (network.packet.protocol, network.packet.port);
    let names = |keep: &dyn Fn(&Node<'_>) -> bool| -> Vec<&str> {
        nodes().filter(|node| keep(node)).map(|node| node.traced.name.as_str()).collect()
    };
    let mut all = Vec::new();
    let plain = names(&|node| !node.traced.shows_defaults);
    if !plain.is_empty() {
        let why = "/usr/lib/sysctl.d is not given";
        all.push(format!(
            "{}: the other kernel parameters are those of the kernel ({why})",
            few(&plain, FEW)
        ));
    }
    for name in names(&|node| node.traced.outside) {
        all.push(format!("{name} has a default route"));
    }
    let unknown = names(&|node| !node.traced.listens(protocol, port));
    if !unknown.is_empty() {
        all.push(format!("a server listens on port {port} of {}", few(&unknown, FEW)));
    }
    let known: BTreeSet<&str> = nodes().map(|node| node.traced.name.as_str()).collect();
    let given = |name: &str| known.contains(name);
    let missing =
        servers().filter(|server| server.outcome == Outcome::Answered && !given(&server.host));
    let missing: Vec<&str> = missing.map(|server| server.host.as_str()).collect();
    if !missing.is_empty() {
        all.push(format!(
            "{}: the files are not given; it has the VIP and answers",
            few(&missing, FEW)
        ));
    }
    let others = routers(network, path);
    if !others.is_empty() {
        all.push(format!("{} is a router that works", few(&others, FEW)));
    }
    all.push("no packet filter of the site drops the packets".to_owned());
    path.assumptions.extend(all);
}

/// The next hosts of answers that no file and no model knows.
fn routers(network: &Network<'_>, path: &Path) -> Vec<String> {
    let servers = path.takers.iter().flat_map(|taker| &taker.servers);
    let gateways = servers.flat_map(|server| &server.steps).filter_map(|step| match &step.event {
        Event::Replies { hop, .. } if hop.name.is_none() => Some(hop.next),
        _ => None,
    });
    let mut others: Vec<String> = gateways
        .filter(|next| *next != path.client.address && Some(*next) != network.gateway)
        .map(|next| next.to_string())
        .collect();
    others.dedup();
    others
}
