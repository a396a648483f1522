//! The questions of the prober, blackbox_exporter: through the VIPs as a client, and to the real servers' own addresses.
//!
//! One of N dead real servers fails every Nth probe through a VIP, and persistence hides it: therefore the direct questions.

use std::net::{IpAddr, SocketAddr};

use serde::Serialize;
use serde_json::{Map, Value, json};

use crate::check::Checked;
use crate::ipvs::Family;
use crate::model::{HostName, NODE_PAGE, ServiceName};
use crate::resolve::{Asked, Question};

/// One question of the prober.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Probed<'a> {
    /// The service.
    pub service: &'a ServiceName,
    /// The real server; `None` for a question through a VIP.
    pub host: Option<&'a HostName>,
    /// The address and port that the prober asks.
    pub socket: SocketAddr,
    /// The target, as blackbox_exporter takes it.
    pub target: String,
    /// The module.
    pub module: Module,
}

/// A module of blackbox_exporter: a kind of question.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Module {
    /// A page over HTTP or HTTPS.
    Page {
        /// Whether the page needs TLS.
        tls: bool,
        /// The name of the site.
        site: Option<String>,
        /// The good status codes.
        good: (u16, u16),
    },
    /// A connection.
    Connection,
    /// A connection with TLS: any site is good.
    Tls,
    /// A name of DNS; `None` if nobody knows a name that the server has.
    Name(Option<String>),
}

/// The status codes that IANA registered.
const STATUS: [(u16, u16); 9] = [
    (100, 103),
    (200, 208),
    (226, 226),
    (300, 308),
    (400, 418),
    (421, 431),
    (451, 451),
    (500, 508),
    (510, 511),
];

impl Module {
    fn of(question: &Question<'_>) -> Self {
        match question {
            Question::NodePage => Self::Page { tls: false, site: None, good: (200, 299) },
            Question::Page(page) => Self::Page {
                tls: page.tls,
                site: page.site.map(ToString::to_string),
                good: (page.good.first, page.good.last),
            },
            Question::Site => Self::Tls,
            Question::Name(name) => Self::Name(name.map(ToString::to_string)),
            Question::Connection | Question::Datagram | Question::Nothing => Self::Connection,
        }
    }

    /// Whether the prober sees a certificate.
    pub fn has_certificate(&self) -> bool {
        matches!(self, Self::Tls | Self::Page { tls: true, .. })
    }

    /// The name of the module. Modules of several clusters stand in one file, so the name says everything about the module.
    pub fn name(&self) -> String {
        match self {
            Self::Page { tls, site, good: (first, last) } => {
                let scheme = if *tls { "https" } else { "http" };
                let site = site.as_ref().map(|site| format!("_{}", plain(site)));
                format!("lvsgen_{scheme}_{first}_{last}{}", site.unwrap_or_default())
            }
            Self::Connection => "lvsgen_tcp".to_owned(),
            Self::Tls => "lvsgen_tls".to_owned(),
            Self::Name(Some(name)) => format!("lvsgen_dns_{}", plain(name)),
            Self::Name(None) => "lvsgen_dns".to_owned(),
        }
    }

