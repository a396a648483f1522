//! The model before it is text: each value that a person must answer, or that lvsgen guessed, says so.

use std::collections::BTreeSet;
use std::net::IpAddr;

use ipnet::IpNet;

use super::health::DraftHealth;
use crate::ipvs::{
    Endpoint, Forwarding, PortRange, Protocol, Scheduler, SchedulerFlag, Service, Timeouts,
};
use crate::source::Span;

/// A value, with its origin.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Answer<T> {
    /// A file shows the value.
    Read(T),
    /// No file shows the value. The text is the reason of the guess.
    Guessed(T, String),
    /// The user gave the value.
    Given(T),
    /// Nobody knows the value. The text is the reason.
    Open(String),
}

impl<T> Answer<T> {
    /// The value, unless it is open.
    pub(super) fn value(&self) -> Option<&T> {
        match self {
            Self::Read(value) | Self::Guessed(value, _) | Self::Given(value) => Some(value),
            Self::Open(_) => None,
        }
    }

    /// The comment in the model.
    pub(super) fn comment(&self) -> Option<String> {
        match self {
            Self::Read(_) => None,
            Self::Guessed(_, why) => Some(format!("guessed: {why}")),
            Self::Given(_) => Some("given on the command line".to_owned()),
            Self::Open(why) => Some(why.clone()),
        }
    }
}

/// A cluster.
#[derive(Debug)]
pub(super) struct Draft {
    pub(super) name: String,
    pub(super) target: Option<Answer<String>>,
    pub(super) interface: Answer<String>,
    pub(super) subnets: Vec<Answer<IpNet>>,
    pub(super) gateways: Answer<Vec<IpAddr>>,
    pub(super) directors: Vec<DraftHost>,
    pub(super) failover: Option<DraftFailover>,
    pub(super) real_servers: Vec<DraftHost>,
    pub(super) timeouts: Option<Timeouts>,
    pub(super) services: Vec<DraftService>,
    /// The services and places of the real servers that the model does not have, and the report has.
    pub(super) left_out: BTreeSet<(Endpoint, Span)>,
    pub(super) nfs: Option<DraftNfs>,
    /// Whether lvsgen sets up web servers: only if the files of real servers were given.
    pub(super) web: bool,
}

/// A host.
#[derive(Clone, Debug)]
pub(super) struct DraftHost {
    pub(super) name: String,
    pub(super) addresses: Answer<Vec<IpAddr>>,
    /// Its NIC, if the NIC has another name than that of the network.
    pub(super) interface: Option<String>,
    /// Its gateway, if that is another one than that of the network.
    pub(super) gateway: Option<IpAddr>,
    pub(super) target: Option<String>,
}

/// The failover of the directors.
#[derive(Debug)]
pub(super) struct DraftFailover {
    pub(super) virtual_router_id: u8,
    pub(super) interval: u8,
    pub(super) preempts: bool,
    pub(super) unicast: bool,
    pub(super) password: bool,
    pub(super) sync: bool,
    /// The NICs that keepalived watches beside that of the advertisements.
    pub(super) tracked: Vec<String>,
}

/// A service.
#[derive(Debug)]
pub(super) struct DraftService {
    pub(super) name: String,
    /// The first service of the table, with the settings of all.
    pub(super) service: Service,
    /// The services of the table that the model writes as one: they differ in their VIPs alone.
    pub(super) endpoints: Vec<Endpoint>,
    /// The files of a firewall may show the packets of a mark.
    pub(super) vips: Answer<Vec<IpAddr>>,
    /// The ports and protocols of a mark; no ports are all ports.
    pub(super) ports: Vec<PortRange>,
    pub(super) protocols: Vec<Protocol>,
    pub(super) forwarding: Forwarding,
    pub(super) health: Option<DraftHealth>,
    pub(super) quiesces: bool,
    pub(super) starts_down: bool,
    pub(super) quorum: Option<u32>,
    pub(super) hysteresis: Option<u32>,
    pub(super) sorry_server: Option<String>,
    pub(super) real_servers: Vec<DraftServer>,
    /// Whether the list says no more than the model without it.
    pub(super) default_servers: bool,
}

impl DraftService {
    /// Whether the model can write both services as one with the VIPs of both.
    pub(super) fn joins(&self, other: &Self) -> bool {
        let packets = |one: &Self| match one.service.endpoint {
            Endpoint::Socket { protocol, port, .. } => (Some((protocol, port)), None),
            Endpoint::Mark { mark, .. } => {
                (None, Some((mark, one.ports.clone(), one.protocols.clone())))
            }
        };
        let family = |one: &Self| one.service.endpoint.family();
        // A mask belongs to one family.
        let affinity = |one: &Self| {
            one.service.persistence.map(|affinity| {
                let whole = affinity.prefix == family(one).host_prefix();
                (affinity.timeout, (!whole).then_some((family(one), affinity.prefix)))
            })
        };
        // One mark has a service in each family.
        let is_mark = matches!(self.service.endpoint, Endpoint::Mark { .. });
        let known = |one: &Self| matches!(one.vips, Answer::Read(_));
        packets(self) == packets(other)
            && (!is_mark || family(self) != family(other) && known(self) && known(other))
            && affinity(self) == affinity(other)
            && self.service.scheduler == other.service.scheduler
            && self.service.scheduler_flags == other.service.scheduler_flags
            && self.service.one_packet == other.service.one_packet
            && (self.forwarding, &self.health) == (other.forwarding, &other.health)
            && (self.quiesces, self.starts_down) == (other.quiesces, other.starts_down)
            && (self.quorum, self.hysteresis) == (other.quorum, other.hysteresis)
            && self.sorry_server == other.sorry_server
            && self.real_servers == other.real_servers
    }

    pub(super) fn scheduler(&self) -> Scheduler {
        self.service.scheduler
    }

    pub(super) fn flags(&self) -> &[SchedulerFlag] {
        &self.service.scheduler_flags
    }
}

/// A real server of a service.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct DraftServer {
    pub(super) name: String,
    pub(super) weight: u16,
    pub(super) port: Option<u16>,
    pub(super) forwarding: Option<Forwarding>,
    pub(super) upper_threshold: Option<u32>,
    pub(super) lower_threshold: Option<u32>,
    /// `Some(None)`: no check, although the service has one.
    pub(super) health: Option<Option<DraftHealth>>,
}

impl DraftServer {
    /// Whether both entries differ in their names alone.
    pub(super) fn is_like(&self, other: &Self) -> bool {
        let settings = |one: &Self| (one.weight, one.port, one.forwarding);
        let limits = |one: &Self| (one.upper_threshold, one.lower_threshold);
        settings(self) == settings(other)
            && limits(self) == limits(other)
            && self.health == other.health
    }

    /// Whether the entry is the name alone.
    pub(super) fn is_plain(&self) -> bool {
        self.weight == 1
            && self.port.is_none()
            && self.forwarding.is_none()
            && self.upper_threshold.is_none()
            && self.lower_threshold.is_none()
            && self.health.is_none()
    }
}

/// The shared storage.
#[derive(Debug)]
pub(super) struct DraftNfs {
    pub(super) server: DraftHost,
    pub(super) export: String,
    pub(super) mount: Answer<String>,
}
