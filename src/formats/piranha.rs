//! lvs.cf of Piranha, the tool of Red Hat Enterprise Linux 4 to 6: the services, their real servers, and the two directors (lvs.cf(5)).
//!
//! Takes a text; gives a [`Reading`]. A line is `KEY = VALUE`, `virtual NAME {`, `server NAME {` or `}`. Piranha starts only the services and
//! servers with `active = 1`.

use std::net::{IpAddr, Ipv4Addr};

use super::lines::{Line, lines};
use crate::facts::{Fact, FactAt, Reading, RestKind, Span};
use crate::health::{Check, Question, Times};
use crate::ipvs::{
    Affinity, Destination, Endpoint, Family, Forwarding, PortRange, Protocol, Scheduler, Service,
};
use crate::vrrp::Instance;

/// The virtual router ID of the model: Piranha has its own heartbeat, which needs none.
const ROUTER_ID: u8 = 51;

/// Keys of the whole file that say how Piranha itself runs.
const OWN: [&str; 13] = [
    "backup_active",
    "backup_private",
    "debug_level",
    "heartbeat",
    "heartbeat_port",
    "keepalive",
    "deadtime",
    "monitor_links",
    "nat_nmask",
    "primary_private",
    "reservation_conflict_action",
    "rsh_command",
    "serial_no",
];

/// A line `KEY = VALUE`.
struct Pair<'a> {
    line: Line<'a>,
    key: &'a str,
    value: &'a str,
}

/// A block, with its lines and its inner blocks.
struct Block<'a> {
    /// The lines of its braces.
    frame: Vec<Line<'a>>,
    pairs: Vec<Pair<'a>>,
    servers: Vec<Self>,
}

impl<'a> Block<'a> {
    fn value(&self, key: &str) -> Option<&'a str> {
        self.pairs.iter().rev().find(|pair| pair.key == key).map(|pair| pair.value)
    }

    fn is_active(&self) -> bool {
        self.value("active") == Some("1")
    }

    /// All lines of the block, the first one first.
    fn lines(&self) -> Vec<Span> {
        let own = self.frame.iter().map(Line::span);
        let pairs = self.pairs.iter().map(|pair| pair.line.span());
        let inside = self.servers.iter().flat_map(Self::lines);
        own.chain(pairs).chain(inside).collect()
    }

    fn leave(&self, kind: RestKind, reason: &str, reading: &mut Reading) {
        for (at, span) in self.lines().into_iter().enumerate() {
            match at {
                0 => reading.leave(kind, span, reason),
                _ => reading.leave_inside(kind, span, reason),
            }
        }
    }
}

/// Reads the file.
pub fn read(text: &str) -> Reading {
    let mut reading = Reading::default();
    let whole = blocks(text, &mut reading);
    let forwarding = match whole.value("network") {
        Some("nat") => Forwarding::Masquerade,
        Some("tunnel") => Forwarding::Tunnel,
        _ => Forwarding::Direct,
    };
    directors(&whole, &mut reading);
    for block in &whole.servers {
        virtual_server(block, forwarding, &mut reading);
    }
    reading
}

/// Builds the blocks. Lines of another form go to the rest.
fn blocks<'a>(text: &'a str, reading: &mut Reading) -> Block<'a> {
    let empty = || Block { frame: Vec::new(), pairs: Vec::new(), servers: Vec::new() };
    let mut open = vec![empty()];
    for line in lines(text) {
        let depth = open.len();
        let top = open.last_mut().expect("the whole file is a block");
        if line.text.starts_with('#') {
            reading.comments.push(line.span());
        } else if let Some(head) = line.text.strip_suffix('{') {
            let wanted = if depth == 1 { "virtual" } else { "server" };
            if depth < 3 && head.trim_start().starts_with(wanted) {
                open.push(Block { frame: vec![line], ..empty() });
            } else {
                reading.leave(RestKind::Unknown, line.span(), "lvs.cf has no such block here");
            }
        } else if line.text == "}" && depth > 1 {
            let mut block = open.pop().expect("a block is open");
            block.frame.push(line);
            let outer = open.last_mut().expect("the whole file is a block");
            outer.servers.push(block);
        } else if let Some((key, value)) = line.split_once('=') {
            let value = value.text.trim_matches('"');
            top.pairs.push(Pair { line, key: key.text, value });
        } else {
            reading.leave(RestKind::Unknown, line.span(), "lvs.cf has lines `KEY = VALUE`");
        }
    }
    while open.len() > 1 {
        let block = open.pop().expect("a block is open");
        block.leave(RestKind::Refused, "the block has no closing brace", reading);
    }
    open.pop().expect("the whole file is a block")
}

