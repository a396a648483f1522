//! The details of a need, as typed data. A reviewer of the cluster asks about these details.

use std::net::IpAddr;

use serde::{Deserialize, Serialize};

use super::needs::ServiceHealth;
use crate::firewall::Opening;
use crate::health::Check;
use crate::ipvs::{PortRange, Protocol, Timeouts};
use crate::model::{HostName, ServiceName};
use crate::vrrp::Password;

/// One detail of a need. The code that prints the detail adds a description for people.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Detail {
    /// The title of the node's own page, escaped for HTML.
    PageTitle(String),
    /// The directory of the shared pages, if the document root of the OS's web server is a different directory.
    PagesDirectory(String),
    /// The exported directory.
    Export(String),
    /// The clients of the export.
    ExportClients(Vec<String>),
    /// The options of the export.
    ExportOptions(String),
    /// The title of the shared page, escaped for HTML.
    SharedPageTitle(String),
    /// The mounted share.
    Mount {
        /// The share: `ADDRESS:/PATH`.
        share: String,
        /// The directory on the host.
        directory: String,
    },
    /// The options of the mount.
    MountOptions(String),
    /// A firewall mark.
    Mark {
        /// The VIP whose packets get the mark.
        vip: IpAddr,
        /// The mark.
        mark: u32,
        /// The transport protocol.
        protocol: Protocol,
        /// The ports; an empty list means all ports.
        ports: Vec<PortRange>,
    },
    /// The VRRP of a director that all directors share.
    VirtualRouter {
        /// The virtual router ID.
        id: u8,
        /// The time between two advertisements, in seconds.
        interval: u8,
        /// Whether a preferred director takes the VIPs back.
        preempts: bool,
        /// Whether the advertisements go to the addresses of the other directors.
        unicast: bool,
    },
    /// The password of the VRRP advertisements.
    Password(Password),
    /// The VRRP priority of a director.
    Priority(u8),
    /// The directors share their connections.
    Sync,
    /// The addresses of the directors to which masqueraded real servers send their answers.
    Inside(Vec<String>),
    /// The interfaces and the program that a director tracks.
    Tracked(Vec<String>),
    /// The program that runs when the state of a director changes.
    Notify(String),
    /// The health of a service.
    Health {
        /// The service.
        service: ServiceName,
        /// The checks and their effects.
        health: ServiceHealth,
    },
    /// The check of a real server that differs from the check of its service.
    OwnCheck {
        /// The service.
        service: ServiceName,
        /// The real server.
        host: HostName,
        /// The check.
        check: Option<Check>,
    },
    /// Packets that the firewall accepts.
    Opening(Opening),
    /// The Alertmanagers that get the alerts of the monitoring server.
    Alertmanagers(Vec<String>),
    /// The director to which the answers of masqueraded services go.
    ReturnRoute(IpAddr),
    /// The timeouts of the IPVS connection table.
    Timeouts(Timeouts),
    /// The ports of the web server, if they are not port 80 alone.
    WebPorts {
        /// The ports of HTTP.
        ports: Vec<u16>,
        /// The certificate, if the server also answers on port 443.
        certificate: Option<String>,
    },
    /// The addresses of a NIC, if lvsgen writes the whole profile of the NIC.
    NicAddresses {
        /// The NIC.
        nic: String,
        /// The addresses, each with its prefix length.
        addresses: Vec<String>,
    },
    /// The gateways of a NIC, if lvsgen writes the whole profile of the NIC.
    NicGateways {
        /// The NIC.
        nic: String,
        /// The gateways, IPv4 first.
        gateways: Vec<String>,
    },
    /// The name servers of a NIC, if lvsgen writes the whole profile of the NIC.
    NicNameServers {
        /// The NIC.
        nic: String,
        /// The name servers.
        servers: Vec<String>,
    },
    /// A kernel parameter of the tuning.
    Setting {
        /// The key.
        key: String,
        /// The value.
        value: String,
    },
    /// An option of the kernel module of IPVS.
    ModuleOption {
        /// The option.
        option: String,
        /// The value.
        value: u8,
    },
    /// The queues of the network cards.
    Queues {
        /// The names of the cards, with a blank between them.
        nics: String,
        /// The number of queues; 0 stands for one queue for each processor.
        count: u16,
        /// Whether the kernel spreads the packets of cards with few queues.
        steered: bool,
    },
}
