//! The checks of ldirectord(8).

use crate::facts::{Reading, RestKind};
use crate::health::{Check, Question, Times};
use crate::ipvs::{Endpoint, Protocol};

/// The settings of the checks of a service.
#[derive(Clone)]
pub(super) struct Checks {
    check_timeout: Option<u32>,
    negotiate_timeout: Option<u32>,
    interval: u32,
    failures: u32,
    port: Option<u16>,
    kind: String,
    request: Option<String>,
    host: Option<String>,
    command: Option<String>,
    /// The timeouts of the whole file.
    of_file: [Option<u32>; 2],
}

/// The services that ldirectord knows, with their ports.
const SERVICES: [(&str, u16); 19] = [
    ("ftp", 21),
    ("smtp", 25),
    ("dns", 53),
    ("http", 80),
    ("pop", 110),
    ("nntp", 119),
    ("imap", 143),
    ("ldap", 389),
    ("https", 443),
    ("submission", 587),
    ("ldaps", 636),
    ("imaps", 993),
    ("pops", 995),
    ("oracle", 1521),
    ("radius", 1812),
    ("http_proxy", 3128),
    ("mysql", 3306),
    ("sip", 5060),
    ("pgsql", 5432),
];

/// The number at the begin of a value, above 0: ldirectord searches for digits.
fn leading(value: &str) -> Option<u32> {
    let end = value.find(|c: char| !c.is_ascii_digit()).unwrap_or(value.len());
    value[..end].parse().ok().filter(|number| *number > 0)
}

/// The port of a service.
pub(super) fn port_of(service: &str) -> Option<u16> {
    let service = if service == "domain" { "dns" } else { service };
    SERVICES.iter().find(|(name, _)| *name == service).map(|(_, port)| *port)
}

impl Checks {
    /// The defaults (`set_defaults`).
    pub(super) fn usual() -> Self {
        Self {
            check_timeout: None,
            negotiate_timeout: None,
            interval: 10,
            failures: 1,
            port: None,
            kind: "negotiate".to_owned(),
            request: None,
            host: None,
            command: None,
            of_file: [None, None],
        }
    }

    /// Takes a setting of the whole file. `false`: the key is none, or its value is not valid.
    pub(super) fn set_global(&mut self, key: &str, value: &str) -> bool {
        let number = leading(value);
        match key {
            "checktimeout" => self.of_file[0] = number,
            "negotiatetimeout" => self.of_file[1] = number,
            "checkinterval" | "failurecount" | "checkcount" => return self.set(key, value),
            _ => return false,
        }
        number.is_some()
    }

    /// Takes a setting of a service. `false`: the key is none, or its value is not valid.
    pub(super) fn set(&mut self, key: &str, value: &str) -> bool {
        let number = leading(value);
        match key {
            "checktimeout" => self.check_timeout = number,
            "negotiatetimeout" => self.negotiate_timeout = number,
            "checkinterval" => self.interval = number.unwrap_or(self.interval),
            "failurecount" => self.failures = number.unwrap_or(self.failures),
            // The name of `failurecount` before version 3.
            "checkcount" => {}
            "checkport" => self.port = number.and_then(|port| port.try_into().ok()),
            "checktype" => value.clone_into(&mut self.kind),
            "request" => self.request = Some(value.to_owned()),
            "virtualhost" => self.host = Some(value.to_owned()),
            "checkcommand" => self.command = Some(value.to_owned()),
            "service" => return true,
            _ => return false,
        }
        matches!(key, "checktype" | "request" | "virtualhost" | "checkcommand") || number.is_some()
    }

    /// The question of the checks. `place`: the begin of the service, for the reasons why a check is another one.
    pub(super) fn question(
        &self,
        endpoint: Endpoint,
        service: Option<&str>,
        place: usize,
        reading: &mut Reading,
    ) -> Option<Question> {
        let mut lost = |reason: &str| reading.leave(RestKind::Lost, place..place, reason);
        let port = endpoint.destination_port();
        let known = || SERVICES.iter().find(|(_, one)| *one == port).map(|(name, _)| *name);
        let udp = matches!(endpoint, Endpoint::Socket { protocol: Protocol::Udp, .. });
        match self.kind.as_str() {
            "on" | "off" => None,
            "ping" => Some(Question::Echo),
            "connect" => Some(if udp { Question::Udp } else { Question::Tcp }),
            "external" | "external-perl" => {
                lost(
                    "checkcommand: ldirectord gives its command other arguments than keepalived does",
                );
                Some(Question::Command { path: self.command.clone()? })
            }
            kind if kind.parse::<u32>().is_ok() => {
                lost(
                    "the check becomes a TCP connection each time: ldirectord asks only sometimes",
                );
                Some(if udp { Question::Udp } else { Question::Tcp })
            }
            _ => {
                let (question, reason) =
                    self.negotiated(service.or_else(known).unwrap_or("none"), udp);
                if let Some(reason) = reason {
                    lost(reason);
                }
                Some(question)
            }
        }
    }

    /// The question of a check that speaks the protocol of a service, with the reason if lvsgen does not speak it.
    fn negotiated(&self, service: &str, udp: bool) -> (Question, Option<&'static str>) {
        match service {
            name @ ("http" | "https") => {
                let question = Question::Page {
                    secure: name == "https",
                    path: self.path(),
                    host: self.host.clone(),
                    first_status: 200,
                    last_status: 200,
                };
                (question, None)
            }
            "smtp" | "submission" => (Question::Mail, None),
            "none" if !udp => (Question::Tcp, None),
            name => match (name, &self.request) {
                ("dns", Some(name)) => (Question::Name { name: name.clone() }, None),
                _ if udp => (
                    Question::Udp,
                    Some(
                        "the check becomes a datagram: lvsgen does not speak the protocol of the service",
                    ),
                ),
                _ => (
                    Question::Tcp,
                    Some(
                        "the check becomes a TCP connection: lvsgen does not speak the protocol of the service",
                    ),
                ),
            },
        }
    }

    /// The path of the page: ldirectord adds a slash.
    fn path(&self) -> String {
        let request = self.request.as_deref().unwrap_or("/");
        // A whole address is asked as it is.
        let request = request
            .split_once("://")
            .map_or(request, |(_, rest)| rest.find('/').map_or("/", |at| &rest[at..]));
        if request.starts_with('/') { request.to_owned() } else { format!("/{request}") }
    }

    /// The check of a real server.
    pub(super) fn check(&self, question: &Question, port: u16) -> Check {
        let [of_check, of_negotiation] = self.of_file;
        let first =
            |all: [Option<u32>; 4], usual| all.into_iter().flatten().next().unwrap_or(usual);
        // Both timeouts are defaults of each other.
        let (check, negotiation) = (self.check_timeout, self.negotiate_timeout);
        let timeout = match self.kind.as_str() {
            "connect" | "ping" | "external" | "external-perl" => {
                first([check, negotiation, of_check, of_negotiation], 5)
            }
            _ => first([negotiation, check, of_negotiation, of_check], 30),
        };
        // A check that fails is repeated in the next interval.
        let times = Times {
            interval: self.interval,
            timeout,
            retries: self.failures - 1,
            retry_delay: self.interval,
        };
        let asks = !matches!(question, Question::Echo | Question::Command { .. });
        let port = self.port.or(Some(port).filter(|port| *port != 0)).filter(|_| asks);
        Check { question: question.clone(), address: None, port, times }
    }
}
