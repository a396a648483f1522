//! The vocabulary of configuration files: facts about the running host, and the places of these facts in a
//! file.
//!
//! Takes nothing. Gives [`Fact`], [`Place`] and [`Reading`]. The readers of `formats` fill a reading, and
//! readback compares the facts of the reading with the model.

mod place;

use std::fmt;
use std::net::IpAddr;
use std::ops::Range;

use ipnet::IpNet;

pub use place::Place;

use crate::firewall::Opening;
use crate::health::{Check, CheckPath};
use crate::ipvs::{Destination, Endpoint, Forwarding, PortRange, Protocol, Service, Timeouts};
use crate::vrrp::Instance;

/// Something that a file says about the running host.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Fact {
    /// A kernel parameter, with the key and the value as written in the file.
    Setting {
        /// The key, in dotted or slashed form.
        key: String,
        /// The value.
        value: String,
    },
    /// An address of an interface.
    Address {
        /// The interface.
        interface: InterfaceRef,
        /// The address with its prefix length.
        net: IpNet,
    },
    /// A default route.
    DefaultRoute {
        /// The gateway.
        gateway: IpAddr,
    },
    /// A default route of another routing table than the main table.
    TableRoute {
        /// The number of the table.
        table: u32,
        /// The gateway.
        gateway: IpAddr,
    },
    /// The packets of a service of this host take the routes of a table.
    SourceRule {
        /// The source address.
        source: IpAddr,
        /// The transport protocol.
        protocol: Protocol,
        /// The source ports; `None` for all ports.
        port: Option<PortRange>,
        /// The number of the table.
        table: u32,
    },
    /// A network device that is up.
    DeviceUp(String),
    /// The largest TCP segment that the answers from an address ask for.
    SegmentLimit {
        /// The source address.
        address: IpAddr,
        /// The number of bytes.
        segment: u16,
    },
    /// A kernel module that is loaded at boot.
    Module(String),
    /// An option with which a kernel module is loaded.
    ModuleOption {
        /// The module.
        module: String,
        /// The option.
        option: String,
        /// The value.
        value: String,
    },
    /// A service of the IPVS table.
    Service(Service),
    /// A real server of a service of the IPVS table.
    Destination {
        /// The service.
        endpoint: Endpoint,
        /// The real server.
        destination: Destination,
    },
    /// The health check of a real server.
    Check {
        /// The service.
        endpoint: Endpoint,
        /// The address of the real server.
        server: IpAddr,
        /// The check.
        check: Check,
        /// The way of the check through the table, if the check does not go to the real server directly.
        path: Option<CheckPath>,
    },
    /// The server that answers while a service has lost its quorum.
    SorryServer {
        /// The service.
        endpoint: Endpoint,
        /// The address of the server.
        server: IpAddr,
        /// How packets reach the server.
        forwarding: Forwarding,
    },
    /// The least sum of weights with which a service works.
    Quorum {
        /// The service.
        endpoint: Endpoint,
        /// The sum.
        sum: u32,
    },
    /// The sum of weights above the quorum that brings a service back.
    Hysteresis {
        /// The service.
        endpoint: Endpoint,
        /// The sum.
        sum: u32,
    },
    /// The real servers of a service come into the table with their first good check.
    StartsDown(Endpoint),
    /// A failed check sets the weight 0 of a real server, and the real server stays in the table.
    Quiesces {
        /// The service.
        endpoint: Endpoint,
        /// The address of the real server.
        server: IpAddr,
    },
    /// A VRRP instance of a director.
    Instance(Instance),
    /// The daemon that shares the connections of a director with the other directors.
    SyncDaemon {
        /// The NIC.
        interface: String,
        /// The VRRP instance that decides whether the daemon sends or listens.
        instance: String,
        /// The number that the daemons share.
        id: u8,
    },
    /// The timeouts of the IPVS connection table.
    Timeouts(Timeouts),
    /// Packets that the firewall of the host accepts.
    Opens(Opening),
    /// Packets that conntrack does not see.
    Untracked(Opening),
    /// ICMP errors to an address that conntrack does not see.
    UntrackedErrors(IpAddr),
    /// A firewall mark on the packets to an address.
    Mark {
        /// The destination address.
        address: IpAddr,
        /// The transport protocol.
        protocol: Protocol,
        /// The destination ports; an empty list stands for all ports.
        ports: Vec<PortRange>,
        /// The mark.
        mark: u32,
    },
    /// An exported directory.
    Export {
        /// The directory.
        directory: String,
        /// The client that may mount the directory.
        client: Client,
        /// The export's options, in the order of the file.
        options: Vec<String>,
    },
    /// A mounted NFS share.
    Mount {
        /// The server's address.
        address: IpAddr,
        /// The directory on the server.
        directory: String,
        /// The directory on this host.
        at: String,
    },
    /// The node name that a web server adds to each answer.
    NodeName(String),
    /// A directory on which systemd mounts a share at the first access.
    Automount(String),
    /// The file of the certificate of a web server.
    Certificate(String),
    /// A TCP port on which a web server listens.
    Listens {
        /// The port.
        port: u16,
        /// Whether the server speaks TLS on the port.
        tls: bool,
    },
    /// The title of a page, as written in the HTML text.
    PageTitle(String),
    /// The file from which a service loads the IPVS table.
    TableFile(String),
}

