//! The IPVS table agrees with the model. This includes every option of a service, the forwarding, weight and
//! thresholds of each real server, and the timeouts. The files also set each firewall mark of the model.

use std::collections::BTreeMap;
use std::collections::BTreeSet;
use std::net::IpAddr;

use super::{FactPlace, HostFacts, Mismatch, route};
use crate::check::Checked;
use crate::facts::Fact;
use crate::ipvs::{Destination, Endpoint, Family, Forwarding, Service};
use crate::model::{Need, PortOrMark, Role, Vip, VirtualService};
use crate::resolve::ServiceView;

pub(super) fn compare(checked: &Checked<'_>, host: &HostFacts<'_>, found: &mut Vec<Mismatch>) {
    if host.says_all_of(Need::IpvsRules) {
        table(checked, host, found);
        timeouts(checked, host, found);
    }
    if host.view.is(Role::Director) && host.says_all_of(Need::PacketRules) {
        marks(checked, host, found);
    }
}

/// A service of the model on one VIP. When a line of the file names a real server of the service, the comparison
/// removes the real server from `servers`.
struct ExpectedService<'a> {
    service: &'a VirtualService,
    vip: Vip,
    /// The entry of each address.
    servers: BTreeMap<IpAddr, ExpectedServer>,
}

/// The entry of a real server.
struct ExpectedServer {
    forwarding: Forwarding,
    port: u16,
    weight: u16,
    thresholds: (Option<u32>, Option<u32>),
}

impl<'a> ExpectedService<'a> {
    fn new(view: &ServiceView<'a>, vip: Vip) -> Self {
        let endpoint = view.service.endpoint(vip);
        let each =
            view.real_servers.iter().zip(view.weights()).filter_map(|((host, entry), weight)| {
                let upper = entry.and_then(|entry| entry.upper_threshold).map(|one| one.value);
                let lower = entry.and_then(|entry| entry.lower_threshold).map(|one| one.value);
                let server = ExpectedServer {
                    forwarding: view.forwarding(*entry),
                    port: view.mapped_port(*entry).unwrap_or(endpoint.destination_port()),
                    weight,
                    thresholds: (upper, lower),
                };
                Some((view.server_address(host, vip.family())?, server))
            });
        Self { service: view.service, vip, servers: each.collect() }
    }

    /// Gives the fault of a service, if any.
    fn service_fault(&self, read: &Service) -> Option<String> {
        let (service, name) = (self.service, &self.service.name.value);
        let persistence = service.persistence.as_ref().map(|persistence| {
            let prefix = match self.vip.family() {
                Family::Ipv4 => persistence.netmask,
                Family::Ipv6 => persistence.netmask6,
            };
            (persistence.timeout, prefix)
        });
        let one_packet = service.one_packet.is_some_and(|asked| asked.value);
        let flags = |flag| service.scheduler_flags.iter().any(|one| one.value == flag);
        if read.scheduler != service.scheduler() {
            Some(format!("the scheduler of `{name}` is `{}`", read.scheduler))
        } else if read.persistence.map(|one| (one.timeout, one.prefix)) != persistence {
            Some(format!("the persistence of `{name}` differs from the model"))
        } else if read.one_packet != one_packet {
            Some(format!("the one-packet scheduling of `{name}` differs from the model"))
        } else if !read.scheduler_flags.iter().all(|flag| flags(*flag))
            || service.scheduler_flags.iter().any(|one| !read.scheduler_flags.contains(&one.value))
        {
            Some(format!("the scheduler flags of `{name}` differ from the model"))
        } else {
            None
        }
    }

    /// Removes a destination from the expected destinations, and gives the fault of the destination, if any.
    fn destination_fault(&mut self, read: &Destination) -> Option<String> {
        let (name, address) = (&self.service.name.value, read.address);
        let Some(wanted) = self.servers.remove(&address) else {
            return Some(format!("{address} is not a real server of `{name}`, or is listed twice"));
        };
        if read.forwarding != wanted.forwarding {
            let (read, wanted) = (read.forwarding, wanted.forwarding);
            Some(format!("the forwarding of {address} is `{read}`, not `{wanted}`"))
        } else if read.port != wanted.port {
            Some(format!("the port of {address} for `{name}` must be {}", wanted.port))
        } else if read.weight != wanted.weight {
            Some(format!("the weight of {address} must be {}", wanted.weight))
        } else if (read.upper_threshold, read.lower_threshold) != wanted.thresholds {
            Some(format!("the thresholds of {address} differ from the model"))
        } else {
            None
        }
    }
}

