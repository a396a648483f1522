//! The addresses, routes and rules of one host, as the kernel has them.
//!
//! Takes addresses in the order in which the host adds them; gives the lookups that the other files of this folder need. The rules come
//! from `net/ipv4/devinet.c` and `net/ipv4/fib_frontend.c`.

use std::net::IpAddr;

use ipnet::IpNet;

use super::{Effective, Kernel, Parameter};
use crate::ipvs::{Family, PortRange};
use crate::source::Span;

/// The name of the loopback device.
pub const LOOPBACK: &str = "lo";

/// One host at one moment.
#[derive(Debug)]
pub struct Host<'k> {
    /// The kernel parameters.
    pub settings: Kernel<'k>,
    /// The addresses, in the order of the kernel's lists: NIC by NIC, and on each NIC the primary addresses first.
    pub addresses: Vec<Address>,
    /// The routes that somebody added. The routes of addresses are no part of the list.
    pub routes: Vec<Route>,
    /// The rules that choose a table, in the order of their priorities.
    pub rules: Vec<Rule>,
}

/// The scope of an address (`ip address add … scope`).
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord)]
pub enum Scope {
    /// Valid everywhere.
    #[default]
    Global,
    /// Valid on the segment.
    Link,
    /// Valid on the host.
    Host,
}

/// An address of a NIC.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Address {
    /// The NIC.
    pub nic: String,
    /// The address with its prefix length.
    pub net: IpNet,
    /// The scope.
    pub scope: Scope,
    /// Whether an earlier address of the NIC has the same network.
    pub secondary: bool,
    /// The number of addresses that the host got before: of equal routes, that of the first address counts.
    pub order: usize,
    /// The place in a file; `None`: the model has the address.
    pub place: Option<Span>,
}

/// A route that somebody added.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Route {
    /// The table.
    pub table: u32,
    /// The destinations.
    pub net: IpNet,
    /// The next host; `None`: the destinations are on the segment.
    pub gateway: Option<IpAddr>,
    /// The NIC.
    pub nic: String,
    /// The place in a file; `None`: the model has the route.
    pub place: Option<Span>,
}

/// The number of the main table.
pub const MAIN: u32 = 254;

/// A rule: packets with a source take the routes of a table.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Rule {
    /// The source address.
    pub source: IpAddr,
    /// The source ports; `None` for all packets.
    pub ports: Option<PortRange>,
    /// The table.
    pub table: u32,
    /// The place in a file.
    pub place: Option<Span>,
}

/// A fact that decided something.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Cause {
    /// The effective value of a parameter on a NIC.
    Setting {
        /// The parameter.
        parameter: Parameter,
        /// The NIC.
        nic: String,
        /// The value.
        value: i64,
        /// The file that sets the value; `None`: the value is that of the kernel.
        by: Option<(String, Option<Span>)>,
    },
    /// Whether the host forwards packets.
    Forwarding {
        /// The family of the packets.
        family: Family,
        /// The value.
        value: i64,
        /// The file that sets the value; `None`: the value is that of the kernel.
        by: Option<(String, Option<Span>)>,
    },
    /// An address of the host.
    Address(Address),
    /// No NIC of the host has the address.
    NoAddress(IpAddr),
    /// A route of the host.
    Route(Route),
    /// The host has no route to the address.
    NoRoute(IpAddr),
    /// A rule of the host.
    Rule(Rule),
}

/// A decision of the kernel, with its causes.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Verdict<T> {
    /// The decision.
    pub value: T,
    /// The facts that decided, the most important one first.
    pub causes: Vec<Cause>,
}

impl<T> Verdict<T> {
    /// A decision with its causes.
    pub fn new(value: T, causes: impl Into<Vec<Cause>>) -> Self {
        Self { value, causes: causes.into() }
    }
}

impl<'k> Host<'k> {
    /// A host without addresses.
    pub fn new(settings: Kernel<'k>) -> Self {
        Self { settings, addresses: Vec::new(), routes: Vec::new(), rules: Vec::new() }
    }

    /// Adds an address (`__inet_insert_ifa`). The kernel refuses an address that the NIC has already, and a second address of a network
    /// with another scope than the first one: the result is `false`, and nothing changes.
    pub fn add(&mut self, mut new: Address) -> bool {
        let first = self.addresses.iter().position(|one| one.nic == new.nic);
        let first = first.unwrap_or(self.addresses.len());
        let count = self.addresses[first..].iter().take_while(|one| one.nic == new.nic).count();
        let mut after_primary = first;
        let is_ipv4 = new.net.addr().is_ipv4();
        for (at, one) in self.addresses.iter().enumerate().skip(first).take(count) {
            if one.net.addr().is_ipv4() != is_ipv4 {
                continue;
            }
            if !one.secondary && new.scope <= one.scope {
                after_primary = at + 1;
            }
            if one.net.prefix_len() == new.net.prefix_len() && one.net.contains(&new.net.addr()) {
                if one.net.addr() == new.net.addr() || is_ipv4 && one.scope != new.scope {
                    return false;
                }
                new.secondary |= is_ipv4;
            }
        }
        new.order = self.addresses.len();
        let at = if new.secondary || !is_ipv4 { first + count } else { after_primary };
        self.addresses.insert(at, new);
        true
    }

    /// The addresses of a NIC.
    pub fn of_nic<'h>(&'h self, nic: &'h str) -> impl Iterator<Item = &'h Address> + 'h {
        self.addresses.iter().filter(move |one| one.nic == nic)
    }

    /// The address that makes packets to a destination local. A whole network of the loopback device is local
    /// (`fib_add_ifaddr`).
    pub fn local(&self, destination: IpAddr) -> Option<&Address> {
        let own = self.addresses.iter().find(|one| one.net.addr() == destination);
        own.or_else(|| {
            self.addresses.iter().find(|one| {
                one.nic == LOOPBACK
                    && !one.secondary
                    && destination.is_ipv4()
                    && one.net.contains(&destination)
            })
        })
    }

    /// The effective value of a parameter, as a cause.
    pub fn setting(&self, parameter: Parameter, nic: &str) -> (i64, Cause) {
        let Effective { value, by } = self.settings.effective(parameter, nic);
        let by = by.map(|(path, setting)| (path.to_owned(), setting.span));
        (value, Cause::Setting { parameter, nic: nic.to_owned(), value, by })
    }

    /// Whether a NIC forwards packets of a family, as a cause.
    pub fn forwards(&self, nic: &str, family: Family) -> (bool, Cause) {
        let Effective { value, by } = self.settings.forwards(nic, family);
        let by = by.map(|(path, setting)| (path.to_owned(), setting.span));
        (value != 0, Cause::Forwarding { family, value, by })
    }

    /// The NICs other than the loopback device, by name: the kernel has them in the order of their detection.
    pub fn nics(&self) -> Vec<&str> {
        let mut nics: Vec<&str> = Vec::new();
        for one in self.addresses.iter().filter(|one| one.nic != LOOPBACK) {
            if !nics.contains(&one.nic.as_str()) {
                nics.push(&one.nic);
            }
        }
        nics.sort_unstable();
        nics
    }

    /// The address whose network has another address of the segment: the longest prefix, and of equal ones the first.
    pub fn nic_to(&self, address: IpAddr) -> Option<&Address> {
        let single = Family::of(address).host_prefix();
        let near = self.addresses.iter().filter(|one| {
            one.nic != LOOPBACK && one.net.contains(&address) && one.net.prefix_len() < single
        });
        near.min_by_key(|one| (std::cmp::Reverse(one.net.prefix_len()), one.order))
    }
}
