//! The vocabulary of configuration files: facts about the running host, and the places of these facts in a
//! file.
//!
//! Takes nothing. Gives [`Fact`], [`Place`] and [`Reading`]. The readers of `formats` fill a reading, and
//! readback compares the facts of the reading with the model.

mod place;
mod reading;

use std::fmt;
use std::net::IpAddr;

use ipnet::IpNet;

pub use place::Place;
pub use reading::{FactAt, Reading, Rest, RestKind, Span};

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
    /// A NIC of a director. While the NIC is down, the director gives the VIPs away.
    TrackedNic(String),
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
