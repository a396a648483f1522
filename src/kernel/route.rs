//! The way of a packet through the routing tables of one host.
//!
//! Takes a host and the addresses of a packet; gives the way. The rules come from `net/ipv4/route.c` (`ip_route_input_slow`,
//! `__mkroute_input`, `ip_route_output_key_hash_rcu`) and `net/ipv4/fib_frontend.c` (`fib_validate_source`).

use std::net::IpAddr;

use super::Parameter;
use super::host::{Address, Cause, Host, LOOPBACK, MAIN, Route, Rule, Verdict};
use crate::ipvs::Family;

/// The result of a lookup in the tables (`fib_lookup`).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Found<'h> {
    /// The destination is an address of the host, or lies in a network of the loopback device.
    Local(&'h Address),
    /// The destination is on the segment of a NIC, by the network of this address.
    Connected(&'h Address),
    /// A route that somebody added.
    Route(&'h Route),
}

impl Found<'_> {
    /// The NIC of the way.
    pub fn nic(&self) -> &str {
        match self {
            Self::Local(address) | Self::Connected(address) => &address.nic,
            Self::Route(route) => &route.nic,
        }
    }

    /// The next host; `None`: the destination itself.
    pub fn gateway(&self) -> Option<IpAddr> {
        match self {
            Self::Local(_) | Self::Connected(_) => None,
            Self::Route(route) => route.gateway,
        }
    }

    /// The reason of the way.
    pub fn cause(&self) -> Cause {
        match self {
            Self::Local(address) | Self::Connected(address) => Cause::Address((*address).clone()),
            Self::Route(route) => Cause::Route((*route).clone()),
        }
    }
}

/// The decision about a packet that a NIC receives.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Input {
    /// The host takes the packet.
    Local,
    /// The host sends the packet on.
    Forward {
        /// The NIC.
        nic: String,
        /// The next host.
        next: IpAddr,
    },
    /// The kernel drops the packet.
    Dropped(Drop),
}

/// The reason of a drop.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Drop {
    /// The source is an address of the host itself.
    OwnSource,
    /// The way back to the source leads through another NIC, and the source check is strict.
    StrictSourceCheck,
    /// There is no way back to the source.
    NoWayBack,
    /// The host does not forward packets.
    NotForwarding,
    /// The host has no route to the destination.
    NoRoute,
    /// An address of the loopback network, or no address of a host.
    Martian,
}

/// The source of a packet, for the rules that choose a table.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct From {
    /// The address.
    pub address: IpAddr,
    /// The port, if the packet has one and the kernel looks at it.
    pub port: Option<u16>,
}

impl From {
    /// A source without a port.
    pub fn address(address: IpAddr) -> Self {
        Self { address, port: None }
    }

    fn fits(self, rule: &Rule) -> bool {
        let ports =
            rule.ports.is_none_or(|ports| self.port.is_some_and(|port| ports.contains(port)));
        rule.source == self.address && ports
    }
}

/// The addresses of a packet, and the NIC that receives it.
#[derive(Clone, Copy, Debug)]
pub struct Arrival<'p> {
    /// The NIC.
    pub nic: &'p str,
    /// The source.
    pub source: IpAddr,
    /// The destination.
    pub destination: IpAddr,
    /// The destination port, if the packet has one: rules with a source port apply to the way back.
    pub port: Option<u16>,
}

