//! The web servers that lvsgen sets up.

use schemars::{JsonSchema, json_schema};

use super::Cluster;
use super::decode::{Decode, Fields, OneOrMany, decode_keywords};
use super::name::AbsolutePath;
use super::port_or_mark::Port;
use super::schema_part::{or_short, schema};
use super::shape;
use crate::diagnostic::{Finding, Report};
use crate::keyword::keywords;
use crate::source::Located;
use crate::yaml::{Content, Node};

/// The path of the page that names its node, on each web server that lvsgen writes.
pub const NODE_PAGE: &str = "/lvs-node";

/// The port of HTTP.
pub const HTTP: u16 = 80;

/// The port of HTTPS.
pub const HTTPS: u16 = 443;

keywords! {
    /// The language of the pages that lvsgen writes.
    Language, "a language of pages",
    /// Chinese.
    Chinese = "zh",
    /// English.
    English = "en",
}

keywords! {
    /// The program of a web server.
    WebProgram, "a web server",
    /// Apache httpd. Debian and SUSE call it `apache2`.
    Httpd = "httpd",
    /// nginx.
    Nginx = "nginx",
}

decode_keywords!(Language, WebProgram);

/// `web`: `false` if lvsgen must not set up web servers; otherwise, the properties of the web servers.
#[derive(Clone, Debug)]
pub struct Web {
    /// Whether lvsgen sets up web servers.
    pub wanted: bool,
    /// `server`: the program. Without this key: the default of the target.
    pub server: Option<Located<WebProgram>>,
    /// `ports`: the TCP ports of HTTP. The real servers that answer on one of them have a web server. The default is 80.
    pub ports: Vec<Located<u16>>,
    /// `tls`: the certificate of the web servers. With this key they also answer on port 443.
    pub tls: Option<Tls>,
    /// `language`: the language of the pages. Without this key: the language of the target.
    pub language: Option<Language>,
}

/// `tls`: files that lvsgen neither makes nor copies. They must be on each real server.
#[derive(Clone, Debug, JsonSchema)]
#[schemars(deny_unknown_fields)]
pub struct Tls {
    /// `certificate`: the file of the certificate, with its chain, in PEM.
    pub certificate: Located<AbsolutePath>,
    /// `key`: the file of the private key, in PEM.
    pub key: Located<AbsolutePath>,
}

impl Web {
    fn short(wanted: bool, server: Option<Located<WebProgram>>) -> Self {
        Self { wanted, server, ports: Vec::new(), tls: None, language: None }
    }

    /// The TCP ports of HTTP on which the web servers answer, in ascending order.
    fn http_ports(&self) -> Vec<u16> {
        if self.ports.is_empty() {
            return vec![HTTP];
        }
        let mut ports: Vec<u16> = self.ports.iter().map(|port| port.value).collect();
        ports.sort_unstable();
        ports
    }
}

impl Cluster {
    /// The TCP ports of HTTP on which the web servers of lvsgen answer, in ascending order. The list is empty if the model turns the
    /// web servers off.
    pub fn http_ports(&self) -> Vec<u16> {
        match &self.web {
            None => vec![HTTP],
            Some(web) if web.wanted => web.http_ports(),
            Some(_) => Vec::new(),
        }
    }

    /// The certificate of the web servers, with which they answer on port 443.
    pub fn tls(&self) -> Option<&Tls> {
        self.web.as_ref()?.tls.as_ref()
    }

    /// All TCP ports on which the web servers of lvsgen answer.
    pub fn web_ports(&self) -> Vec<u16> {
        let mut ports = self.http_ports();
        ports.extend(self.tls().map(|_| HTTPS));
        ports
    }
}

impl Decode for Tls {
    fn decode(node: &Node, report: &mut Report) -> Option<Self> {
        let mut fields = Fields::of(node, "`tls`", report)?;
        let certificate = fields.required("certificate", report);
        let key = fields.required("key", report);
        fields.finish(report)?;
        Some(Self { certificate: certificate?, key: key? })
    }
}

impl Decode for Web {
    fn decode(node: &Node, report: &mut Report) -> Option<Self> {
        match &node.content {
            Content::Mapping(_) => {}
            Content::Scalar { text, .. } if text.parse::<bool>().is_err() => {
                return Located::decode(node, report).map(|server| Self::short(true, Some(server)));
            }
            _ => return bool::decode(node, report).map(|wanted| Self::short(wanted, None)),
        }
        let mut fields = Fields::of(node, "`web`", report)?;
        let server = fields.optional("server", report);
        let ports: Option<OneOrMany<Located<Port>>> = fields.optional("ports", report);
        let tls = fields.optional("tls", report);
        let language = fields.optional("language", report);
        fields.finish(report)?;
        let ports = ports.map(|OneOrMany(ports)| ports).unwrap_or_default();
        let ports: Vec<Located<u16>> =
            ports.into_iter().map(|port| Located::new(port.value.0, port.span)).collect();
        let web = Self { wanted: true, server, ports, tls, language };
        web.has_good_ports(report).then_some(web)
    }
}

impl Web {
    /// Reports a port that stands twice, and the port of HTTPS.
    fn has_good_ports(&self, report: &mut Report) -> bool {
        let finding = self.ports.iter().enumerate().find_map(|(at, port)| {
            let before = self.ports[..at].iter().find(|one| one.value == port.value);
            let bad = |message: String| Finding::at(&shape::BAD_VALUE, port.span, message);
            if let Some(before) = before {
                let message = format!("the port {} stands here twice", port.value);
                return Some(bad(message).related(before.span, "the first one").help("remove one"));
            }
            let message = "port 443 is not in `ports`: these are the ports of HTTP";
            let help = "write `tls: { certificate: PATH, key: PATH }`: the web servers then answer on port 443 too";
            (port.value == HTTPS).then(|| bad(message.to_owned()).help(help))
        });
        let good = finding.is_none();
        report.extend(finding);
        good
    }
}

/// The long form.
#[derive(JsonSchema)]
#[schemars(deny_unknown_fields)]
#[expect(dead_code, reason = "the schema alone has this shape")]
struct WebMapping {
    /// `server`: the program. Without this key: httpd.
    server: Option<WebProgram>,
    /// `ports`: the TCP ports of HTTP; the default is 80. The real servers that answer on one of these ports have a web server.
    ports: Option<OneOrMany<Port>>,
    /// `tls`: the certificate and its key, by path. With this key, the web servers also answer on port 443.
    tls: Option<Tls>,
    /// `language`: the language of the pages that lvsgen writes. Without this key: Chinese on openEuler, Anolis OS and Kylin, English
    /// elsewhere.
    language: Option<Language>,
}

schema!(Web, "Web", |generator| {
    let mapping = generator.subschema_for::<WebMapping>();
    let program = generator.subschema_for::<WebProgram>();
    let short = json_schema!({ "anyOf": [generator.subschema_for::<bool>(), program] });
    or_short(&mapping, &short)
});