/// The two directors, as an instance of VRRP with one peer.
fn directors(whole: &Block<'_>, reading: &mut Reading) {
    let address = |key| whole.value(key).and_then(|text| text.parse::<IpAddr>().ok());
    let (primary, backup) = (address("primary"), address("backup"));
    let mut spans = Vec::new();
    for pair in &whole.pairs {
        let span = pair.line.span();
        match pair.key {
            "primary" | "backup" if primary.is_some() && backup.is_some() => spans.push(span),
            "primary" | "backup" | "service" | "network" => {
                reading.leave(RestKind::Unused, span, "a setting of the directors");
            }
            "nat_router" => {
                let reason = "the address to which masqueraded real servers answer: `failover: { inside: … }`";
                reading.leave(RestKind::Lost, span, reason);
            }
            "syncdaemon" => {
                let reason = "`failover: { sync: true }` shares the connections";
                reading.leave(RestKind::Lost, span, reason);
            }
            key if OWN.contains(&key) => {
                let reason = "how Piranha itself runs; VRRP has its own times";
                reading.leave(RestKind::Lost, span, reason);
            }
            _ => reading.leave(RestKind::Unknown, span, "lvs.cf has no such key here"),
        }
    }
    let (Some(primary), Some(backup)) = (primary, backup) else { return };
    let nics = whole.servers.iter().filter_map(|block| block.value("address"));
    let nic = nics.filter_map(|address| address.split_ascii_whitespace().nth(1)).next();
    let nic = nic.and_then(|nic| nic.split(':').next()).unwrap_or("eth0");
    let place = spans.first().map_or(0, |span| span.start);
    let instance = Instance {
        name: "piranha".to_owned(),
        interface: nic.to_owned(),
        virtual_router_id: ROUTER_ID,
        priority: 150,
        version: 3,
        password: None,
        interval: 1,
        preempts: false,
        source: Some(primary),
        peers: vec![backup],
    };
    reading.facts.push(FactAt { fact: Fact::Instance(instance), spans });
    let reason = "Piranha has no virtual router ID: the model has 51, which no other cluster of the segment may have";
    reading.leave(RestKind::NoEffect, place..place, reason);
}

/// One block `virtual`.
fn virtual_server(block: &Block<'_>, forwarding: Forwarding, reading: &mut Reading) {
    if !block.is_active() {
        return block.leave(RestKind::NoEffect, "the service is not active", reading);
    }
    let Some((service, vip)) = service(block) else {
        let reason = "the address, the port, the scheduler or the persistence is not valid";
        return block.leave(RestKind::Refused, reason, reading);
    };
    let endpoint = service.endpoint;
    let Settings { spans, quiesces, sorry } = settings(block, reading);
    reading.facts.push(FactAt { fact: Fact::Service(service), spans });
    reading.shared_fact(Fact::StartsDown(endpoint));
    if let Endpoint::Mark { mark, .. } = endpoint {
        let port = block.value("port").and_then(|port| port.parse::<u16>().ok());
        let ports = port.filter(|port| *port != 0).map(PortRange::from).into_iter().collect();
        let protocol = protocol(block);
        reading.shared_fact(Fact::Mark { address: vip, protocol, ports, mark });
    }
    if let Some((server, span)) = sorry {
        let fact = Fact::SorryServer { endpoint, server, forwarding };
        reading.facts.push(FactAt { fact, spans: vec![span] });
    }
    let timeout = block.value("timeout").and_then(|text| text.parse().ok()).unwrap_or(10);
    for server in &block.servers {
        real_server(server, endpoint, forwarding, (timeout, quiesces), reading);
    }
}

