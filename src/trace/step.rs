//! The steps of a packet.

use std::net::IpAddr;

use super::clients::Client;
use crate::ipvs::Forwarding;
use crate::kernel::Moment;
use crate::kernel::arp::Silence;
use crate::kernel::host::Cause;
use crate::kernel::route::Drop;
use crate::source::Span;

/// The way of the packets of one client.
#[derive(Clone, Debug, PartialEq)]
pub struct Path {
    /// The client.
    pub client: Client,
    /// The moments at which the way is this one.
    pub moments: Vec<Moment>,
    /// The request for the MAC address of the VIP, and the reactions.
    pub steps: Vec<Step>,
    /// The hosts that can get the packets. If there are several, each of them may win.
    pub takers: Vec<Taker>,
    /// The result.
    pub outcome: Outcome,
    /// The things that no file shows.
    pub assumptions: Vec<String>,
}

/// A host that gets the packets of the client.
#[derive(Clone, Debug, PartialEq)]
pub struct Taker {
    /// Its name.
    pub host: String,
    /// Its steps until a real server is chosen.
    pub steps: Vec<Step>,
    /// The real servers that it can choose.
    pub servers: Vec<Server>,
}

/// One real server, with the steps of its packets.
#[derive(Clone, Debug, PartialEq)]
pub struct Server {
    /// The name of its host, or its address if no host has the address.
    pub host: String,
    /// Its share of the new connections, between 0 and 1.
    pub share: f64,
    /// How the packets reach the real server.
    pub forwarding: Forwarding,
    /// The place of its entry in the table.
    pub place: Option<Span>,
    /// The steps.
    pub steps: Vec<Step>,
    /// The result.
    pub outcome: Outcome,
}

/// One step.
#[derive(Clone, Debug, PartialEq)]
pub struct Step {
    /// The name of the host that does the step.
    pub host: String,
    /// The event.
    pub event: Event,
    /// The facts that decided.
    pub causes: Vec<Cause>,
}

/// The next host of a packet.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Hop {
    /// The NIC of the sender.
    pub nic: String,
    /// The address of the next host.
    pub next: IpAddr,
    /// The name of the next host, if a host of the cluster has the address.
    pub name: Option<String>,
}

/// The kind of the next host of an answer.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Target {
    /// The client itself.
    Client,
    /// A gateway that a file or the model names.
    Gateway,
    /// The router of a host outside of the segments of the model.
    Router,
}

/// The event of a step.
#[derive(Clone, Debug, PartialEq)]
pub enum Event {
    /// It asks for the MAC address of an address.
    Asks(IpAddr),
    /// It answers the request, on a NIC.
    Answers(String),
    /// It does not answer the request.
    Silent(Silence),
    /// It does not answer the request of the host before it for its own address, so no packet reaches it.
    Unreachable(Silence),
    /// No host has the address.
    Nobody(IpAddr),
    /// It takes the packet: the destination is its own address.
    Takes,
    /// The IPVS table has the service.
    Finds {
        /// The scheduler, as ipvsadm names it.
        scheduler: String,
        /// Whether a client stays with its real server.
        persistent: bool,
        /// The place of the service.
        place: Option<Span>,
    },
    /// The IPVS table does not have the service, and a program of the host itself gets the packet.
    NotBalanced,
    /// No real server can be chosen.
    NoServer,
    /// It sends the packet to the real server.
    Sends {
        /// The next host.
        hop: Hop,
        /// The change of the packet.
        forwarding: Forwarding,
        /// The port of the entry, if direct routing or a tunnel cannot change the port of the packet to this one.
        ignored_port: Option<u16>,
    },
    /// It sends the packet to a router, and direct routing needs a real server on the segment.
    RoutesDirect(Hop),
    /// It sends the packet back to a director: it does not have the VIP, and forwards packets.
    Loops(Hop),
    /// It is the real server itself.
    IsServer,
    /// It takes the packet out of a tunnel.
    Unpacks {
        /// The device.
        device: String,
        /// The place that starts the device.
        place: Span,
    },
    /// It has no device that takes packets out of a tunnel.
    CannotUnpack,
    /// Its own IPVS table takes the packet again.
    BalancesAgain,
    /// It drops the packet.
    Drops(Drop),
    /// It sends a packet on that nobody else takes.
    PassesOn(Hop),
    /// It answers the client.
    Replies {
        /// The source of the answer.
        source: IpAddr,
        /// The next host.
        hop: Hop,
        /// The kind of the next host.
        to: Target,
    },
    /// The answer does not leave it: the address of the client is one of its own networks.
    KeepsAnswer,
    /// It asks for the MAC address of the next host, with a sender.
    AsksAs {
        /// The address in question.
        target: IpAddr,
        /// The sender of the request.
        sender: IpAddr,
        /// Whether the sender is the VIP, so that the neighbours learn a wrong MAC address.
        wrong: bool,
    },
    /// The answer does not pass the director, which must translate its source.
    MissesDirector(Hop),
    /// The director translates the source of the answer, and sends the answer on.
    Translates,
    /// It is the client and the director: the packets leave with the VIP as their source.
    OwnClient,
    /// It is down.
    IsDown,
}

/// The result of a way.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Outcome {
    /// The client gets an answer.
    Answered,
    /// The packet stays on the client's own host.
    Itself,
    /// The client is a director, which can never be its own client.
    OwnClient,
    /// The client gets an answer, and later packets may take another way.
    Risky,
    /// The client gets no answer.
    Broken,
}
