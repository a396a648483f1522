//! The kinds of health checks, and the answers that are good.
//!
//! Takes the keys of a check; gives the kinds that the user wrote.

use super::super::decode::{Decode, Fields, word};
use super::super::name::{AbsolutePath, DomainName, UrlPath};
use super::super::shape;
use crate::diagnostic::{Finding, Report};
use crate::source::Located;
use crate::yaml::Node;

/// The question of a health check.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum HealthKind {
    /// `tcp`: the port accepts a connection.
    Tcp,
    /// `udp`: the port does not refuse a datagram.
    Udp,
    /// `http`: a page over HTTP has a good status.
    Http(UrlPath),
    /// `https`: a page over HTTPS has a good status. The certificate is not checked.
    Https(UrlPath),
    /// `dns`: the server resolves a name.
    Dns(DomainName),
    /// `smtp`: the mail server greets.
    Smtp,
    /// `ping`: the host answers ICMP echo requests.
    Ping,
    /// `command`: a program on the director. Its arguments are the address and the port of the real server; the exit
    /// status 0 means that the real server answers.
    Command(AbsolutePath),
}

impl HealthKind {
    /// The keys of the kinds.
    pub const KEYS: [&'static str; 8] =
        ["tcp", "udp", "http", "https", "dns", "smtp", "ping", "command"];

    /// The key of the kind.
    pub fn key(&self) -> &'static str {
        match self {
            Self::Tcp => "tcp",
            Self::Udp => "udp",
            Self::Http(_) => "http",
            Self::Https(_) => "https",
            Self::Dns(_) => "dns",
            Self::Smtp => "smtp",
            Self::Ping => "ping",
            Self::Command(_) => "command",
        }
    }

    /// Whether the check asks a port.
    pub fn asks_port(&self) -> bool {
        !matches!(self, Self::Ping)
    }

    /// Whether keepalived can mark the packets of the check. IPVS forwards no pings, and a program opens its own
    /// connections.
    pub fn can_be_marked(&self) -> bool {
        !matches!(self, Self::Ping | Self::Command(_))
    }
}

/// `status`: a status code of HTTP, or a range such as `200-299`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct StatusRange {
    /// The first code.
    pub first: u16,
    /// The last code.
    pub last: u16,
}

impl StatusRange {
    fn new(written: &str) -> Result<Self, String> {
        let code = |text: &str| {
            let plain = text.len() == 3 && text.bytes().all(|byte| byte.is_ascii_digit());
            text.parse().ok().filter(|code| plain && (100..=599).contains(code))
        };
        let (first, last) = written.split_once('-').unwrap_or((written, written));
        match (code(first), code(last)) {
            (Some(first), Some(last)) if first <= last => Ok(Self { first, last }),
            _ => Err("write a code from 100 to 599, or a range such as 200-299".into()),
        }
    }
}

impl Decode for StatusRange {
    fn decode(node: &Node, report: &mut Report) -> Option<Self> {
        word(node, "a status code", Self::new, report)
    }
}

/// `true`: a kind that needs no value.
struct Yes;

impl Decode for Yes {
    fn decode(node: &Node, report: &mut Report) -> Option<Self> {
        if bool::decode(node, report)? {
            return Some(Self);
        }
        let message = "`false` chooses no kind of check";
        let help = "remove the key, or write `health: false` for no check";
        report.add(Finding::at(&shape::BAD_VALUE, node.span, message).help(help));
        None
    }
}

/// Reads the kinds; each kind that is written stands in the result with its place.
pub(super) fn kinds(fields: &mut Fields<'_>, report: &mut Report) -> Vec<Located<HealthKind>> {
    let flag = |kind| move |yes: Located<Yes>| Located::new(kind, yes.span);
    let path = |page: Located<UrlPath>| (page.value, page.span);
    let mut found = Vec::new();
    found.extend(fields.optional("tcp", report).map(flag(HealthKind::Tcp)));
    found.extend(fields.optional("udp", report).map(flag(HealthKind::Udp)));
    let http = fields.optional("http", report).map(path);
    found.extend(http.map(|(page, span)| Located::new(HealthKind::Http(page), span)));
    let https = fields.optional("https", report).map(path);
    found.extend(https.map(|(page, span)| Located::new(HealthKind::Https(page), span)));
    let dns: Option<Located<DomainName>> = fields.optional("dns", report);
    found.extend(dns.map(|name| Located::new(HealthKind::Dns(name.value), name.span)));
    found.extend(fields.optional("smtp", report).map(flag(HealthKind::Smtp)));
    found.extend(fields.optional("ping", report).map(flag(HealthKind::Ping)));
    let command: Option<Located<AbsolutePath>> = fields.optional("command", report);
    found.extend(command.map(|path| Located::new(HealthKind::Command(path.value), path.span)));
    found
}