/// An interface, as a file names it.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum InterfaceRef {
    /// By its name.
    Name(String),
    /// By its id in netplan files. The id is the name, unless a file of the site has `match` for the id.
    NetplanId(String),
    /// By the file of systemd-networkd that sets it up, without the folder.
    NetworkFile(String),
}

impl InterfaceRef {
    /// Refers to an interface by its name.
    pub fn name(name: &str) -> Self {
        Self::Name(name.to_owned())
    }
}

impl fmt::Display for InterfaceRef {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Name(name) | Self::NetplanId(name) | Self::NetworkFile(name) => f.write_str(name),
        }
    }
}

/// The hosts that may mount an export.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Client {
    /// The hosts of a network, or one host.
    Net(IpNet),
    /// Every host that reaches the server.
    Everyone,
}

impl Client {
    /// Whether a host with this address may mount the export.
    pub fn holds(&self, address: IpAddr) -> bool {
        match self {
            Self::Net(net) => net.contains(&address),
            Self::Everyone => true,
        }
    }
}

/// A range of bytes in a file's text.
pub type Span = Range<usize>;

/// A fact and its bytes. A token that several facts share belongs to the first of these facts.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct FactAt {
    /// The fact.
    pub fact: Fact,
    /// The bytes of the fact. The first span is the token that names the fact.
    pub spans: Vec<Span>,
}

/// The kind of a token that is not part of a fact.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum RestKind {
    /// The token is valid, and every host behaves the same without the token.
    Unused,
    /// The same, and its author expected an effect.
    NoEffect,
    /// The token is valid, and a host behaves differently without the token.
    Lost,
    /// The token is valid, and lvsgen cannot know its effect, as of a command of a shell.
    Unread,
    /// The token has an effect only under a condition, which lvsgen does not evaluate.
    Condition,
    /// The token is unknown in this format: the program ignores the token, or stops.
    Unknown,
    /// The program would fail at the token, or the configuration cannot work.
    Refused,
}

/// A token that is not part of a fact.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Rest {
    /// The token's bytes.
    pub span: Span,
    /// The token's kind.
    pub kind: RestKind,
    /// The reason, as a clause for people.
    pub reason: String,
    /// Whether the token is a part of the statement whose first token stands in the rest before it.
    pub inside: bool,
}

/// The content of a file: each token belongs to a fact, to a comment, or to the rest.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Reading {
    /// The facts, in the order of the file.
    pub facts: Vec<FactAt>,
    /// The comments.
    pub comments: Vec<Span>,
    /// Everything else.
    pub rest: Vec<Rest>,
}

impl Reading {
    /// Adds a fact of one token.
    pub fn fact(&mut self, fact: Fact, span: Span) {
        self.facts.push(FactAt { fact, spans: vec![span] });
    }

    /// Adds a fact of a file that configures one interface. The token that names the interface belongs to the
    /// first address of the file, so that no byte belongs to two facts.
    pub fn fact_on(&mut self, fact: Fact, mut spans: Vec<Span>, interface: &mut Vec<Span>) {
        if matches!(fact, Fact::Address { .. }) {
            spans.append(interface);
        }
        self.facts.push(FactAt { fact, spans });
    }

    /// Leaves the token that names the interface in the rest, if the token belongs to no address.
    pub fn leave_interface(&mut self, interface: Vec<Span>) {
        for span in interface {
            self.leave(RestKind::Unused, span, "the file sets no address");
        }
    }

    /// Adds a token to the rest: the token is not part of a fact.
    pub fn leave(&mut self, kind: RestKind, span: Span, reason: impl Into<String>) {
        self.rest.push(Rest { span, kind, reason: reason.into(), inside: false });
    }

    /// Adds a further token of a statement to the rest.
    pub fn leave_inside(&mut self, kind: RestKind, span: Span, reason: impl Into<String>) {
        self.rest.push(Rest { span, kind, reason: reason.into(), inside: true });
    }

    /// The tokens that the real program ignores, or at which the program fails.
    pub fn faults(&self) -> impl Iterator<Item = &Rest> {
        self.rest.iter().filter(|rest| matches!(rest.kind, RestKind::Unknown | RestKind::Refused))
    }

    /// The position of a byte with no owner or with two owners, if there is such a byte. An owner is a fact, a
    /// comment or a token of the rest. Such a byte is a fault of a reader. Only blanks may have no owner.
    pub fn gap(&self, text: &str) -> Option<usize> {
        let mut owned = vec![false; text.len()];
        let facts = self.facts.iter().flat_map(|fact| &fact.spans);
        let rest = self.rest.iter().map(|rest| &rest.span);
        for span in facts.chain(&self.comments).chain(rest) {
            for byte in span.clone() {
                match owned.get_mut(byte) {
                    Some(owned) if !*owned => *owned = true,
                    _ => return Some(byte),
                }
            }
        }
        let mut chars = text.char_indices();
        chars.find(|(at, c)| !c.is_whitespace() && !owned[*at]).map(|(at, _)| at)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_gap_and_an_overlap_are_found() {
        let mut reading = Reading::default();
        reading.comments.push(0..2);
        assert_eq!(reading.gap("ab \n"), None);
        assert_eq!(reading.gap("ab c\n"), Some(3));
        reading.leave(RestKind::Lost, 1..4, "x");
        assert_eq!(reading.gap("ab c\n"), Some(1));
    }
}