/// The settings of a service.
#[derive(Default)]
struct Settings {
    /// The lines of its entry in the table.
    spans: Vec<Span>,
    quiesces: bool,
    sorry: Option<(IpAddr, Span)>,
}

/// Reads the lines of a service. Lines that the model has no key for go to the rest.
fn settings(block: &Block<'_>, reading: &mut Reading) -> Settings {
    let spans = block.frame.iter().map(Line::span).collect();
    let mut settings = Settings { spans, ..Settings::default() };
    for pair in &block.pairs {
        let span = pair.line.span();
        match pair.key {
            "active" | "address" | "port" | "persistent" | "pmask" | "scheduler" | "protocol"
            | "fwmark" => settings.spans.push(span),
            "timeout" => reading.leave(RestKind::Unused, span, "a time of the checks"),
            "quiesce_server" => {
                settings.quiesces = pair.value == "1";
                reading.leave(RestKind::Unused, span, "an effect of the checks");
            }
            "sorry_server" => {
                settings.sorry =
                    pair.value.parse::<IpAddr>().ok().map(|server| (server, span.clone()));
                if settings.sorry.is_none() {
                    reading.leave(RestKind::Refused, span, "the address is not valid");
                }
            }
            "vip_nmask" => {
                reading.leave(RestKind::NoEffect, span, "the VIP is a single address in the model");
            }
            "use_regex" | "load_monitor" if matches!(pair.value, "0" | "none") => {
                reading.leave(RestKind::Unused, span, "the value of every service");
            }
            "send" | "expect" => {
                let reason = "the check becomes a TCP connection";
                reading.leave(RestKind::Lost, span, reason);
            }
            "reentry" => {
                let reason = "keepalived takes a server back at its next good check";
                reading.leave(RestKind::Lost, span, reason);
            }
            "send_program" | "use_regex" | "load_monitor" => {
                reading.leave(RestKind::Lost, span, "lvsgen starts no program of your own");
            }
            _ => reading.leave(RestKind::Unknown, span, "lvs.cf has no such key here"),
        }
    }
    settings
}

fn protocol(block: &Block<'_>) -> Protocol {
    block.value("protocol").and_then(|text| Protocol::new(text).ok()).unwrap_or(Protocol::Tcp)
}

/// The entry of a service in the table, and its VIP.
fn service(block: &Block<'_>) -> Option<(Service, IpAddr)> {
    let vip: IpAddr = block.value("address")?.split_ascii_whitespace().next()?.parse().ok()?;
    let port = block.value("port").map_or(Some(80), |text| text.parse().ok())?;
    let endpoint = match block.value("fwmark") {
        Some(mark) => Endpoint::Mark { mark: mark.parse().ok()?, family: Family::of(vip) },
        None => Endpoint::Socket { protocol: protocol(block), address: vip, port },
    };
    let scheduler = Scheduler::new(block.value("scheduler").unwrap_or("wlc")).ok()?;
    let prefix = match block.value("pmask") {
        None => endpoint.family().host_prefix(),
        Some(mask) => ipnet::ip_mask_to_prefix(mask.parse::<Ipv4Addr>().ok()?.into()).ok()?,
    };
    let timeout = match block.value("persistent") {
        Some(text) => Some(text.parse().ok()?).filter(|timeout| *timeout > 0),
        None => None,
    };
    let persistence = timeout.map(|timeout| Affinity { timeout, prefix });
    let scheduler_flags = Vec::new();
    Some((Service { endpoint, scheduler, scheduler_flags, persistence, one_packet: false }, vip))
}

