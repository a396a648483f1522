//! The virtual servers of keepalived.conf(5): entries of the IPVS table.

use std::collections::BTreeMap;
use std::net::IpAddr;

use super::blocks::Block;
use super::check::WrittenTimes;
use super::frame;
use super::policy::Policy;
use super::real_server::real_server;
use crate::facts::{Fact, FactAt, Reading, RestKind, Span};
use crate::ipvs::{
    Affinity, Endpoint, Family, Forwarding, Protocol, Scheduler, SchedulerFlag, Service,
};

/// The timeout of a `persistence_timeout` without a number, in seconds (`IPVS_SVC_PERSISTENT_TIMEOUT`).
const DEFAULT_PERSISTENCE: u32 = 360;

/// Statements of a virtual server that decide about its checks, and not about its entry in the table.
pub(super) const OF_CHECKS: [&str; 23] = [
    "alpha",
    "connect_timeout",
    "delay_before_retry",
    "delay_loop",
    "ha_suspend",
    "hysteresis",
    "inhibit_on_failure",
    "log_all_failures",
    "nb_get_retry",
    "notify_down",
    "notify_up",
    "omega",
    "quorum",
    "quorum_down",
    "quorum_up",
    "retry",
    "smtp_alert",
    "snmp_name",
    "sorry_server",
    "sorry_server_inhibit",
    "sorry_server_lvs_method",
    "virtualhost",
    "warmup",
];

/// The sockets and marks of a `virtual_server_group`.
pub(super) struct Group(Vec<Target>);

/// The packets that a virtual server takes, before its protocol and family are known.
#[derive(Clone, Copy)]
enum Target {
    Socket(IpAddr, u16),
    Mark(u32),
}

impl Group {
    /// Reads the block of a group. Its statements belong to the rest: the facts stand at the virtual servers.
    pub(super) fn read(block: &Block, reading: &mut Reading) -> Self {
        frame(block, reading);
        let mut targets = Vec::new();
        for statement in &block.inside {
            let tokens: Vec<&str> =
                statement.tokens.iter().map(|token| token.text.as_str()).collect();
            let found: Vec<Target> = match target(&tokens) {
                Some(target) => vec![target],
                None => range(&tokens).unwrap_or_default(),
            };
            match found.is_empty() {
                false => statement.leave(RestKind::Unused, "a part of a group", reading),
                true => statement.leave(RestKind::Refused, "the entry is not valid", reading),
            }
            targets.extend(found);
        }
        Self(targets)
    }
}

/// Reads `192.0.2.1 80` or `fwmark 7`.
fn target(tokens: &[&str]) -> Option<Target> {
    match tokens {
        ["fwmark", mark] => Some(Target::Mark(mark.parse().ok()?)),
        [address, port] => Some(Target::Socket(address.parse().ok()?, port.parse().ok()?)),
        [address] => Some(Target::Socket(address.parse().ok()?, 0)),
        _ => None,
    }
}

/// The largest number of addresses of a range (`lib/utils.c` of keepalived has no limit).
const MOST_OF_RANGE: u32 = 10_000;

/// Reads `192.0.2.20-22 80`, `192.0.2.250-192.0.3.5 80` or `192.0.2.8/29 80`. Without dots and colons, the end of a range is the last part
/// of the address.
fn range(tokens: &[&str]) -> Option<Vec<Target>> {
    let (addresses, port) = match tokens {
        [addresses] => (*addresses, 0),
        [addresses, port] => (*addresses, port.parse().ok()?),
        _ => return None,
    };
    let (first, last) = match addresses.split_once('-') {
        Some((first, last)) if last.contains(['.', ':']) => {
            (first.parse().ok()?, last.parse().ok()?)
        }
        Some((first, last)) => {
            let (before, _) = first.rsplit_once(['.', ':'])?;
            let separator = if first.contains(':') { ':' } else { '.' };
            (first.parse().ok()?, format!("{before}{separator}{last}").parse().ok()?)
        }
        None => {
            let net: ipnet::IpNet = addresses.parse().ok()?;
            (net.network(), net.broadcast())
        }
    };
    let socket = |address| Target::Socket(address, port);
    let all: Vec<Target> = match (first, last) {
        (IpAddr::V4(first), IpAddr::V4(last)) => {
            let many = last.to_bits().checked_sub(first.to_bits())?;
            (many < MOST_OF_RANGE).then_some(())?;
            (first.to_bits()..=last.to_bits()).map(|one| socket(IpAddr::V4(one.into()))).collect()
        }
        (IpAddr::V6(first), IpAddr::V6(last)) => {
            let many = last.to_bits().checked_sub(first.to_bits())?;
            (many < u128::from(MOST_OF_RANGE)).then_some(())?;
            (first.to_bits()..=last.to_bits()).map(|one| socket(IpAddr::V6(one.into()))).collect()
        }
        _ => return None,
    };
    Some(all)
}

