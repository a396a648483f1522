//! The questions that a client can ask a service: those of `verify`, and those of the prober of a monitoring server.
//!
//! Takes a service; gives typed questions about its ports. The check of the real servers says what a service is.

use std::net::IpAddr;

use super::ServiceView;
use crate::ipvs::{Family, Protocol};
use crate::model::{DomainName, HTTPS, HealthCheck, HealthKind, Host, StatusRange, UrlPath};

/// The last port that only root may open.
const WELL_KNOWN: u16 = 1023;
const FTP_DATA: u16 = 20;
const DNS: u16 = 53;

/// One question about one port.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Asked<'a> {
    /// The transport protocol.
    pub protocol: Protocol,
    /// The port.
    pub port: u16,
    /// The question.
    pub question: Question<'a>,
}

/// The question of a client.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Question<'a> {
    /// The page that names the node, of the web servers of lvsgen.
    NodePage,
    /// A page.
    Page(Page<'a>),
    /// The site of an HTTPS service that has no check: any answer is good.
    Site,
    /// A connection.
    Connection,
    /// A name of DNS; `None` for the root.
    Name(Option<&'a DomainName>),
    /// A datagram to a port whose program nobody knows.
    Datagram,
    /// No common program speaks the protocol.
    Nothing,
}

/// A page of a health check.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Page<'a> {
    /// Whether the page needs TLS.
    pub tls: bool,
    /// The path.
    pub path: &'a UrlPath,
    /// The good status codes.
    pub good: StatusRange,
    /// The name of the site.
    pub site: Option<&'a DomainName>,
}

impl<'a> ServiceView<'a> {
    /// The questions about the ports of the service.
    pub fn asked(&self) -> Vec<Asked<'a>> {
        let ports = self.asked_ports();
        let each = self.service.protocols().into_iter();
        let each = each.flat_map(|protocol| ports.iter().map(move |port| (protocol, *port)));
        let asked = each.filter_map(|(protocol, port)| {
            let question = self.question(protocol, port)?;
            Some(Asked { protocol, port, question })
        });
        asked.collect()
    }

    /// The ports of a service on which a server must listen. Behind a mark, nobody listens on the port from which FTP sends data,
    /// nor always on the ports that FTP chooses for a connection.
    fn asked_ports(&self) -> Vec<u16> {
        let ports = self.real_ports(None);
        let well_known = ports.iter().flat_map(|ports| ports.first..=ports.last.min(WELL_KNOWN));
        let well_known: Vec<u16> = well_known.filter(|port| *port != FTP_DATA).collect();
        match ports.first() {
            // A service on all ports may have a web server of lvsgen.
            None => self.node_ports.clone(),
            Some(first) if !self.service.has_mark() || well_known.is_empty() => vec![first.first],
            Some(_) => well_known,
        }
    }

    /// The question about one port; `None` if nothing is known about it.
    fn question(&self, protocol: Protocol, port: u16) -> Option<Question<'a>> {
        let node = protocol == Protocol::Tcp && self.node_ports.contains(&port);
        if self.real_ports(None).is_empty() && !node {
            return None;
        }
        // The check may ask another port.
        let mut checks = self.health_checks();
        let first = self.real_ports(None).first().map(|ports| ports.first);
        let check = checks.find(|check| check.port.map(|own| own.value).or(first) == Some(port));
        Some(match (protocol, check.map(|check| (&check.kind, check))) {
            (Protocol::Tcp, _) if node => Question::NodePage,
            (Protocol::Tcp, Some((HealthKind::Http(path), check))) => page(false, path, check),
            (Protocol::Tcp, Some((HealthKind::Https(path), check))) => page(true, path, check),
            (Protocol::Tcp, None) if port == HTTPS => Question::Site,
            (Protocol::Tcp, _) => Question::Connection,
            (Protocol::Udp, Some((HealthKind::Dns(name), _))) => Question::Name(Some(name)),
            (Protocol::Udp, _) if port == DNS => Question::Name(None),
            (Protocol::Udp, _) => Question::Datagram,
            (Protocol::Sctp, _) => Question::Nothing,
        })
    }

    /// The questions to a real server at its own address, which the prober asks: none if the server answers at the VIP alone.
    pub fn asked_directly(&self, host: &Host) -> Vec<(IpAddr, Asked<'a>)> {
        let Some(entry) = self.real_server(host) else { return Vec::new() };
        let check = self.health_check(entry);
        if check.is_some_and(|check| check.goes_through_vip() || check.address.is_some()) {
            return Vec::new();
        }
        let mut all = Vec::new();
        for family in Family::ALL {
            let reached = self.reached(host).any(|vip| vip.family() == family);
            let Some(own) = self.server_address(host, family).filter(|_| reached) else { continue };
            let probed = self.asked().into_iter().filter(Asked::is_probed);
            all.extend(probed.map(|asked| {
                let port = self.mapped_port(entry).unwrap_or(asked.port);
                (own, Asked { port, ..asked })
            }));
        }
        all
    }
}

impl Asked<'_> {
    /// Whether blackbox_exporter can ask the question.
    pub fn is_probed(&self) -> bool {
        !matches!(self.question, Question::Datagram | Question::Nothing)
    }
}

fn page<'a>(tls: bool, path: &'a UrlPath, check: &'a HealthCheck) -> Question<'a> {
    let site = check.host.as_ref().map(|host| &host.value);
    Question::Page(Page { tls, path, good: check.good_status(), site })
}
