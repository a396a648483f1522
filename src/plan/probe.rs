//! Questions about a running host, as typed data.
//!
//! Each delivery writes these questions as checks, in its own format.

use std::net::{IpAddr, SocketAddr};

use ipnet::IpNet;

use crate::ipvs::{Destination, Endpoint, Protocol, Service, Timeouts};
use crate::kernel::Parameter;
use crate::model::HostName;
use crate::plan::needs::TableOwner;
use crate::resolve::SettingValue;

/// One question about a running host: is this statement true?
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Probe {
    /// An interface has an address.
    AddressOn {
        /// The interface.
        interface: String,
        /// The address with its prefix length.
        net: IpNet,
    },
    /// An interface has an address, or another director of the segment has it.
    HeldByDirector {
        /// The interface.
        interface: String,
        /// The address with its prefix length.
        net: IpNet,
    },
    /// The effective value of a kernel parameter on an interface is this value. The kernel combines the value of
    /// `all` and the value of the interface into the effective value.
    SettingIs {
        /// The interface.
        interface: String,
        /// The parameter.
        parameter: Parameter,
        /// The value.
        value: SettingValue,
    },
    /// A kernel parameter of the whole host has this value, if the kernel knows the parameter.
    Sysctl {
        /// The key, in the form of sysctl.d(5).
        key: String,
        /// The value.
        value: SettingValue,
    },
    /// The kernel's IPVS table has these services and destinations, and no others.
    Table {
        /// The program that changes the table.
        owner: TableOwner,
        /// The timeouts of the connection table, if the model sets them.
        timeouts: Option<Timeouts>,
        /// Each service with its destinations, and the real server of each destination.
        services: Vec<(Service, Vec<(HostName, Destination)>)>,
        /// The sockets of the sorry servers, each with its service.
        sorry_servers: Vec<(Endpoint, SocketAddr)>,
        /// The services that only health checks use. The comparison passes over them.
        hidden: Vec<Endpoint>,
        /// The smallest sum of weights of services. No rollout drains a real server below it.
        quorums: Vec<(Endpoint, u32)>,
    },
    /// A share is mounted on a directory.
    Mounted {
        /// The directory.
        directory: String,
        /// The share: `ADDRESS:/PATH`.
        share: String,
    },
    /// A directory is exported.
    Exported {
        /// The directory.
        directory: String,
    },
    /// The answers of the web server contain the node's name.
    NamesNode {
        /// The address of the server.
        address: SocketAddr,
        /// Whether the server speaks TLS on the port.
        tls: bool,
        /// The path of the page.
        path: &'static str,
        /// The node's name.
        node: String,
    },
    /// A network device is up.
    DeviceUp(String),
    /// The answers of a service leave the host through a gateway.
    AnswersGoVia {
        /// The address of the host.
        source: IpAddr,
        /// The transport protocol.
        protocol: Protocol,
        /// The port of the service on the host.
        port: u16,
        /// The gateway.
        gateway: IpAddr,
    },
    /// A command of the mechanism ends with the status 0.
    Command {
        /// The item that the command asks about; `None` for the whole mechanism.
        item: Option<String>,
        /// The shell command.
        run: String,
    },
    /// A unit runs.
    UnitActive(String),
}
