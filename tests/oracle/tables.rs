//! Random IPVS tables, probes of their VIPs, and the predictions of the model.

use std::fmt::Write as _;
use std::net::{IpAddr, Ipv4Addr};

use lvsgen::formats::ipvsadm;
use lvsgen::ipvs::{
    Affinity, Destination, Endpoint, Family, Forwarding, PortRange, Protocol, Scheduler, Service,
};
use lvsgen::kernel::ipvs::{Mark, Packet, Table};
use serde_json::{Value, json};

use super::hosts::Random;

/// The schedulers of a table. `mh` and `sh` choose by the client, the others by the table.
const SCHEDULERS: [Scheduler; 11] = [
    Scheduler::Rr,
    Scheduler::Rr,
    Scheduler::Wrr,
    Scheduler::Wrr,
    Scheduler::Wlc,
    Scheduler::Lc,
    Scheduler::Sh,
    Scheduler::Fo,
    Scheduler::Fo,
    Scheduler::Ovf,
    Scheduler::Dh,
];

/// A table, and the VIPs that the director has.
#[derive(Clone, Debug)]
pub struct Generated {
    pub table: Table,
    pub vips: Vec<Ipv4Addr>,
    pub probes: Vec<Packet>,
}

/// The addresses of the table with a number: a deleted real server keeps its connections, so no two tables share one.
fn address(number: usize, host: u8) -> Ipv4Addr {
    Ipv4Addr::new(10, 1, u8::try_from(number).expect("there are few tables"), host)
}

impl Generated {
    pub fn new(number: usize, random: &mut Random) -> Self {
        let mut one = Self { table: Table::default(), vips: Vec::new(), probes: Vec::new() };
        let vips: Vec<Ipv4Addr> = (100..103).map(|host| address(number, host)).collect();
        // The last VIP is missing on some directors.
        one.vips = vips[..2 + random.below(2)].to_vec();
        for vip in &vips {
            for port in [80, 0] {
                if random.chance(if port == 0 { 40 } else { 80 }) {
                    let protocol = *random.one(&[Protocol::Tcp, Protocol::Tcp, Protocol::Udp]);
                    let address = IpAddr::V4(*vip);
                    one.service(Endpoint::Socket { protocol, address, port }, number, random);
                }
            }
            if random.chance(30) {
                let mark = 1 + u32::from(vip.octets()[3]);
                let ports = PortRange { first: 80, last: 81 };
                let ports = if random.chance(50) { vec![ports] } else { Vec::new() };
                let (address, protocol) = (IpAddr::V4(*vip), Protocol::Tcp);
                one.table.marks.push(Mark { address, protocol, ports, mark, place: None });
                one.service(Endpoint::Mark { mark, family: Family::Ipv4 }, number, random);
            }
            for protocol in [Protocol::Tcp, Protocol::Udp] {
                for port in [80, 443] {
                    one.probes.push(Packet { address: IpAddr::V4(*vip), port, protocol });
                }
            }
        }
        one
    }

    fn service(&mut self, endpoint: Endpoint, number: usize, random: &mut Random) {
        // The kernel takes a service of all ports only with persistence.
        let all_ports =
            endpoint.destination_port() == 0 && !matches!(endpoint, Endpoint::Mark { .. });
        let persistence = (all_ports || random.chance(25))
            .then(|| Affinity { timeout: 300, prefix: *random.one(&[32, 32, 24]) });
        let service = Service {
            endpoint,
            scheduler: *random.one(&SCHEDULERS),
            scheduler_flags: Vec::new(),
            persistence,
            one_packet: false,
        };
        self.table.services.push((service, None));
        let first = self.table.destinations.len();
        for host in 0..=random.below(3) {
            let host = u8::try_from(11 + first + host).expect("there are few real servers");
            let forwarding = *random.one(&[
                Forwarding::Direct,
                Forwarding::Direct,
                Forwarding::Direct,
                Forwarding::Tunnel,
                Forwarding::Masquerade,
            ]);
            let own =
                if forwarding == Forwarding::Masquerade && random.chance(80) { 8080 } else { 80 };
            let port = if endpoint.destination_port() == 0 { 0 } else { own };
            let to = Destination::new(IpAddr::V4(address(number, host)), port, forwarding);
            let to = Destination { weight: *random.one(&[0, 1, 1, 2, 2]), ..to };
            self.table.destinations.push((endpoint, to, None));
        }
    }