impl Host<'_> {
    /// Looks a destination up: first the addresses of the host, then the tables of the rules, then the main table. `by`: only ways
    /// through this NIC count.
    pub fn lookup(
        &self,
        destination: IpAddr,
        source: Option<From>,
        by: Option<&str>,
    ) -> Option<Found<'_>> {
        // A local address of another NIC has no way through `by`.
        let local = self.local(destination).filter(|one| by.is_none_or(|nic| one.nic == nic));
        let main = || self.table(MAIN, destination, by);
        if let Some(local) = local {
            // Without rules, both tables are one trie (`fib_trie_unmerge`): a longer prefix of the main table wins.
            let length = match local.net.addr() == destination {
                true => Family::of(destination).host_prefix(),
                false => local.net.prefix_len(),
            };
            let longer = main().filter(|(other, _)| self.rules.is_empty() && *other > length);
            return Some(longer.map_or(Found::Local(local), |(_, found)| found));
        }
        let rules = self.rules.iter().filter(|rule| source.is_some_and(|from| from.fits(rule)));
        let ruled = rules.filter_map(|rule| self.table(rule.table, destination, by)).next();
        ruled.or_else(main).map(|(_, found)| found)
    }

    /// The longest match of a table, with its length. The networks of the addresses are in the main table.
    fn table(&self, table: u32, destination: IpAddr, by: Option<&str>) -> Option<(u8, Found<'_>)> {
        let fits = |nic: &str| by.is_none_or(|by| by == nic);
        let own = self.addresses.iter().filter(|one| {
            table == MAIN
                && one.nic != LOOPBACK
                && !one.secondary
                && one.net.prefix_len() < Family::of(destination).host_prefix()
                && one.net.contains(&destination)
                && fits(&one.nic)
        });
        let routes = self.routes.iter().filter(|route| {
            route.table == table && route.net.contains(&destination) && fits(&route.nic)
        });
        let mut own: Vec<&Address> = own.collect();
        own.sort_by_key(|one| one.order);
        let own = own.into_iter().map(|one| (one.net.prefix_len(), Found::Connected(one)));
        let all = own.chain(routes.map(|one| (one.net.prefix_len(), Found::Route(one))));
        let mut best: Option<(u8, Found<'_>)> = None;
        // Of equal routes, the first one counts.
        for (length, found) in all {
            if best.as_ref().is_none_or(|(longest, _)| length > *longest) {
                best = Some((length, found));
            }
        }
        best
    }

    /// The way of a packet that a NIC receives (`ip_route_input_slow`). IPv6 has no source check.
    pub fn input(&self, packet: Arrival<'_>) -> Verdict<Input> {
        let Arrival { nic, source, destination, .. } = packet;
        let dropped = |why, causes: Vec<Cause>| Verdict::new(Input::Dropped(why), causes);
        if let Some(cause) = self.martian(packet) {
            return dropped(Drop::Martian, cause.into_iter().collect());
        }
        let forwards = self.forwards(nic, Family::of(destination));
        let Some(found) = self.lookup(destination, Some(From::address(source)), None) else {
            return match forwards {
                (true, _) => dropped(Drop::NoRoute, vec![Cause::NoRoute(destination)]),
                (false, cause) => {
                    dropped(Drop::NotForwarding, vec![Cause::NoAddress(destination), cause])
                }
            };
        };
        let (value, mut causes, out) = match found {
            Found::Local(_) => (Input::Local, vec![found.cause()], None),
            Found::Connected(_) | Found::Route(_) => {
                let (true, cause) = forwards else {
                    let causes = vec![Cause::NoAddress(destination), forwards.1];
                    return dropped(Drop::NotForwarding, causes);
                };
                let next = found.gateway().unwrap_or(destination);
                let forward = Input::Forward { nic: found.nic().to_owned(), next };
                (forward, vec![found.cause(), cause], Some(found.nic()))
            }
        };
        match self.source_check(packet, out) {
            Some(refused) => Verdict::new(Input::Dropped(refused.value), refused.causes),
            None => {
                if source.is_ipv4() {
                    causes.push(self.setting(Parameter::RpFilter, nic).1);
                }
                Verdict::new(value, causes)
            }
        }
    }

    /// The setting that makes the addresses of a packet invalid; `Some(None)`: no setting makes them valid.
    fn martian(&self, packet: Arrival<'_>) -> Option<Option<Cause>> {
        let (IpAddr::V4(source), IpAddr::V4(destination)) = (packet.source, packet.destination)
        else {
            return None;
        };
        let host = |one: std::net::Ipv4Addr| one.octets()[0] != 0 && !one.is_broadcast();
        if source.is_multicast() || !host(source) || !host(destination) {
            return Some(None);
        }
        if destination.is_loopback() || source.is_loopback() {
            let (value, cause) = self.setting(Parameter::RouteLocalnet, packet.nic);
            return (value == 0).then_some(Some(cause));
        }
        None
    }

    /// The check of the source (`fib_validate_source`); `None`: the source passes. `out`: the NIC of a forwarded packet.
    fn source_check(&self, packet: Arrival<'_>, out: Option<&str>) -> Option<Verdict<Drop>> {
        let Arrival { nic, source, .. } = packet;
        if source.is_ipv6() {
            return None;
        }
        let (rpf, rpf_cause) = self.setting(Parameter::RpFilter, nic);
        let (accept_local, local_cause) = self.setting(Parameter::AcceptLocal, nic);
        let redirects = self.setting(Parameter::SendRedirects, nic).0 != 0;
        let same_nic = out == Some(nic);
        if rpf == 0 && (!same_nic || !redirects) {
            if accept_local != 0 {
                return None;
            }
            if self.rules.is_empty() {
                let own = self.addresses.iter().find(|one| one.net.addr() == source)?;
                return Some(Verdict::new(
                    Drop::OwnSource,
                    [Cause::Address(own.clone()), local_cause],
                ));
            }
        }
        self.full_source_check(packet, rpf, (accept_local, local_cause), &rpf_cause)
    }

    /// `__fib_validate_source`: a lookup of the source, with the destination as the source of the lookup.
    fn full_source_check(
        &self,
        packet: Arrival<'_>,
        rpf: i64,
        accept_local: (i64, Cause),
        rpf_cause: &Cause,
    ) -> Option<Verdict<Drop>> {
        let Arrival { nic, source, destination, .. } = packet;
        let last_resort = |cause: Cause| {
            (rpf != 0).then(|| Verdict::new(Drop::NoWayBack, [cause, rpf_cause.clone()]))
        };
        let back = From { address: destination, port: packet.port };
        let Some(found) = self.lookup(source, Some(back), None) else {
            return last_resort(Cause::NoRoute(source));
        };
        if let Found::Local(own) = found
            && accept_local.0 == 0
        {
            return Some(Verdict::new(
                Drop::OwnSource,
                [Cause::Address(own.clone()), accept_local.1],
            ));
        }
        let matches = found.nic() == nic || matches!(found, Found::Local(_)) && nic == LOOPBACK;
        if matches {
            return None;
        }
        if !self.of_nic(nic).any(|one| one.net.addr().is_ipv4()) {
            return last_resort(found.cause());
        }
        (rpf == 1)
            .then(|| Verdict::new(Drop::StrictSourceCheck, [found.cause(), rpf_cause.clone()]))
    }

    /// The way of a packet that the host itself sends (`__mkroute_output`). A source of the loopback network leaves only by a NIC with
    /// `route_localnet`.
    pub fn output(&self, destination: IpAddr, source: Option<From>) -> Verdict<Option<Found<'_>>> {
        let Some(found) = self.lookup(destination, source, None) else {
            return Verdict::new(None, [Cause::NoRoute(destination)]);
        };
        let loopback =
            source.is_some_and(|from| from.address.is_ipv4() && from.address.is_loopback());
        if loopback && !matches!(found, Found::Local(_)) {
            let (value, cause) = self.setting(Parameter::RouteLocalnet, found.nic());
            if value == 0 {
                return Verdict::new(None, [cause]);
            }
        }
        Verdict::new(Some(found), [found.cause()])
    }

    /// Whether the kernel takes a gateway of a new route on a NIC (`fib_check_nh`): the gateway must be on the segment of the NIC.
    pub fn takes_gateway(&self, gateway: IpAddr, nic: &str) -> bool {
        matches!(self.lookup(gateway, None, Some(nic)), Some(Found::Connected(_)))
    }

    /// The source that the kernel chooses for a packet to a destination (`fib_result_prefsrc`, `inet_select_addr`).
    pub fn source_for(&self, destination: IpAddr) -> Option<IpAddr> {
        match self.lookup(destination, None, None)? {
            Found::Local(own) => Some(own.net.addr()),
            Found::Connected(own) => Some(own.net.addr()),
            Found::Route(route) => {
                let next = route.gateway.unwrap_or(destination);
                self.select(&route.nic, Some(next), super::host::Scope::Global)
            }
        }
    }
}