/// The fault of an entry that the director does not reach on a layer 2, and so only by a tunnel.
fn unreached(checked: &Checked<'_>, host: &HostFacts<'_>, read: &Destination) -> Option<String> {
    let far = read.forwarding != Forwarding::Tunnel
        && !route::is_beside(checked.cluster(), host.view.host, read.address);
    far.then(|| format!("the director has no address in the subnet of {}", read.address))
}

const FOREIGN: &str = "the model has no such service";

fn table(checked: &Checked<'_>, host: &HostFacts<'_>, found: &mut Vec<Mismatch>) {
    let mut wanted: BTreeMap<Endpoint, (ExpectedService<'_>, Option<FactPlace<'_>>)> =
        BTreeMap::new();
    // The expected values come from the model. The plan is not suitable, because the file itself comes from the plan.
    for view in &checked.resolved().services {
        for vip in view.service.table_vips() {
            let endpoint = view.service.endpoint(vip);
            wanted.insert(endpoint, (ExpectedService::new(view, vip), None));
        }
    }
    let checking: BTreeSet<Endpoint> =
        host.facts().filter_map(|(_, fact)| check_service(fact)).collect();
    for (at, fact) in host.facts() {
        let why = match fact {
            // The comparison of the health checks also compares these entries.
            Fact::Service(Service { endpoint, .. }) | Fact::Destination { endpoint, .. }
                if checking.contains(endpoint) && !wanted.contains_key(endpoint) =>
            {
                None
            }
            Fact::Service(service) => match wanted.get_mut(&service.endpoint) {
                Some((wanted, seen)) => {
                    *seen = Some(at);
                    wanted.service_fault(service)
                }
                None => Some(FOREIGN.to_owned()),
            },
            Fact::Destination { endpoint, destination } => match wanted.get_mut(endpoint) {
                Some((wanted, _)) => wanted
                    .destination_fault(destination)
                    .or_else(|| unreached(checked, host, destination)),
                None => Some(FOREIGN.to_owned()),
            },
            _ => None,
        };
        found.extend(why.map(|why| host.mismatch_at(at, why)));
    }
    for (wanted, seen) in wanted.values() {
        let name = &wanted.service.name.value;
        match (seen, wanted.servers.keys().next()) {
            (None, _) => found.push(host.mismatch(format!("no file has the service `{name}`"))),
            // `servers` still contains the real servers that no line has named.
            (Some(at), Some(address)) => {
                let why = format!("the service `{name}` lacks the real server {address}");
                found.push(host.mismatch_at(*at, why));
            }
            (Some(_), None) => {}
        }
    }
}

/// The service that the packets of a health check use.
fn check_service(fact: &Fact) -> Option<Endpoint> {
    let Fact::Check { path: Some(path), server, .. } = fact else { return None };
    Some(Endpoint::Mark { mark: path.mark, family: Family::of(*server) })
}

fn timeouts(checked: &Checked<'_>, host: &HostFacts<'_>, found: &mut Vec<Mismatch>) {
    let wanted = checked.cluster().timeouts.map(|timeouts| timeouts.value);
    let mut seen = None;
    for (at, fact) in host.facts() {
        let Fact::Timeouts(timeouts) = fact else { continue };
        seen = Some(*timeouts);
        if wanted != seen {
            found.push(host.mismatch_at(at, "the timeouts differ from the model".into()));
        }
    }
    if wanted.is_some() && seen.is_none() {
        found.push(host.mismatch("no file sets the timeouts".into()));
    }
}

fn marks(checked: &Checked<'_>, host: &HostFacts<'_>, found: &mut Vec<Mismatch>) {
    for service in &checked.cluster().virtual_services {
        let PortOrMark::Fwmark { mark: wanted, ports: wanted_ports } = &service.port_or_mark else {
            continue;
        };
        let protocols = service.protocols();
        let each = service.vips.iter().flat_map(|vip| protocols.iter().map(move |one| (vip, *one)));
        for (vip, wanted_protocol) in each {
            let marked = host.facts().any(|(_, fact)| match fact {
                Fact::Mark { address, protocol, ports, mark } => {
                    *address == vip.0
                        && *protocol == wanted_protocol
                        && *mark == wanted.value
                        && ports.iter().collect::<BTreeSet<_>>()
                            == wanted_ports.iter().map(|port| &port.value).collect()
                }
                _ => false,
            });
            if !marked {
                let why =
                    format!("no file marks the packets to {} with {}", vip.value, wanted.value);
                found.push(host.mismatch(why));
            }
        }
    }
}
