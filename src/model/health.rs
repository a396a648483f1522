//! Health checks: how a director finds out whether a real server answers.

mod kind;

use schemars::{JsonSchema, Schema, SchemaGenerator, json_schema};
use serde_json::{Value, json};

pub use kind::{HealthKind, StatusRange};

use self::kind::kinds;
use super::address::HostAddress;
use super::decode::{Decode, Fields, number};
use super::name::{AbsolutePath, DomainName, UrlPath};
use super::port_or_mark::Port;
use super::schema_part::schema;
use super::shape;
use crate::diagnostic::{Finding, Report, quoted};
use crate::keyword::keywords;
use crate::source::{Located, Span};
use crate::yaml::{Content, Node};

/// `health`: a health check, or `false` for none.
#[derive(Clone, Debug)]
pub enum Health {
    /// `false`: the real servers stay in the table.
    Off,
    /// A check.
    Check(Box<HealthCheck>),
}

impl Health {
    /// The check, unless `health` is `false`.
    pub fn check(&self) -> Option<&HealthCheck> {
        match self {
            Self::Off => None,
            Self::Check(check) => Some(check),
        }
    }
}

/// A health check. The director asks each real server at an interval, and removes a real server that does not answer.
#[derive(Clone, Debug)]
pub struct HealthCheck {
    /// The question that the director asks.
    pub kind: HealthKind,
    /// The place of the key that names the kind.
    pub span: Span,
    /// `interval`: the time between two checks, in seconds.
    pub interval: u32,
    /// `timeout`: the time for which the director waits for an answer, in seconds.
    pub timeout: u32,
    /// `retries`: the number of further attempts before a real server is dead.
    pub retries: u32,
    /// `retry_delay`: the time before a further attempt, in seconds.
    pub retry_delay: u32,
    /// `port`: the port of the check, if it is not the port of the service.
    pub port: Option<Located<u16>>,
    /// `address`: the address of the check, if it is not the address of the real server.
    pub address: Option<Located<HostAddress>>,
    /// `through`: the way of the check to the real server, if it is not the direct one.
    pub through: Option<Located<Through>>,
    /// `host`: the name of the site that an HTTP check asks for.
    pub host: Option<Located<DomainName>>,
    /// `status`: the status codes of a good answer.
    pub status: Option<Located<StatusRange>>,
}

keywords! {
    /// The effect of a failed health check on the entry of a real server.
    OnFailure, "an effect of a failed check",
    /// The entry leaves the table. Its connections end.
    Remove = "remove",
    /// The entry stays with the weight 0. Its connections go on.
    Quiesce = "quiesce",
}

keywords! {
    /// The state of the real servers before their first health check.
    Start, "a state of real servers",
    /// They are in the table.
    Up = "up",
    /// They come into the table with their first good check.
    Down = "down",
}

keywords! {
    /// The way of a health check to the real server.
    Through, "a way of a check",
    /// The check asks the VIP, and IPVS forwards its packets to the real server.
    Vip = "vip",
}

super::decode::decode_keywords!(OnFailure, Start, Through);

/// A time in seconds, at most one hour.
#[derive(Clone, Copy)]
struct CheckTime(u32);

impl Decode for CheckTime {
    fn decode(node: &Node, report: &mut Report) -> Option<Self> {
        let read = number(node, "a time in seconds", 1, 3600, report)?;
        u32::try_from(read).ok().map(Self)
    }
}

/// A number of attempts.
struct Attempts(u32);

impl Decode for Attempts {
    fn decode(node: &Node, report: &mut Report) -> Option<Self> {
        let read = number(node, "a number of attempts", 0, 100, report)?;
        u32::try_from(read).ok().map(Self)
    }
}

impl Decode for Health {
    fn decode(node: &Node, report: &mut Report) -> Option<Self> {
        match &node.content {
            Content::Scalar { text, quoted: false } if text == "false" => Some(Self::Off),
            Content::Mapping(_) => HealthCheck::decode(node, report).map(Box::new).map(Self::Check),
            _ => {
                let message = format!("this is {}, but a health check is needed here", node.kind());
                let help = "write `health: { tcp: true }`, or `health: false` for no check";
                report.add(Finding::at(&shape::WRONG_TYPE, node.anchor(), message).help(help));
                None
            }
        }
    }
}

