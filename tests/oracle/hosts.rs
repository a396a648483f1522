//! Random hosts, random probes, and the predictions of the model.

use std::net::{IpAddr, Ipv4Addr};

use ipnet::IpNet;
use lvsgen::facts::Fact;
use lvsgen::formats::Format;
use lvsgen::kernel::arp::Answer;
use lvsgen::kernel::host::{Address, Host, MAIN, Route, Rule, Scope};
use lvsgen::kernel::route::{Arrival, Found, From, Input};
use lvsgen::kernel::{Kernel, Moment, Setting, SysctlFile};
use serde_json::{Value, json};

/// Numbers that look random, and are the same for the same seed (xorshift).
pub struct Random(u64);

impl Random {
    pub fn new(seed: u64) -> Self {
        Self(seed.wrapping_mul(0x9e37_79b9_7f4a_7c15) | 1)
    }

    pub fn below(&mut self, limit: usize) -> usize {
        self.0 ^= self.0 << 13;
        self.0 ^= self.0 >> 7;
        self.0 ^= self.0 << 17;
        (self.0 >> 33) as usize % limit
    }

    pub fn one<'t, T>(&mut self, all: &'t [T]) -> &'t T {
        &all[self.below(all.len())]
    }

    pub fn chance(&mut self, percent: usize) -> bool {
        self.below(100) < percent
    }
}

/// A host as files and commands describe it.
#[derive(Clone, Debug)]
pub struct Generated {
    /// A file of sysctl.d(5).
    pub sysctls: String,
    pub addresses: Vec<(String, String, Scope)>,
    /// Table, destinations, gateway and NIC.
    pub routes: Vec<(u32, String, Ipv4Addr, String)>,
    pub rules: Vec<(Ipv4Addr, u32)>,
    pub probes: Vec<Probe>,
}

/// A packet, and the NIC that receives it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Probe {
    Arp { nic: String, sender: Ipv4Addr, target: Ipv4Addr },
    Syn { nic: String, source: Ipv4Addr, destination: Ipv4Addr },
    Forward { nic: String, source: Ipv4Addr, destination: Ipv4Addr },
}

/// The reaction to a probe: an ARP answer, or the ARP request that comes before a packet leaves.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Reaction {
    Answers(bool),
    Sends(Option<(String, IpAddr, Option<IpAddr>)>),
}

const VIP: Ipv4Addr = Ipv4Addr::new(10, 1, 0, 100);

fn ip(text: &str) -> Ipv4Addr {
    text.parse().unwrap()
}

impl Generated {
    pub fn new(random: &mut Random) -> Self {
        let mut host = Self {
            sysctls: String::new(),
            addresses: Vec::new(),
            routes: Vec::new(),
            rules: Vec::new(),
            probes: Vec::new(),
        };
        host.settings(random);
        host.add_addresses(random);
        host.add_routes(random);
        for _ in 0..12 {
            let probe = host.probe(random);
            if !host.probes.contains(&probe) {
                host.probes.push(probe);
            }
        }
        host
    }

    fn settings(&mut self, random: &mut Random) {
        let parameters: [(&str, &[u8], usize); 8] = [
            ("arp_ignore", &[0, 1, 1, 2, 3, 8], 35),
            ("arp_announce", &[0, 1, 2], 35),
            ("rp_filter", &[0, 1, 2], 35),
            ("accept_local", &[1], 12),
            ("send_redirects", &[0], 60),
            ("arp_filter", &[1], 12),
            ("route_localnet", &[1], 12),
            ("proxy_arp", &[1], 10),
        ];
        if random.chance(50) {
            self.sysctls += "net.ipv4.ip_forward = 1\n";
        }
        for (parameter, values, percent) in parameters {
            for member in ["all", "default", "lo", "eth0", "eth1"] {
                if random.chance(percent) {
                    let value = random.one(values);
                    self.sysctls += &format!("net.ipv4.conf.{member}.{parameter} = {value}\n");
                }
            }
        }
        for nic in ["eth0", "eth1"] {
            if random.chance(10) {
                let value = random.below(2);
                self.sysctls += &format!("net.ipv4.conf.{nic}.forwarding = {value}\n");
            }
        }
    }

