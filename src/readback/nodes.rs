//! Each web server shows the name of its own node, and no other name. It answers on the ports of the model, with the certificate of
//! the model.

use super::{HostFacts, Mismatch};
use crate::check::Checked;
use crate::facts::Fact;
use crate::formats::Format;
use crate::model::{HTTP, HTTPS, Need};

pub(super) fn compare(checked: &Checked<'_>, host: &HostFacts<'_>, found: &mut Vec<Mismatch>) {
    let name = host.view.host.name.as_str();
    let mut named = false;
    for (at, fact) in host.facts() {
        let Fact::NodeName(node) = fact else { continue };
        named = true;
        if node != name {
            found.push(host.mismatch_at(at, format!("the node name is `{node}`, not `{name}`")));
        }
    }
    if !host.says_all_of(Need::WebServer) {
        return;
    }
    if !named {
        found.push(host.mismatch("no file sets the node name of the web server".to_owned()));
    }
    ports(checked, host, found);
    let tls = checked.cluster().tls();
    let read = host.facts().find_map(|(at, fact)| match fact {
        Fact::Certificate(path) => Some((at, path.as_str())),
        _ => None,
    });
    match (tls, read) {
        (Some(tls), Some((_, path))) if tls.certificate.as_str() == path => {}
        (None, None) => {}
        (_, Some((at, path))) => {
            let why = format!("`{path}` is not the certificate of the model");
            found.push(host.mismatch_at(at, why));
        }
        (Some(_), None) => {
            found.push(host.mismatch("no file has the certificate of the web server".to_owned()));
        }
    }
}

/// The files of httpd listen on 80 and, with its TLS module, on 443; the site of nginx is in the file of lvsgen alone.
fn ports(checked: &Checked<'_>, host: &HostFacts<'_>, found: &mut Vec<Mismatch>) {
    let httpd = host.facts().any(|(at, fact)| {
        matches!(fact, Fact::NodeName(_)) && at.file.format == Some(Format::Httpd)
    });
    let wanted = checked.cluster().web_ports();
    for port in wanted.iter().filter(|port| !httpd || !matches!(**port, HTTP | HTTPS)) {
        let right = Fact::Listens { port: *port, tls: *port == HTTPS };
        if !host.facts().any(|(_, fact)| *fact == right) {
            found.push(host.mismatch(format!("the web server does not listen on port {port}")));
        }
    }
    for (at, fact) in host.facts() {
        if let Fact::Listens { port, .. } = fact
            && !wanted.contains(port)
        {
            found.push(host.mismatch_at(at, format!("the model has no web port {port}")));
        }
    }
}