impl Decode for HealthCheck {
    fn decode(node: &Node, report: &mut Report) -> Option<Self> {
        let mut fields = Fields::of(node, "a health check", report)?;
        let mut kinds = kinds(&mut fields, report);
        let mut time = |key, default, report: &mut Report| {
            fields.optional(key, report).map_or(default, |CheckTime(seconds)| seconds)
        };
        let interval = time("interval", 5, report);
        let retry_delay = time("retry_delay", 1, report);
        let written: Option<Located<CheckTime>> = fields.optional("timeout", report);
        let retries = fields.optional("retries", report).map_or(2, |Attempts(count)| count);
        let port: Option<Located<Port>> = fields.optional("port", report);
        let address = fields.optional("address", report);
        let through = fields.optional("through", report);
        let host: Option<Located<DomainName>> = fields.optional("host", report);
        let status: Option<Located<StatusRange>> = fields.optional("status", report);
        fields.finish(report)?;
        let chosen = kinds.pop();
        let (Some(kind), None) = (chosen, kinds.first()) else {
            let message = "a health check has exactly one kind";
            let help = format!("write one of {}", quoted(HealthKind::KEYS.iter().copied()));
            report.add(Finding::at(&shape::MISSING_KEY, node.anchor(), message).help(help));
            return None;
        };
        let timeout = timeout(&kind.value, written, report)?;
        let port = port.map(|port| Located::new(port.value.0, port.span));
        let check = Self {
            kind: kind.value,
            span: kind.span,
            interval,
            timeout,
            retries,
            retry_delay,
            port,
            address,
            through,
            host,
            status,
        };
        check.has_only_its_keys(report).then_some(check)
    }
}

/// The time in which a dead host shows itself to a check over UDP: the kernel asks three times for its MAC address, once a second, and
/// only then reports an error (`ucast_solicit`, arp(7)).
const LEAST_OF_UDP: u32 = 4;

/// The time for an answer. A check over UDP takes no answer for a good one, so it must wait for the error of a dead host.
fn timeout(
    kind: &HealthKind,
    written: Option<Located<CheckTime>>,
    report: &mut Report,
) -> Option<u32> {
    let least = if *kind == HealthKind::Udp { LEAST_OF_UDP } else { 1 };
    let Some(Located { value: CheckTime(seconds), span }) = written else {
        return Some(least.max(3));
    };
    if seconds >= least {
        return Some(seconds);
    }
    let message = format!(
        "with a `timeout` of {seconds} s, a check over UDP takes a dead host for a live one"
    );
    let finding = Finding::at(&shape::BAD_VALUE, span, message);
    report.add(finding.help(format!(
        "write at least {least}: the kernel needs 3 s to notice that the host is gone"
    )));
    None
}

impl HealthCheck {
    /// The good status codes of a page.
    pub fn good_status(&self) -> StatusRange {
        self.status.map_or(StatusRange { first: 200, last: 200 }, |status| status.value)
    }

    /// Whether IPVS forwards the packets of the check, as it forwards those of a client.
    pub fn goes_through_vip(&self) -> bool {
        self.through.is_some_and(|way| way.value == Through::Vip)
    }

    /// Reports the keys that the kind does not use.
    fn has_only_its_keys(&self, report: &mut Report) -> bool {
        let page = matches!(self.kind, HealthKind::Http(_) | HealthKind::Https(_));
        let host = self.host.as_ref().filter(|_| !page).map(|host| ("host", host.span));
        let status = self.status.filter(|_| !page).map(|status| ("status", status.span));
        let port = self.port.filter(|_| !self.kind.asks_port()).map(|port| ("port", port.span));
        let unused: Vec<_> = host.into_iter().chain(status).chain(port).collect();
        for (key, span) in &unused {
            let message = format!("a check of the kind `{}` has no `{key}`", self.kind.key());
            report.add(Finding::at(&shape::UNKNOWN_KEY, *span, message).help("remove the key"));
        }
        let through = self.through.filter(|_| !self.kind.can_be_marked());
        if let Some(through) = &through {
            let message =
                format!("a check of the kind `{}` cannot go through the VIP", self.kind.key());
            let finding = Finding::at(&shape::BAD_VALUE, through.span, message);
            report.add(finding.help("remove `through`, or write `tcp: true` or `http: PATH`"));
        }
        let address = self.address.filter(|_| self.through.is_some());
        if let Some(address) = &address {
            let message = "a check through the VIP has no `address`: it asks the VIP";
            let finding = Finding::at(&shape::UNKNOWN_KEY, address.span, message);
            report.add(finding.help("remove one of both keys"));
        }
        unused.is_empty() && address.is_none() && through.is_none()
    }
}