    /// The reaction to each probe: the real servers with their shares. `counted`: the connections follow the shares.
    pub fn predict(&self) -> Vec<Value> {
        self.probes.iter().map(|probe| self.reaction(*probe)).collect()
    }

    fn reaction(&self, probe: Packet) -> Value {
        let local = self.vips.iter().any(|vip| IpAddr::V4(*vip) == probe.address);
        let service = self.table.service(probe).filter(|_| local).map(|(service, _)| service);
        let mut choices = service.map(|service| self.table.choices(service)).unwrap_or_default();
        choices.sort_by_key(|choice| choice.destination.address);
        let servers = choices.iter().map(|choice| {
            let Destination { address, port, forwarding, .. } = choice.destination;
            // Only masquerading changes the port of a packet.
            let changed = forwarding == Forwarding::Masquerade && port != 0;
            let port = if changed { port } else { probe.port };
            json!({ "address": address, "port": port, "forwarding": forwarding.as_str(), "share": choice.share })
        });
        let persistence = service.and_then(|service| service.persistence);
        let shared = |one: Scheduler| matches!(one, Scheduler::Rr | Scheduler::Wrr | Scheduler::Fo);
        json!({
            "protocol": probe.protocol.as_str(), "address": probe.address, "port": probe.port,
            "servers": servers.collect::<Vec<_>>(),
            "counted": persistence.is_none() && service.is_some_and(|service| shared(service.scheduler)),
            "prefix": persistence.map(|one| one.prefix),
        })
    }

    /// The table for the player.
    pub fn json(&self) -> Value {
        let mut rules = String::new();
        for (service, _) in &self.table.services {
            writeln!(rules, "{}", ipvsadm::service(service)).unwrap();
        }
        for (endpoint, destination, _) in &self.table.destinations {
            writeln!(rules, "{}", ipvsadm::destination(*endpoint, destination)).unwrap();
        }
        let marks = self.table.marks.iter().map(|one| {
            let ports = one.ports.first().map(|range| format!("{}-{}", range.first, range.last));
            json!({ "address": one.address, "protocol": one.protocol.as_str(), "ports": ports, "mark": one.mark })
        });
        json!({
            "rules": rules, "vips": self.vips, "marks": marks.collect::<Vec<_>>(), "probes": self.predict(),
        })
    }
}

type Mutant = fn(&mut Generated);

/// Tables with one rule of the kernel left out.
pub const MUTANTS: &[(&str, Mutant)] = &[
    ("the weight 0 gets connections", |one| {
        each(one, |to| to.weight = to.weight.max(1));
    }),
    ("the weight has no effect", |one| each(one, |to| to.weight = to.weight.min(1))),
    ("the port of a masqueraded packet stays", |one| each(one, |to| to.port = 0)),
    ("every real server gets packets directly", |one| {
        each(one, |to| to.forwarding = Forwarding::Direct);
    }),
    ("a mark has no effect", |one| one.table.marks.clear()),
    ("the ports of a mark have no effect", |one| {
        one.table.marks.iter_mut().for_each(|mark| mark.ports.clear());
    }),
    ("a service of all ports has no effect", |one| {
        let all = |endpoint: Endpoint| matches!(endpoint, Endpoint::Socket { port: 0, .. });
        one.table.services.retain(|(service, _)| !all(service.endpoint));
    }),
    ("the director needs no VIP", |one| {
        let third = Ipv4Addr::from(u32::from(one.vips[0]) + 2);
        one.vips.push(third);
    }),
    ("failover is round robin", |one| {
        for (service, _) in &mut one.table.services {
            if service.scheduler == Scheduler::Fo {
                service.scheduler = Scheduler::Rr;
            }
        }
    }),
    ("the order of real servers has no effect", |one| one.table.destinations.reverse()),
    ("persistence has no effect", |one| {
        one.table.services.iter_mut().for_each(|(service, _)| service.persistence = None);
    }),
];

fn each(one: &mut Generated, change: fn(&mut Destination)) {
    one.table.destinations.iter_mut().for_each(|(_, to, _)| change(to));
}