    fn add_addresses(&mut self, random: &mut Random) {
        let mut add = |nic: &str, net: &str, scope| {
            self.addresses.push((nic.to_owned(), net.to_owned(), scope));
        };
        let scopes = [Scope::Global, Scope::Global, Scope::Link, Scope::Host];
        let before = random.chance(30);
        let vip = *random.one(&[
            None,
            Some(("lo", 32)),
            Some(("lo", 32)),
            Some(("lo", 24)),
            Some(("eth0", 32)),
            Some(("eth0", 24)),
            Some(("eth1", 32)),
        ]);
        let scope = *random.one(&scopes);
        let vip = vip.map(|(nic, prefix)| (nic, format!("{VIP}/{prefix}"), scope));
        if let Some((nic, net, scope)) = vip.as_ref().filter(|_| before) {
            add(nic, net, *scope);
        }
        add("eth0", "10.1.0.2/24", Scope::Global);
        if random.chance(30) {
            add("eth0", "10.1.0.3/24", *random.one(&scopes));
        }
        if random.chance(20) {
            add("eth0", "10.1.0.130/25", *random.one(&scopes));
        }
        if random.chance(15) {
            add("eth0", "10.3.0.2/24", *random.one(&scopes));
        }
        match random.below(4) {
            0 => {}
            1 => add("eth1", "10.1.0.5/24", Scope::Global),
            _ => add("eth1", "10.2.0.2/24", *random.one(&scopes)),
        }
        if let Some((nic, net, scope)) = vip.as_ref().filter(|_| !before) {
            add(nic, net, *scope);
        }
    }

    fn add_routes(&mut self, random: &mut Random) {
        let has = |net: &str| self.addresses.iter().any(|(_, one, _)| one == net);
        let second = has("10.2.0.2/24");
        let mut add = |table, net: &str, gateway: &str, nic: &str| {
            self.routes.push((table, net.to_owned(), ip(gateway), nic.to_owned()));
        };
        match random.below(4) {
            0 => {}
            1 if second => add(MAIN, "0.0.0.0/0", "10.2.0.1", "eth1"),
            _ => add(MAIN, "0.0.0.0/0", "10.1.0.1", "eth0"),
        }
        if random.chance(30) {
            match second {
                true => add(MAIN, "198.51.100.0/24", "10.2.0.7", "eth1"),
                false => add(MAIN, "198.51.100.0/24", "10.1.0.7", "eth0"),
            }
        }
        if random.chance(20) {
            let source = *random.one(&[VIP, ip("10.1.0.2")]);
            self.rules.push((source, 100));
            add(100, "0.0.0.0/0", "10.1.0.6", "eth0");
        }
    }

    fn probe(&self, random: &mut Random) -> Probe {
        let nic = (*random.one(&["eth0", "eth0", "eth1"])).to_owned();
        let own = [VIP, VIP, VIP, ip("10.1.0.2"), ip("10.1.0.3"), ip("10.2.0.2"), ip("10.1.0.130")];
        let strangers = [ip("10.1.0.50"), ip("10.2.0.50"), ip("127.0.0.1"), ip("198.51.100.5")];
        let senders = [
            "10.1.0.9",
            "10.1.0.9",
            "10.1.0.140",
            "10.2.0.9",
            "10.3.0.9",
            "203.0.113.9",
            "198.51.100.9",
            "10.1.0.100",
            "10.1.0.2",
            "127.0.0.1",
        ];
        let sender = *random.one(&senders);
        let sender = ip(sender);
        match random.below(3) {
            0 => {
                let sender = if random.chance(12) { Ipv4Addr::UNSPECIFIED } else { sender };
                let all = random.chance(80);
                let target = if all { *random.one(&own) } else { *random.one(&strangers) };
                Probe::Arp { nic, sender, target }
            }
            1 => {
                let all = random.chance(92);
                let destination = if all { *random.one(&own) } else { ip("127.0.0.1") };
                // The answer must not look like the request.
                let same = sender == destination;
                let source = if same { ip("10.1.0.9") } else { sender };
                Probe::Syn { nic, source, destination }
            }
            _ => {
                let to = ["10.1.0.60", "10.2.0.60", "203.0.113.77", "198.51.100.77", "10.1.0.100"];
                // A source of the loopback network gets no ARP answer.
                let source = if sender.is_loopback() { ip("10.2.0.9") } else { sender };
                let to = *random.one(&to);
                Probe::Forward { nic, source, destination: ip(to) }
            }
        }
    }