/// Reads one block `virtual_server`.
pub(super) fn virtual_server(block: &Block, groups: &BTreeMap<&str, Group>, reading: &mut Reading) {
    let arguments = block.arguments();
    let targets: Vec<Target> = match arguments.as_slice() {
        ["group", name] => groups.get(name).map(|group| group.0.clone()).unwrap_or_default(),
        tokens => target(tokens).into_iter().collect(),
    };
    if targets.is_empty() {
        let reason =
            "the virtual server has no address with a port, no mark and no group with entries";
        return block.leave(RestKind::Refused, reason, reading);
    }
    let mut entry = Entry::read(block, reading);
    entry.correct(&targets, block, reading);
    let mut spans = block.spans();
    spans.extend(entry.statements.iter().map(|statement| statement.span()));
    let services: Vec<Service> = targets.iter().map(|target| entry.service(*target)).collect();
    for service in &services {
        // The services of a group share their bytes. The bytes belong to the first service.
        let spans = std::mem::take(&mut spans);
        reading.facts.push(FactAt { fact: Fact::Service(service.clone()), spans });
    }
    if let Some((statement, server)) = entry.sorry_server {
        let mut spans = statement.spans();
        for service in &services {
            let (endpoint, forwarding) = (service.endpoint, entry.forwarding);
            let fact = Fact::SorryServer { endpoint, server, forwarding };
            reading.facts.push(FactAt { fact, spans: std::mem::take(&mut spans) });
        }
    }
    let mut spans: Vec<Span> = entry.policies.iter().map(|statement| statement.span()).collect();
    for service in &services {
        for fact in entry.policy.facts(service.endpoint) {
            reading.facts.push(FactAt { fact, spans: std::mem::take(&mut spans) });
        }
    }
    for span in spans {
        reading.leave(RestKind::Unused, span, "a setting of the checks");
    }
    for statement in &entry.real_servers {
        real_server(statement, &services, &entry, reading);
    }
}

/// The settings of a virtual server.
pub(super) struct Entry<'b> {
    scheduler: Scheduler,
    flags: Vec<SchedulerFlag>,
    /// `None`: the file names none.
    protocol: Option<Protocol>,
    pub(super) forwarding: Forwarding,
    persistence: Option<u32>,
    granularity: Option<u8>,
    one_packet: bool,
    family: Family,
    pub(super) times: WrittenTimes,
    pub(super) policy: Policy,
    policies: Vec<&'b Block>,
    sorry_server: Option<(&'b Block, IpAddr)>,
    /// The statements of these settings.
    statements: Vec<&'b Block>,
    real_servers: Vec<&'b Block>,
}

impl<'b> Entry<'b> {
    fn read(block: &'b Block, reading: &mut Reading) -> Self {
        let mut entry = Self::usual();
        for statement in &block.inside {
            let arguments = statement.arguments();
            let value = arguments.first().copied();
            match statement.keyword() {
                "real_server" => {
                    let address = value.and_then(|value| value.parse().ok());
                    entry.family = address.map_or(entry.family, Family::of);
                    entry.real_servers.push(statement);
                }
                "sorry_server" if entry.take_sorry_server(statement) => {}
                _ if entry.times.take(statement) => {
                    statement.leave(RestKind::Unused, "a time of the checks", reading);
                }
                _ if entry.policy.take(statement) => entry.policies.push(statement),
                token if OF_CHECKS.contains(&token) => {
                    statement.leave(RestKind::Lost, "a setting of the checks", reading);
                }
                token => match entry.set(token, value) {
                    Some(true) if statement.is_line() => entry.statements.push(statement),
                    Some(_) => {
                        let reason = "keepalived does not know the value, and uses its default";
                        statement.leave(RestKind::Refused, reason, reading);
                    }
                    None => {
                        let reason = "keepalived knows no such setting of a virtual server";
                        statement.leave(RestKind::Unknown, reason, reading);
                    }
                },
            }
        }
        entry.flags.sort_unstable();
        entry.flags.dedup();
        entry
    }

    /// The defaults of keepalived.
    fn usual() -> Self {
        Self {
            scheduler: Scheduler::Wlc,
            flags: Vec::new(),
            protocol: None,
            forwarding: Forwarding::Masquerade,
            persistence: None,
            granularity: None,
            one_packet: false,
            family: Family::Ipv4,
            times: WrittenTimes::default(),
            policy: Policy::default(),
            policies: Vec::new(),
            sorry_server: None,
            statements: Vec::new(),
            real_servers: Vec::new(),
        }
    }

