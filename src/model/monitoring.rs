//! Monitoring: who asks the hosts for their metrics, and when an alert fires.

use schemars::{JsonSchema, json_schema};

use super::HasFamily as _;
use super::address::HostAddress;
use super::decode::{Decode, Fields, OneOrMany, number, word};
use super::host::{Host, MonitoringServer};
use super::name::DomainName;
use super::schema_part::{schema, text};
use super::shape;
use crate::diagnostic::{Finding, Report};
use crate::ipvs::Family;
use crate::source::Located;
use crate::yaml::{Content, Node};

/// The port of node_exporter (its default of `--web.listen-address`).
pub const NODE_EXPORTER: u16 = 9100;

/// `monitoring`: each host shows its state to a Prometheus, and lvsgen writes the scrape configuration, the rules, the alerts, their
/// tests and a dashboard.
#[derive(Clone, Debug, JsonSchema)]
#[schemars(deny_unknown_fields)]
pub struct Monitoring {
    /// `server`: the host on which lvsgen sets up the Prometheus and its prober: a host of its own, or the NFS server (with the same
    /// name and address).
    #[schemars(with = "Option<MonitoringServer>")]
    pub server: Option<Host>,
    /// `external`: `true`: the Prometheus is a machine that lvsgen does not set up. Either this key or `server` is necessary.
    pub external: Option<External>,
    /// `from`: with `external`, the addresses from which Prometheus and its prober ask: not those of a director or a real server. The
    /// firewalls accept these addresses. With `server`, they are the addresses of the server.
    #[schemars(with = "Option<OneOrMany<HostAddress>>")]
    pub from: Vec<Located<HostAddress>>,
    /// `alertmanager`: the addresses and ports of the Alertmanagers that get the alerts. Without this key, the example for an external
    /// Prometheus has `127.0.0.1:9093`, and the Prometheus of a `server` sends no alert.
    #[schemars(with = "Option<OneOrMany<DomainName>>")]
    pub alertmanager: Vec<DomainName>,
    /// `interval`: the time between two scrapes, in seconds. Without this key: 15.
    #[schemars(with = "Option<Interval>")]
    pub interval: u32,
    /// `probe`: whether a blackbox_exporter beside the Prometheus asks the VIPs and the real servers. Without this key: `true`.
    #[schemars(with = "Option<bool>")]
    pub probe: bool,
    /// `prober`: with `external`, the address and port at which the Prometheus reaches the blackbox_exporter. Without this key:
    /// `127.0.0.1:9115`.
    #[schemars(with = "Option<DomainName>")]
    pub prober: DomainName,
    /// `runbook_base`: the address of your pages about the alerts; it ends with `/`, `#` or `=`. The name of the alert follows it.
    /// Without this key, the alerts have no link.
    pub runbook_base: Option<BaseUrl>,
    /// `thresholds`: the values at which alerts fire.
    #[schemars(with = "Option<Thresholds>")]
    pub thresholds: Thresholds,
}

/// `external: true`.
#[derive(Clone, Copy, Debug)]
pub struct External;

/// A time between two scrapes in seconds, 5 to 60. A longer one makes the alerts about absent series late.
#[derive(Clone, Copy, Debug)]
struct Interval(u32);

