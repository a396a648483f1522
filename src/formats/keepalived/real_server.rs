//! The real servers of keepalived.conf(5): entries of the IPVS table, and their health checks.

use std::net::IpAddr;

use super::blocks::Block;
use super::check::{CheckRead, check};
use super::virtual_server::{Entry, OF_CHECKS, forwarding, put};
use crate::facts::{Fact, FactAt, Reading, RestKind, Span};
use crate::ipvs::{Destination, Endpoint, Forwarding, Service};

/// The checks of a real server.
const CHECKS: [&str; 10] = [
    "BFD_CHECK",
    "DNS_CHECK",
    "FILE_CHECK",
    "HTTP_GET",
    "MISC_CHECK",
    "PING_CHECK",
    "SMTP_CHECK",
    "SSL_GET",
    "TCP_CHECK",
    "UDP_CHECK",
];

/// Reads one block `real_server`, with the services and the settings of its virtual server.
pub(super) fn real_server(
    block: &Block,
    services: &[Service],
    of_service: &Entry<'_>,
    reading: &mut Reading,
) {
    let arguments = block.arguments();
    let address = arguments.first().and_then(|text| text.parse::<IpAddr>().ok());
    let port = arguments.get(1).map(|text| text.parse::<u16>());
    let (Some(address), Ok(port)) = (address, port.transpose()) else {
        return block.leave(RestKind::Refused, "the address or the port is not valid", reading);
    };
    let mut spans = block.spans();
    if let Some(wanted) = kept_port(block, port, services, of_service) {
        let reason = format!("direct routing does not change the port {wanted} of a packet");
        return block.leave(RestKind::Refused, &reason, reading);
    }
    let entry = RealServer::read(block, of_service, port, &mut spans, reading);
    entry.facts(address, port, spans, services, of_service, reading);
}

/// The port that packets keep, if the real server has another one.
fn kept_port(
    block: &Block,
    port: Option<u16>,
    services: &[Service],
    of_service: &Entry<'_>,
) -> Option<u16> {
    // The services of a group have several ports, and keepalived sets each.
    let [Service { endpoint: Endpoint::Socket { port: wanted, .. }, .. }] = services else {
        return None;
    };
    let other = port.is_some_and(|port| port != 0 && port != *wanted);
    (other && way_of(block, of_service) != Forwarding::Masquerade).then_some(*wanted)
}

/// The settings of a real server that its entry in the table has.
struct RealServer {
    forwarding: Forwarding,
    weight: u16,
    upper_threshold: Option<u32>,
    lower_threshold: Option<u32>,
    checks: Vec<CheckRead>,
    quiesces: bool,
    quiescing: Vec<Span>,
}

/// The way of the packets to a real server.
fn way_of(block: &Block, of_service: &Entry<'_>) -> Forwarding {
    let own = block.inside.iter().rev().find_map(|statement| match statement.keyword() {
        "lvs_method" | "lb_kind" => forwarding(statement.arguments().first()?),
        _ => None,
    });
    own.unwrap_or(of_service.forwarding)
}

/// The settings of a real server that lvsgen reads.
const SETTINGS: [&str; 5] = ["weight", "lvs_method", "lb_kind", "uthreshold", "lthreshold"];

impl RealServer {
    /// Reads the statements of the block, and adds the bytes of the settings to `spans`.
    fn read(
        block: &Block,
        of_service: &Entry<'_>,
        port: Option<u16>,
        spans: &mut Vec<Span>,
        reading: &mut Reading,
    ) -> Self {
        let mut entry = Self {
            forwarding: of_service.forwarding,
            weight: 1,
            upper_threshold: None,
            lower_threshold: None,
            checks: Vec::new(),
            quiesces: false,
            quiescing: Vec::new(),
        };
        for statement in &block.inside {
            let arguments = statement.arguments();
            let text = arguments.first().copied().unwrap_or_default();
            let taken = match statement.keyword() {
                token if SETTINGS.contains(&token) && !statement.is_line() => false,
                "weight" => put(&mut entry.weight, text.parse().ok()),
                "lvs_method" | "lb_kind" => put(&mut entry.forwarding, forwarding(text)),
                "uthreshold" => put(&mut entry.upper_threshold, text.parse().ok().map(Some)),
                "lthreshold" => put(&mut entry.lower_threshold, text.parse().ok().map(Some)),
                token if CHECKS.contains(&token) || OF_CHECKS.contains(&token) => {
                    if !entry.take_check(statement, of_service, port) {
                        statement.leave(RestKind::Lost, "a health check, or its setting", reading);
                    }
                    continue;
                }
                _ => {
                    let reason = "keepalived knows no such setting of a real server";
                    statement.leave(RestKind::Unknown, reason, reading);
                    continue;
                }
            };
            match taken {
                true => spans.push(statement.span()),
                false => {
                    let reason = "keepalived does not know the value, and uses its default";
                    statement.leave(RestKind::Refused, reason, reading);
                }
            }
        }
        entry
    }

    /// Takes a health check, or a setting of the checks. `false`: lvsgen does not read the statement.
    fn take_check(&mut self, statement: &Block, of_service: &Entry<'_>, port: Option<u16>) -> bool {
        if statement.keyword() == "inhibit_on_failure" && statement.is_line() {
            self.quiesces = true;
            self.quiescing.push(statement.span());
            return true;
        }
        let found = check(statement, of_service.times, port);
        let read = found.is_some();
        self.checks.extend(found);
        read
    }

    /// Adds the facts of the real server, for each service of the virtual server.
    fn facts(
        self,
        address: IpAddr,
        port: Option<u16>,
        mut spans: Vec<Span>,
        services: &[Service],
        of_service: &Entry<'_>,
        reading: &mut Reading,
    ) {
        let mut quiescing = self.quiescing;
        for service in services {
            let endpoint = service.endpoint;
            if self.quiesces || of_service.policy.quiesces {
                let fact = Fact::Quiesces { endpoint, server: address };
                reading.facts.push(FactAt { fact, spans: std::mem::take(&mut quiescing) });
            }
            // Without NAT a packet keeps its port, and keepalived overwrites another one.
            let own = port.filter(|_| self.forwarding == Forwarding::Masquerade);
            let destination = Destination {
                address,
                port: own.unwrap_or(endpoint.destination_port()),
                forwarding: self.forwarding,
                weight: self.weight,
                upper_threshold: self.upper_threshold,
                lower_threshold: self.lower_threshold,
            };
            let spans = std::mem::take(&mut spans);
            let fact = Fact::Destination { endpoint, destination };
            reading.facts.push(FactAt { fact, spans });
        }
        for (check, path, mut spans) in self.checks {
            for service in services {
                let (endpoint, check) = (service.endpoint, check.clone());
                let fact = Fact::Check { endpoint, server: address, check, path };
                reading.facts.push(FactAt { fact, spans: std::mem::take(&mut spans) });
            }
        }
    }
}