/// One block `server`.
fn real_server(
    block: &Block<'_>,
    endpoint: Endpoint,
    forwarding: Forwarding,
    (timeout, quiesces): (u32, bool),
    reading: &mut Reading,
) {
    if !block.is_active() {
        return block.leave(RestKind::NoEffect, "the server is not active", reading);
    }
    let number =
        |key: &str, usual: u16| block.value(key).map_or(Some(usual), |text| text.parse().ok());
    let address = block.value("address").and_then(|text| text.parse::<IpAddr>().ok());
    let port = number("port", endpoint.destination_port());
    let (Some(server), Some(weight), Some(port)) = (address, number("weight", 1), port) else {
        return block.leave(
            RestKind::Refused,
            "the address, the port or the weight is not valid",
            reading,
        );
    };
    let mut spans: Vec<Span> = block.frame.iter().map(Line::span).collect();
    for pair in &block.pairs {
        match pair.key {
            "active" | "address" | "port" | "weight" => spans.push(pair.line.span()),
            _ => {
                let reason = "lvs.cf has no such key here";
                reading.leave(RestKind::Unknown, pair.line.span(), reason);
            }
        }
    }
    let destination = Destination { weight, ..Destination::new(server, port, forwarding) };
    reading.facts.push(FactAt { fact: Fact::Destination { endpoint, destination }, spans });
    if quiesces {
        reading.shared_fact(Fact::Quiesces { endpoint, server });
    }
    let udp = matches!(endpoint, Endpoint::Socket { protocol: Protocol::Udp, .. });
    let question = if udp { Question::Udp } else { Question::Tcp };
    let times = Times { interval: timeout, timeout, retries: 0, retry_delay: 1 };
    let port = Some(port).filter(|port| *port != 0);
    let check = Check { question, address: None, port, times };
    reading.shared_fact(Fact::Check { endpoint, server, check, path: None });
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::formats::ipvsadm;

    #[test]
    fn active_parts_are_read() {
        let text = "primary = 10.0.0.2\nbackup = 10.0.0.3\nnetwork = nat\nvirtual a {\n active = 1\n address = 10.0.0.9 eth1:1\n port = 443\n\
            persistent = 30\n pmask = 255.255.255.0\n sorry_server = 10.0.0.8\n server x {\n address = 10.0.0.11\n active = 1\n weight = 3\n }\n\
            server y {\n address = 10.0.0.12\n active = 0\n }\n}\nvirtual b {\n active = 0\n}\n# end\nnew = 1\nvirtual c {\n active = 1\n";
        let reading = read(text);
        assert_eq!(reading.gap(text), None);
        let facts = reading.facts.iter().filter_map(|one| match &one.fact {
            Fact::Service(service) => Some(ipvsadm::service(service)),
            Fact::Destination { endpoint, destination } => {
                Some(ipvsadm::destination(*endpoint, destination))
            }
            Fact::Instance(one) => {
                Some(format!("{} {:?} {:?}", one.interface, one.source, one.peers))
            }
            _ => None,
        });
        assert_eq!(
            facts.collect::<Vec<_>>(),
            [
                "eth1 Some(10.0.0.2) [10.0.0.3]",
                "-A -t 10.0.0.9:443 -s wlc -p 30 -M 255.255.255.0",
                "-a -t 10.0.0.9:443 -r 10.0.0.11:443 -m -w 3",
            ]
        );
        let first =
            reading.rest.iter().filter(|rest| !rest.inside && rest.kind != RestKind::Unused);
        let lines =
            first.map(|rest| (text[..rest.span.start].matches('\n').count() + 1, rest.kind));
        assert_eq!(
            lines.collect::<Vec<_>>(),
            [
                (26, RestKind::Refused),
                (25, RestKind::Unknown),
                (1, RestKind::NoEffect),
                (16, RestKind::NoEffect),
                (21, RestKind::NoEffect),
            ]
        );
    }
}