/// Declares the thresholds: of each its key, its meaning, its bounds and its default.
macro_rules! thresholds {
    ($($(#[$doc:meta])* $key:ident: $what:literal, $low:literal to $high:literal, $default:literal;)+) => {
        /// The values at which alerts fire. Each has a default.
        #[derive(Clone, Copy, Debug, PartialEq, Eq)]
        pub struct Thresholds {
            $($(#[$doc])* pub $key: u32,)+
        }

        impl Default for Thresholds {
            fn default() -> Self {
                Self { $($key: $default,)+ }
            }
        }

        impl Decode for Thresholds {
            fn decode(node: &Node, report: &mut Report) -> Option<Self> {
                let mut fields = Fields::of(node, "`thresholds`", report)?;
                $(let $key = {
                    let what = concat!("a value of `", stringify!($key), "`, ", $what);
                let read = |node: &Node, report: &mut Report| bounded(node, what, $low, $high, report);
                    fields.optional_by(stringify!($key), read, report).unwrap_or($default)
                };)+
                fields.finish(report)?;
                Some(Self { $($key,)+ })
            }
        }

        schema!(Thresholds, "Thresholds", |_| json_schema!({
            "type": "object",
            "description": "the values at which alerts fire",
            "properties": {
                $(stringify!($key): {
                    "description": $what,
                    "type": "integer",
                    "minimum": $low,
                    "maximum": $high,
                    "default": $default,
                },)+
            },
            "additionalProperties": false,
        }));
    };
}

thresholds! {
    /// One hour by default: the connections of most services end before.
    drained_minutes: "the minutes that a drain may take", 5 to 10_080, 60;
    /// 25 percent by default: a smaller deviation has no effect that a client sees.
    share_percent: "the percentage by which a share may differ from its weight", 5 to 100, 25;
    /// 50 by default: with fewer connections, chance alone makes large deviations.
    share_connections: "the number of connections below which no share is judged", 20 to 1_000_000, 50;
    /// 95 percent by default: one dead real server of up to 19 fails more than 5 percent of the probes.
    probe_percent: "the percentage of the probes that must pass", 50 to 100, 95;
    /// 8 by default: each packet then compares 4 entries on average.
    connections_per_bucket: "the number of connections for each bucket of the connection table", 1 to 1000, 8;
    /// 80 percent by default: the rest leaves time for an answer.
    conntrack_percent: "the percentage of the conntrack table that may be in use", 10 to 99, 80;
    /// 14 days by default: a program for ACME renews a certificate earlier.
    certificate_days: "the number of days before the end of a certificate", 1 to 365, 14;
    /// 3 by default: the maintenance of two directors moves a VIP twice.
    moves: "the number of moves of a VIP in half an hour", 1 to 1000, 3;
}

fn bounded(node: &Node, what: &str, low: u64, high: u64, report: &mut Report) -> Option<u32> {
    let read = number(node, what, low, high, report)?;
    Some(u32::try_from(read).expect("`number` keeps the value within the bounds"))
}

/// The begin of the address of a page. The characters need no quotes in YAML, and are no template of Prometheus.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct BaseUrl(String);

impl BaseUrl {
    fn new(written: &str) -> Result<Self, String> {
        let rest = written.strip_prefix("https://").or_else(|| written.strip_prefix("http://"));
        let plain = |byte: u8| byte.is_ascii_alphanumeric() || b"._~/?&=%+:,;@#-".contains(&byte);
        match rest {
            Some(rest)
                if rest.ends_with(['/', '#', '='])
                    && rest.len() <= 200
                    && rest.bytes().all(plain) =>
            {
                Ok(Self(written.to_owned()))
            }
            _ => {
                Err("write it like https://wiki.example.org/lvs/, with `/`, `#` or `=` at the end"
                    .to_owned())
            }
        }
    }

    /// The address of the page about an alert.
    pub fn page(&self, alert: &str) -> String {
        format!("{}{alert}", self.0)
    }
}

impl Decode for BaseUrl {
    fn decode(node: &Node, report: &mut Report) -> Option<Self> {
        word(node, "the address of your pages", Self::new, report)
    }
}

schema!(BaseUrl, "BaseUrl", |_| text(
    "the address of your pages",
    r"^https?://[A-Za-z0-9._~/?&=%+:,;@#-]{0,199}[/#=]$",
    "https://wiki.example.org/lvs/"
));

impl Decode for Interval {
    fn decode(node: &Node, report: &mut Report) -> Option<Self> {
        bounded(node, "a time between two scrapes in seconds", 5, 60, report).map(Self)
    }
}

schema!(Interval, "ScrapeInterval", |_| json_schema!({
    "description": "the time between two scrapes, in seconds",
    "type": "integer",
    "minimum": 5,
    "maximum": 60,
}));

impl Decode for External {
    fn decode(node: &Node, report: &mut Report) -> Option<Self> {
        if bool::decode(node, report)? {
            return Some(Self);
        }
        let message = "`false` names no Prometheus";
        let help = "write `server` in the place of `external`, with the host on which lvsgen sets up the Prometheus";
        report.add(Finding::at(&shape::BAD_VALUE, node.span, message).help(help));
        None
    }
}

schema!(
    External,
    "External",
    |_| json_schema!({ "const": true, "description": "a Prometheus that lvsgen does not set up" })
);

impl Monitoring {
    /// The key that has the addresses of the Prometheus.
    pub fn key_of_addresses(&self) -> &'static str {
        if self.server.is_some() { "server" } else { "from" }
    }

    /// Whether the prober has an address of a family.
    pub fn speaks(&self, family: Family) -> bool {
        self.from.iter().any(|from| from.value.family() == family)
    }
}

impl Decode for Monitoring {
    fn decode(node: &Node, report: &mut Report) -> Option<Self> {
        let Content::Mapping(keys) = &node.content else {
            let message = "`monitoring` is a mapping";
            let help = "write `monitoring: { external: true, from: ADDRESS }`, with the address of your Prometheus, or \
                        `monitoring: { server: { name: NAME, address: ADDRESS } }` for one that lvsgen sets up";
            report.add(Finding::at(&shape::WRONG_TYPE, node.anchor(), message).help(help));
            return None;
        };
        let named =
            |key: &Node| matches!(&key.content, Content::Scalar { text, .. } if text == "server");
        let what = match keys.iter().any(|(key, _)| named(key)) {
            true => "`monitoring` with a `server`",
            false => "`monitoring`",
        };
        let mut fields = Fields::of(node, what, report)?;
        let place = Place::take(&mut fields, report);
        let alertmanager: Option<OneOrMany<_>> = fields.optional("alertmanager", report);
        let interval = fields.optional("interval", report);
        let probe = fields.optional("probe", report);
        let runbook_base = fields.optional("runbook_base", report);
        let thresholds = fields.optional("thresholds", report);
        fields.finish(report)?;
        let Place { server, external, from, prober } = place?;
        Some(Self {
            server,
            external,
            from,
            alertmanager: alertmanager.map(|OneOrMany(addresses)| addresses).unwrap_or_default(),
            interval: interval.map_or(15, |Interval(seconds)| seconds),
            probe: probe.unwrap_or(true),
            prober: prober.unwrap_or_else(|| {
                DomainName::new("127.0.0.1:9115").expect("the default has a valid name")
            }),
            runbook_base,
            thresholds: thresholds.unwrap_or_default(),
        })
    }
}

/// The place of the Prometheus and of its prober.
struct Place {
    server: Option<Host>,
    external: Option<External>,
    from: Vec<Located<HostAddress>>,
    prober: Option<DomainName>,
}

impl Place {
    /// Reads `server`, or the three keys of a Prometheus that lvsgen does not set up.
    fn take(fields: &mut Fields<'_>, report: &mut Report) -> Option<Self> {
        if fields.has("server") {
            let MonitoringServer(server) = fields.required("server", report)?;
            let from = server.addresses().cloned().collect();
            return Some(Self { server: Some(server), external: None, from, prober: None });
        }
        let external: Option<External> = fields.required("external", report);
        let from = fields.required("from", report);
        let prober = fields.optional("prober", report);
        let OneOrMany(from) = from?;
        Some(Self { server: None, external: Some(external?), from, prober })
    }
}