    fn settings_of(&self) -> Vec<Setting<'static>> {
        let reading = Format::Sysctl.read("/etc/sysctl.d/a.conf", &self.sysctls);
        let settings = reading.facts.into_iter().filter_map(|one| match one.fact {
            Fact::Setting { key, value } => Some(Setting {
                key: key.into(),
                value: Some(value.into()),
                span: None,
                tunes: false,
            }),
            _ => None,
        });
        settings.collect()
    }

    /// The reactions that the model predicts, and for each route whether the kernel takes it.
    pub fn predict(&self) -> (Vec<Reaction>, Vec<bool>) {
        let files = [SysctlFile {
            path: "/etc/sysctl.d/a.conf".into(),
            applied_last: false,
            settings: self.settings_of(),
        }];
        let mut host = Host::new(Kernel::new(&files, true, Moment::Running));
        let loopback = ("lo".to_owned(), "127.0.0.1/8".to_owned(), Scope::Host);
        for (nic, net, scope) in std::iter::once(&loopback).chain(&self.addresses) {
            let net: IpNet = net.parse().unwrap();
            let (nic, scope) = (nic.clone(), *scope);
            host.add(Address { nic, net, scope, secondary: false, order: 0, place: None });
        }
        let mut taken = Vec::new();
        for (table, net, gateway, nic) in &self.routes {
            let good = host.takes_gateway((*gateway).into(), nic);
            taken.push(good);
            if good {
                host.routes.push(Route {
                    table: *table,
                    net: net.parse().unwrap(),
                    gateway: Some((*gateway).into()),
                    nic: nic.clone(),
                    place: None,
                });
            }
        }
        for (source, table) in &self.rules {
            let (source, table) = ((*source).into(), *table);
            host.rules.push(Rule { source, ports: None, table, place: None });
        }
        (self.probes.iter().map(|probe| react(&host, probe)).collect(), taken)
    }

    /// The case for the player.
    pub fn json(&self, (reactions, taken): &(Vec<Reaction>, Vec<bool>)) -> Value {
        let scope = |scope: &Scope| match scope {
            Scope::Global => "global",
            Scope::Link => "link",
            Scope::Host => "host",
        };
        let addresses: Vec<Value> =
            self.addresses.iter().map(|(nic, net, one)| json!([nic, net, scope(one)])).collect();
        let routes = self.routes.iter().zip(taken);
        let routes: Vec<Value> = routes
            .map(|((table, net, gateway, nic), good)| json!([table, net, gateway, nic, good]))
            .collect();
        let probes: Vec<Value> = self.probes.iter().zip(reactions).map(probe_json).collect();
        let settings: Vec<[String; 2]> = self
            .sysctls
            .lines()
            .map(|line| {
                let (key, value) = line.split_once(" = ").unwrap();
                [key.replace('.', "/"), value.to_owned()]
            })
            .collect();
        json!({ "settings": settings, "addresses": addresses, "routes": routes, "rules": self.rules, "probes": probes })
    }
}

/// The reaction of the model to a probe.
fn react(host: &Host<'_>, probe: &Probe) -> Reaction {
    match probe {
        Probe::Arp { nic, sender, target } => {
            Reaction::Answers(host.arp_answer(nic, *sender, *target).value == Answer::Answers)
        }
        Probe::Syn { nic, source, destination } => {
            let (source, destination) = (IpAddr::from(*source), IpAddr::from(*destination));
            let port = Some(80);
            if host.input(Arrival { nic, source, destination, port }).value != Input::Local {
                return Reaction::Sends(None);
            }
            let back = From { address: destination, port };
            let sends = match host.output(source, Some(back)).value {
                None | Some(Found::Local(_)) => None,
                Some(found) => {
                    let next = found.gateway().unwrap_or(source);
                    let sender = host.arp_sender(found.nic(), Some(destination), next).value;
                    Some((found.nic().to_owned(), next, sender))
                }
            };
            Reaction::Sends(sends)
        }
        Probe::Forward { nic, source, destination } => {
            let (source, destination) = (IpAddr::from(*source), IpAddr::from(*destination));
            match host.input(Arrival { nic, source, destination, port: None }).value {
                Input::Forward { nic, next } => {
                    let sender = host.arp_sender(&nic, Some(source), next).value;
                    Reaction::Sends(Some((nic, next, sender)))
                }
                Input::Local | Input::Dropped(_) => Reaction::Sends(None),
            }
        }
    }
}

fn probe_json((probe, reaction): (&Probe, &Reaction)) -> Value {
    let (kind, nic, source, destination) = match probe {
        Probe::Arp { nic, sender, target } => ("arp", nic, sender, target),
        Probe::Syn { nic, source, destination } => ("syn", nic, source, destination),
        Probe::Forward { nic, source, destination } => ("forward", nic, source, destination),
    };
    let expected = match reaction {
        Reaction::Answers(answers) => json!(answers),
        Reaction::Sends(None) => Value::Null,
        // A NIC that finds no sender writes 0.0.0.0.
        Reaction::Sends(Some((nic, next, sender))) => {
            json!([nic, next, sender.unwrap_or(Ipv4Addr::UNSPECIFIED.into())])
        }
    };
    json!({ "kind": kind, "nic": nic, "source": source, "destination": destination, "expected": expected })
}
