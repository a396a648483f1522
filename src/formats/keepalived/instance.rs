//! The VRRP instances of keepalived.conf(5): their VIPs, and the way in which the directors agree.

use std::net::IpAddr;

use super::addresses;
use super::blocks::Block;
use super::frame;
use super::put;
use crate::facts::{Fact, FactAt, Reading, RestKind, Span};
use crate::secret::SecretName;
use crate::vrrp::{Instance, Password};

/// The default of `priority` (`VRRP_PRIO_DFL`).
const DEFAULT_PRIORITY: u8 = 100;

/// Reads one block `vrrp_instance`. `version` is the version of instances that do not name their own.
pub(super) fn instance(block: &Block, version: u8, reading: &mut Reading) {
    frame(block, reading);
    let at = block.inside.iter().position(|statement| statement.keyword() == "interface");
    let interface = at.map(|at| &block.inside[at]);
    let name = interface.and_then(|statement| statement.arguments().first().copied());
    let mut shared: Vec<Span> = interface.iter().map(|statement| statement.span()).collect();
    let mut found = Found { preempts: true, ..Found::default() };
    for (number, statement) in block.inside.iter().enumerate() {
        match statement.keyword() {
            _ if Some(number) == at => {}
            "authentication" => {
                frame(statement, reading);
                found.authentication(statement, reading);
            }
            "virtual_ipaddress" | "virtual_ipaddress_excluded" => {
                frame(statement, reading);
                addresses(statement, name, &mut shared, reading);
            }
            "track_interface" => {
                frame(statement, reading);
                tracked(statement, reading);
            }
            _ if found.take(statement) => {}
            _ => statement.leave(RestKind::Lost, "lvsgen does not read this setting", reading),
        }
    }
    reading.leave_interface(shared);
    let title = block.arguments().first().copied().unwrap_or_default();
    found.finish(title, name, version, reading);
}

/// Reads the NICs that keepalived watches. With a weight, a NIC changes only the priority.
fn tracked(block: &Block, reading: &mut Reading) {
    for statement in &block.inside {
        match statement.arguments().as_slice() {
            [] | ["weight", "0"] if statement.is_line() => {
                let nic = statement.keyword().to_owned();
                reading.fact(Fact::TrackedNic(nic), statement.span());
            }
            _ => {
                let reason =
                    "a director of the model gives the VIPs away, and has no weight for it";
                statement.leave(RestKind::Lost, reason, reading);
            }
        }
    }
}

/// The settings of an instance that were read.
#[derive(Default)]
struct Found<'b> {
    virtual_router_id: Option<u8>,
    priority: Option<u8>,
    interval: Option<u8>,
    version: Option<u8>,
    password: Option<Password>,
    preempts: bool,
    source: Option<IpAddr>,
    peers: Vec<IpAddr>,
    statements: Vec<&'b Block>,
}

impl<'b> Found<'b> {
    /// Takes a statement. `false`: it is another setting, or its value is of another kind.
    fn take(&mut self, statement: &'b Block) -> bool {
        let value = statement.arguments().first().copied().unwrap_or_default();
        let taken = match statement.keyword() {
            "unicast_peer" if statement.inside.iter().all(Block::is_line) => {
                let peers = statement.inside.iter().map(|peer| peer.keyword().parse().ok());
                let peers: Option<Vec<IpAddr>> = peers.collect();
                peers.map(|peers| self.peers.extend(peers)).is_some()
            }
            _ if !statement.is_line() => false,
            "virtual_router_id" => put(&mut self.virtual_router_id, value.parse().ok()),
            "priority" => put(&mut self.priority, value.parse().ok()),
            "version" => {
                put(&mut self.version, value.parse().ok().filter(|one| [2, 3].contains(one)))
            }
            "advert_int" => put(&mut self.interval, value.parse().ok()),
            "unicast_src_ip" | "mcast_src_ip" => put(&mut self.source, value.parse().ok()),
            // The first state; the priorities decide the next ones.
            "state" => matches!(value, "MASTER" | "BACKUP"),
            "nopreempt" => {
                self.preempts = false;
                true
            }
            _ => false,
        };
        if taken {
            self.statements.push(statement);
        }
        taken
    }

    /// Takes the block `authentication`. Of a password in clear text, only its existence is kept.
    fn authentication(&mut self, block: &'b Block, reading: &mut Reading) {
        for statement in &block.inside {
            match (statement.keyword(), statement.arguments().as_slice()) {
                _ if !statement.is_line() => {
                    statement.leave(RestKind::Lost, "lvsgen does not read this block", reading);
                }
                ("auth_type", ["PASS"]) => self.statements.push(statement),
                ("auth_pass", [value]) => {
                    let secret = SecretName::of_placeholder(value).map(Password::Secret);
                    self.password = Some(secret.unwrap_or(Password::InClearText));
                    self.statements.push(statement);
                }
                _ => statement.leave(RestKind::Lost, "lvsgen does not read this setting", reading),
            }
        }
    }

    /// Adds the fact. keepalived refuses an instance without an ID or an interface.
    fn finish(self, name: &str, interface: Option<&str>, version: u8, reading: &mut Reading) {
        let (Some(id), Some(interface)) = (self.virtual_router_id, interface) else {
            for statement in self.statements {
                statement.leave(RestKind::Lost, "a part of an incomplete instance", reading);
            }
            return;
        };
        let instance = Instance {
            name: name.to_owned(),
            interface: interface.to_owned(),
            virtual_router_id: id,
            priority: self.priority.unwrap_or(DEFAULT_PRIORITY),
            version: self.version.unwrap_or(version),
            password: self.password,
            interval: self.interval.unwrap_or(1),
            preempts: self.preempts,
            source: self.source,
            peers: self.peers,
        };
        let own = self.statements.iter().flat_map(|statement| {
            let inside = statement.inside.iter().map(|one| one.span());
            statement.spans().into_iter().chain(inside)
        });
        reading.facts.push(FactAt { fact: Fact::Instance(instance), spans: own.collect() });
    }
}