    /// Takes a sorry server. `false`: its address is not valid.
    fn take_sorry_server(&mut self, statement: &'b Block) -> bool {
        let address = statement.arguments().first().and_then(|text| text.parse().ok());
        self.sorry_server = address.filter(|_| statement.is_line()).map(|one| (statement, one));
        self.sorry_server.is_some()
    }

    /// Takes a setting. `Some(false)`: its value is not valid; `None`: there is no such setting.
    fn set(&mut self, token: &str, value: Option<&str>) -> Option<bool> {
        let text = value.unwrap_or_default();
        Some(match token {
            "lvs_sched" | "lb_algo" => put(&mut self.scheduler, Scheduler::new(text).ok()),
            "lvs_method" | "lb_kind" => put(&mut self.forwarding, forwarding(text)),
            "protocol" => {
                put(&mut self.protocol, Protocol::new(&text.to_lowercase()).ok().map(Some))
            }
            "ip_family" => put(
                &mut self.family,
                match text {
                    "inet" => Some(Family::Ipv4),
                    "inet6" => Some(Family::Ipv6),
                    _ => None,
                },
            ),
            "persistence_timeout" => {
                let seconds = value.map_or(Some(DEFAULT_PERSISTENCE), |text| text.parse().ok());
                self.persistence = seconds.filter(|seconds| *seconds > 0);
                self.persistence.is_some()
            }
            "persistence_granularity" => {
                self.granularity = prefix(text);
                self.granularity.is_some()
            }
            "ops" => put(&mut self.one_packet, Some(true)),
            token => {
                self.flags.push(SchedulerFlag::new(token).ok()?);
                true
            }
        })
    }

    /// Corrects the settings as keepalived does (`validate_check_config` of `check/check_data.c`), and leaves the statements that have no
    /// effect.
    fn correct(&mut self, targets: &[Target], block: &Block, reading: &mut Reading) {
        let sockets = || targets.iter().filter(|one| matches!(one, Target::Socket(..)));
        let place = block.span().start;
        if self.protocol.is_none() && sockets().next().is_some() {
            let reason = "the virtual server names no `protocol`, so it takes UDP and not TCP";
            reading.leave(RestKind::NoEffect, place..place, reason);
        }
        if self.persistence.is_none() && sockets().any(|one| matches!(one, Target::Socket(_, 0))) {
            let reason = "a service of all ports needs persistence, so keepalived sets 360 seconds";
            reading.leave(RestKind::NoEffect, place..place, reason);
            self.persistence = Some(DEFAULT_PERSISTENCE);
        }
        let udp = self.protocol.is_none_or(|protocol| protocol == Protocol::Udp);
        if self.one_packet && !udp && sockets().next().is_some() {
            self.one_packet = false;
            let is_ops = |statement: &mut &Block| statement.keyword() == "ops";
            for statement in self.statements.extract_if(.., is_ops) {
                statement.leave(RestKind::NoEffect, "only services of UDP have it", reading);
            }
        }
    }

    fn service(&self, target: Target) -> Service {
        let endpoint = match target {
            Target::Socket(address, port) => {
                // `validate_check_config` of `check/check_data.c`.
                let protocol = self.protocol.unwrap_or(Protocol::Udp);
                Endpoint::Socket { protocol, address, port }
            }
            Target::Mark(mark) => Endpoint::Mark { mark, family: self.family },
        };
        let prefix = self.granularity.unwrap_or(endpoint.family().host_prefix());
        Service {
            endpoint,
            scheduler: self.scheduler,
            scheduler_flags: self.flags.clone(),
            persistence: self.persistence.map(|timeout| Affinity { timeout, prefix }),
            one_packet: self.one_packet,
        }
    }
}

pub(super) fn put<T>(place: &mut T, value: Option<T>) -> bool {
    let valid = value.is_some();
    value.into_iter().for_each(|value| *place = value);
    valid
}

pub(super) fn forwarding(text: &str) -> Option<Forwarding> {
    match text {
        "DR" => Some(Forwarding::Direct),
        "TUN" => Some(Forwarding::Tunnel),
        "NAT" => Some(Forwarding::Masquerade),
        _ => None,
    }
}

/// The prefix length of a granularity: a netmask for IPv4, a number for IPv6.
fn prefix(text: &str) -> Option<u8> {
    let mask = |mask: IpAddr| ipnet::ip_mask_to_prefix(mask).ok();
    text.parse().ok().or_else(|| mask(text.parse().ok()?)).filter(|prefix| *prefix <= 128)
}