    /// The module as blackbox_exporter reads it. The targets are addresses: no name is resolved.
    pub fn definition(&self) -> Value {
        match self {
            Self::Page { tls, site, good: (first, last) } => {
                let mut http = Map::new();
                // A redirect would lead away from the VIP.
                http.insert("follow_redirects".into(), false.into());
                // Without a list, blackbox_exporter takes 200 to 299.
                if (*first, *last) != (200, 299) {
                    http.insert("valid_status_codes".into(), codes(*first, *last).into());
                }
                if let Some(site) = site {
                    http.insert("headers".into(), json!({ "Host": site }));
                }
                if *tls {
                    // An untrusted certificate would hide its own end: the alert about the end needs the answer.
                    let mut config = Map::new();
                    config.insert("insecure_skip_verify".into(), true.into());
                    if let Some(site) = site {
                        let name = site.rsplit_once(':').map_or(site.as_str(), |(name, _)| name);
                        config.insert("server_name".into(), name.into());
                    }
                    http.insert("tls_config".into(), config.into());
                }
                json!({ "prober": "http", "timeout": "5s", "http": http })
            }
            Self::Connection => json!({ "prober": "tcp", "timeout": "5s" }),
            Self::Tls => json!({
                "prober": "tcp",
                "timeout": "5s",
                "tcp": { "tls": true, "tls_config": { "insecure_skip_verify": true } },
            }),
            Self::Name(name) => {
                // A server that has no recursion refuses the root: it works.
                let good: &[&str] = match name {
                    Some(_) => &["NOERROR"],
                    None => &["NOERROR", "NXDOMAIN", "REFUSED"],
                };
                json!({
                    "prober": "dns",
                    "timeout": "5s",
                    "dns": {
                        "query_name": name.as_deref().unwrap_or("."),
                        "query_type": "A",
                        "transport_protocol": "udp",
                        "valid_rcodes": good,
                    },
                })
            }
        }
    }
}

/// The status codes of a range. blackbox_exporter takes no range: of a wide one, these are the registered codes.
fn codes(first: u16, last: u16) -> Vec<u16> {
    let known = |code: &u16| STATUS.iter().any(|(low, high)| (low..=high).contains(&code));
    let registered: Vec<u16> = (first..=last).filter(known).collect();
    if registered.is_empty() { (first..=last).collect() } else { registered }
}

/// A text as a part of a name.
fn plain(text: &str) -> String {
    text.chars().map(|c| if c.is_ascii_alphanumeric() { c } else { '_' }).collect()
}

/// The modules of a file.
#[derive(Debug, Serialize)]
pub struct Modules {
    modules: Map<String, Value>,
}

impl Modules {
    /// The modules that the questions need.
    pub fn of<'p>(probed: impl Iterator<Item = &'p Probed<'p>>) -> Self {
        let modules = probed.map(|one| (one.module.name(), one.module.definition()));
        Self { modules: modules.collect() }
    }
}

/// The questions through the VIPs. Nobody can know the answer to some datagram.
pub(super) fn through_vips<'a>(checked: &Checked<'a>) -> Vec<Probed<'a>> {
    let mut all = Vec::new();
    for view in &checked.resolved().services {
        let asked: Vec<Asked<'_>> = view.asked().into_iter().filter(Asked::is_probed).collect();
        let vips = view.service.vips.iter().map(|vip| vip.value.0);
        for vip in vips.filter(|vip| speaks(checked, *vip)) {
            let each = asked.iter();
            all.extend(each.map(|one| probed(&view.service.name.value, None, vip, one)));
        }
    }
    all
}

/// The questions to the real servers' own addresses.
pub(super) fn direct<'a>(checked: &Checked<'a>) -> Vec<Probed<'a>> {
    let mut all = Vec::new();
    for view in &checked.resolved().services {
        for (host, _) in &view.real_servers {
            let asked = view.asked_directly(host).into_iter();
            let asked = asked.filter(|(own, _)| speaks(checked, *own));
            all.extend(asked.map(|(own, asked)| {
                probed(&view.service.name.value, Some(&host.name.value), own, &asked)
            }));
        }
    }
    all
}

/// Whether the prober has an address of the family of an address.
fn speaks(checked: &Checked<'_>, address: IpAddr) -> bool {
    checked.cluster().monitoring.iter().any(|model| model.speaks(Family::of(address)))
}

fn probed<'a>(
    service: &'a ServiceName,
    host: Option<&'a HostName>,
    address: IpAddr,
    asked: &Asked<'_>,
) -> Probed<'a> {
    let socket = SocketAddr::new(address, asked.port);
    let target = match &asked.question {
        Question::NodePage => format!("http://{socket}{NODE_PAGE}"),
        Question::Page(page) if page.tls => format!("https://{socket}{}", page.path),
        Question::Page(page) => format!("http://{socket}{}", page.path),
        _ => socket.to_string(),
    };
    Probed { service, host, socket, target, module: Module::of(&asked.question) }
}
