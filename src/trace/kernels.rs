//! The kernel of each host, as its facts make it.

use std::net::IpAddr;

use ipnet::IpNet;

use super::hosts::TracedHost;
use crate::facts::Fact;
use crate::ipvs::{Destination, Family, Service};
use crate::kernel::host::{Address, Host, LOOPBACK, MAIN, Route, Rule, Scope};
use crate::kernel::ipvs::{Mark, Packet, Table};
use crate::kernel::{Kernel, Moment, SysctlFile};
use crate::source::Span;

impl TracedHost {
    /// The kernel of the host. `works`: the positions of the instances of which the host is the director that works.
    pub(super) fn kernel(&self, moment: Moment, works: &[usize], packet: Packet) -> Host<'_> {
        // Scripts run after the files at boot; `sysctl --system` does not run them again.
        let layers: [&[SysctlFile<'_>]; 2] = match moment {
            Moment::Reread => [&self.scripted, &self.sysctls],
            Moment::Boot | Moment::Running => [&self.sysctls, &self.scripted],
        };
        let settings = Kernel::layered(&layers, self.conf_at_boot, moment);
        let mut host = Host::new(settings);
        let loopback = IpNet::new(IpAddr::from([127, 0, 0, 1]), 8).expect("8 is a prefix length");
        let mut add = |nic: String, net: IpNet, place: Option<Span>| {
            let loopback = nic == LOOPBACK && net.addr().is_loopback();
            let scope = if loopback { Scope::Host } else { Scope::Global };
            host.add(Address { nic, net, scope, secondary: false, order: 0, place });
        };
        add(LOOPBACK.to_owned(), loopback, None);
        let lives = self.has_live_addresses();
        for (nic, net) in self.base.iter().filter(|_| !lives) {
            add(nic.clone(), *net, None);
        }
        let addresses = self.of_kind(|fact| matches!(fact, Fact::Address { .. }));
        let mut own: Vec<_> = addresses
            .filter_map(|(fact, span)| match fact {
                Fact::Address { interface, net } => Some((self.nic(interface), *net, *span)),
                _ => None,
            })
            .collect();
        // The files name the NIC's own address before a VIP only by chance: wide networks come first.
        own.sort_by_key(|(_, net, _)| net.prefix_len() == net.max_prefix_len());
        for (nic, net, span) in own {
            add(nic, net, Some(span));
        }
        let moving = works.iter().flat_map(|at| &self.instances[*at].1);
        for (interface, net, span) in self.fixed.iter().chain(moving).filter(|_| !lives) {
            add(self.nic(interface), *net, Some(*span));
        }
        self.routes(&mut host);
        self.rules(&mut host, packet);
        host
    }

    fn routes(&self, host: &mut Host<'_>) {
        let is_route =
            |fact: &Fact| matches!(fact, Fact::DefaultRoute { .. } | Fact::TableRoute { .. });
        let own = self.gateways.iter();
        let own = own.map(|(nic, gateway)| (MAIN, *gateway, Some(nic.clone()), None));
        let written = self.of_kind(is_route).filter_map(|(fact, span)| match fact {
            Fact::DefaultRoute { gateway } => Some((MAIN, *gateway, None, Some(*span))),
            Fact::TableRoute { table, gateway } => Some((*table, *gateway, None, Some(*span))),
            _ => None,
        });
        // A script runs after the network is up, and replaces its default route.
        let mut written: Vec<_> = written.collect();
        written.reverse();
        let is_script =
            |place: &Option<Span>| place.is_some_and(|span| self.scripts.contains(&span));
        written.sort_by_key(|(.., place)| !is_script(place));
        for (table, gateway, nic, place) in written.into_iter().chain(own) {
            // A link-local gateway lies in no network of the files.
            let family = |one: &&Address| one.nic != LOOPBACK && one.net.addr().is_ipv6();
            let first = || host.addresses.iter().find(family).filter(|_| is_link_local(gateway));
            let near = host.nic_to(gateway).or_else(first).map(|one| one.nic.clone());
            let Some(nic) = nic.or(near) else { continue };
            let net = all(Family::of(gateway));
            let again = host.routes.iter().any(|one| one.table == table && one.net == net);
            if !again {
                host.routes.push(Route { table, net, gateway: Some(gateway), nic, place });
            }
        }
        for family in Family::ALL.into_iter().filter(|_| self.outside) {
            let net = all(family);
            let nic = host
                .addresses
                .iter()
                .find(|one| one.nic != LOOPBACK && Family::of(one.net.addr()) == family);
            let known = host.routes.iter().any(|one| one.table == MAIN && one.net == net);
            if let Some(nic) = nic.map(|one| one.nic.clone()).filter(|_| !known) {
                host.routes.push(Route { table: MAIN, net, gateway: None, nic, place: None });
            }
        }
    }

    fn rules(&self, host: &mut Host<'_>, packet: Packet) {
        for (fact, span) in self.of_kind(|fact| matches!(fact, Fact::SourceRule { .. })) {
            let Fact::SourceRule { source, protocol, port, table } = fact else { continue };
            if *protocol == packet.protocol {
                let (source, table, place) = (*source, *table, Some(*span));
                host.rules.push(Rule { source, ports: *port, table, place });
            }
        }
    }

    /// The IPVS table.
    pub(super) fn table(&self) -> Table {
        let mut table = Table::default();
        let rows = self.of_kind(|fact| matches!(fact, Fact::Service(_) | Fact::Destination { .. }));
        let marks = self.of_kind(|fact| matches!(fact, Fact::Mark { .. }));
        for (fact, span) in rows.chain(marks) {
            let place = Some(*span);
            match fact {
                Fact::Service(service) => table.services.push((service.clone(), place)),
                Fact::Destination { endpoint, destination } => {
                    table.destinations.push((*endpoint, *destination, place));
                }
                Fact::Mark { address, protocol, ports, mark } => table.marks.push(Mark {
                    address: *address,
                    protocol: *protocol,
                    ports: ports.clone(),
                    mark: *mark,
                    place,
                }),
                _ => {}
            }
        }
        table
    }

    /// The server that keepalived puts into the table of a service whose real servers are all gone.
    pub(super) fn sorry_server(&self, service: &Service) -> Option<(Destination, Span)> {
        self.of_kind(|fact| matches!(fact, Fact::SorryServer { .. })).find_map(|(fact, span)| {
            let Fact::SorryServer { endpoint, server, forwarding } = fact else { return None };
            (*endpoint == service.endpoint).then_some(())?;
            let port = service.endpoint.destination_port();
            Some((Destination::new(*server, port, *forwarding), *span))
        })
    }
}

/// The network of all addresses of a family.
fn all(family: Family) -> IpNet {
    let text = if family == Family::Ipv4 { "0.0.0.0/0" } else { "::/0" };
    text.parse().expect("the network of all addresses is valid")
}

/// Whether an address is valid on one segment only.
pub(super) fn is_link_local(address: IpAddr) -> bool {
    matches!(address, IpAddr::V6(address) if address.is_unicast_link_local())
}