/// The keys of a check, for the schema.
#[derive(JsonSchema)]
#[schemars(deny_unknown_fields)]
#[expect(dead_code, reason = "only the schema reads these fields")]
struct Keys {
    /// `tcp`: with `true`, the port accepts a connection.
    tcp: Option<True>,
    /// `udp`: with `true`, the port does not refuse a datagram.
    udp: Option<True>,
    /// `http`: the path of a page that has a good status over HTTP.
    http: Option<UrlPath>,
    /// `https`: the path of a page that has a good status over HTTPS. The certificate is not checked.
    https: Option<UrlPath>,
    /// `dns`: a name that the server resolves.
    dns: Option<DomainName>,
    /// `smtp`: with `true`, the mail server greets.
    smtp: Option<True>,
    /// `ping`: with `true`, the host answers ICMP echo requests.
    ping: Option<True>,
    /// `command`: a program on the director. Its arguments are the address and the port of the real server; the exit
    /// status 0 means that the real server answers.
    command: Option<AbsolutePath>,
    /// `interval`: the time between two checks, in seconds; the default is 5.
    #[schemars(range(min = 1, max = 3600))]
    interval: Option<u32>,
    /// `timeout`: the time for which the director waits for an answer, in seconds; the default is 3, and 4 for `udp`, which needs
    /// at least 4.
    #[schemars(range(min = 1, max = 3600))]
    timeout: Option<u32>,
    /// `retries`: the number of further attempts before a real server is dead; the default is 2.
    #[schemars(range(min = 0, max = 100))]
    retries: Option<u32>,
    /// `retry_delay`: the time before a further attempt, in seconds; the default is 1.
    #[schemars(range(min = 1, max = 3600))]
    retry_delay: Option<u32>,
    /// `port`: the port of the check; the default is the port of the service.
    port: Option<Port>,
    /// `address`: the address of the check; the default is the address of the real server.
    address: Option<HostAddress>,
    /// `through`: with `vip`, the check asks the VIP, and IPVS forwards its packets to the real server, as those of a client. The
    /// check then also fails if the real server has lost the VIP. `ping` and `command` cannot do this.
    through: Option<Through>,
    /// `host`: the name of the site that an HTTP check asks for.
    host: Option<DomainName>,
    /// `status`: the status codes of a good answer, one or a range (`200-299`); the default is 200.
    status: Option<StatusRange>,
}

/// The value of a kind that needs no value.
struct True;

schema!(
    True,
    "True",
    |_| json_schema!({ "const": true, "description": "a check without a value of its own" })
);

schema!(StatusRange, "StatusRange", |_| json_schema!({
    "description": "a status of HTTP, or a range of them",
    "anyOf": [
        { "type": "integer", "minimum": 100, "maximum": 599 },
        { "type": "string", "pattern": "^[1-5][0-9]{2}(-[1-5][0-9]{2})?$", "patternErrorMessage": "write a status, such as `204`, or a range, such as `200-299`" },
    ]
}));

impl JsonSchema for Health {
    fn schema_name() -> std::borrow::Cow<'static, str> {
        "Health".into()
    }

    fn json_schema(generator: &mut SchemaGenerator) -> Schema {
        let mut check = Keys::json_schema(generator);
        check.insert("description".into(), "how a director checks a real server".into());
        let kinds: Vec<Value> =
            HealthKind::KEYS.iter().map(|key| json!({ "required": [key] })).collect();
        check.insert("oneOf".into(), kinds.into());
        json_schema!({ "anyOf": [{ "const": false, "description": "no check" }, check] })
    }
}
