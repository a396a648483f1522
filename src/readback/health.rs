//! Each real server has the health check of the model, and each service its sorry server.

use std::collections::BTreeMap;
use std::net::IpAddr;

use super::{FactPlace, HostFacts, Mismatch, route};
use crate::check::Checked;
use crate::facts::Fact;
use crate::health::{Check, CheckPath, Question};
use crate::ipvs::{Destination, Endpoint, Family, Forwarding};
use crate::model::{HealthCheck, HealthKind, Need, ServiceServer, SorryServer, Vip};
use crate::resolve::ServiceView;

pub(super) fn compare(checked: &Checked<'_>, host: &HostFacts<'_>, found: &mut Vec<Mismatch>) {
    // The host comes first: thousands of hosts have no table, and the services have thousands of real servers.
    let needed = || checked.resolved().services.iter().any(ServiceView::is_checked);
    if !host.says_all_of(Need::IpvsRules) || !needed() {
        return;
    }
    let read = Read::new(host);
    for view in &checked.resolved().services {
        let name = &view.service.name.value;
        for vip in view.service.table_vips() {
            for (server, entry) in &view.real_servers {
                let Some(address) = view.server_address(server, vip.family()) else { continue };
                let source = || route::source(checked.cluster(), host.view.host, address);
                found.extend(read.mismatch(view, vip, (&source, address), *entry, host));
            }
            let sorry = read.sorry.get(&view.service.endpoint(vip)).copied();
            let wanted = sorry_server(view, vip.family());
            if sorry != wanted.map(|address| (address, view.forwarding(None))) {
                let why = format!("the sorry server of `{name}` on {vip} differs from the model");
                found.push(host.mismatch(why));
            }
        }
    }
}

/// The checks, the sorry servers and the table of the files.
#[derive(Default)]
struct Read<'a> {
    checks: BTreeMap<(Endpoint, IpAddr), CheckFact<'a>>,
    sorry: BTreeMap<Endpoint, (IpAddr, Forwarding)>,
    entries: BTreeMap<Endpoint, Vec<&'a Destination>>,
}

impl<'a> Read<'a> {
    fn new(host: &'a HostFacts<'_>) -> Self {
        let mut read = Self::default();
        for (at, fact) in host.facts() {
            match fact {
                Fact::Check { endpoint, server, check, path } => {
                    read.checks.insert((*endpoint, *server), (check, *path, at));
                }
                Fact::Destination { endpoint, destination } => {
                    read.entries.entry(*endpoint).or_default().push(destination);
                }
                Fact::SorryServer { endpoint, server, forwarding } => {
                    read.sorry.insert(*endpoint, (*server, *forwarding));
                }
                _ => {}
            }
        }
        read
    }

    /// The difference between the check of a real server and the model.
    fn mismatch(
        &self,
        view: &ServiceView<'a>,
        vip: Vip,
        (source, server): (&dyn Fn() -> Option<IpAddr>, IpAddr),
        entry: Option<&'a ServiceServer>,
        host: &HostFacts<'_>,
    ) -> Option<Mismatch> {
        let name = &view.service.name.value;
        let wanted = view.health_check(entry);
        let seen = self.checks.get(&(view.service.endpoint(vip), server));
        match (wanted, seen) {
            (None, None) => None,
            (Some(wanted), Some((check, path, at))) => {
                let way = || match (wanted.goes_through_vip(), path) {
                    (false, None) => None,
                    (true, Some(path)) => path_fault(path, source(), server, &self.entries),
                    _ => Some("the way of the check"),
                };
                let port = view.real_ports(entry).first().map(|ports| ports.first);
                let why = fault(wanted, port, server, vip, check).or_else(way)?;
                Some(host.mismatch_at(*at, format!("{why} of {server} for `{name}`")))
            }
            (None, Some((.., at))) => {
                let why = format!("`{name}` checks {server}, and the model does not");
                Some(host.mismatch_at(*at, why))
            }
            (Some(_), None) => {
                let why = format!("no file has the health check of {server} for `{name}`");
                Some(host.mismatch(why))
            }
        }
    }
}

/// A check of a file, the way of the check through the table, and the place of the check.
type CheckFact<'a> = (&'a Check, Option<CheckPath>, FactPlace<'a>);

/// The part of the way of a check that is wrong: the check comes from the director's address that the real server answers, and the
/// service of its mark has only the real server.
fn path_fault(
    path: &CheckPath,
    source: Option<IpAddr>,
    server: IpAddr,
    entries: &BTreeMap<Endpoint, Vec<&Destination>>,
) -> Option<&'static str> {
    let family = Family::of(server);
    let endpoint = Endpoint::Mark { mark: path.mark, family };
    let reached = entries.get(&endpoint).map_or(&[][..], Vec::as_slice);
    let good = |one: &Destination| {
        one.address == server && one.forwarding == Forwarding::Direct && one.weight > 0
    };
    if source != Some(path.source) {
        Some("the source of the check")
    } else if !matches!(reached, [one] if good(one)) {
        Some("the service of the mark of the check")
    } else {
        None
    }
}

fn sorry_server(view: &ServiceView<'_>, family: Family) -> Option<IpAddr> {
    let own = view.sorry_server.and_then(|host| view.server_address(host, family));
    match view.service.sorry_server.as_ref().map(|server| &server.value) {
        Some(SorryServer::Address(one)) => Some(one.0).filter(|one| Family::of(*one) == family),
        _ => own,
    }
}

/// The part of a check that differs from the model.
fn fault(
    wanted: &HealthCheck,
    port: Option<u16>,
    server: IpAddr,
    vip: Vip,
    read: &Check,
) -> Option<&'static str> {
    let times = read.times;
    let port = wanted.port.map(|port| port.value).or(port);
    let address = wanted.address.map(|address| address.value.0);
    let address = address.filter(|address| Family::of(*address) == vip.family());
    let address = if wanted.goes_through_vip() { Some(vip.0) } else { address };
    let rules = [
        (is_asked(wanted, &read.question), "the question"),
        (times.interval == wanted.interval, "the interval"),
        (times.timeout == wanted.timeout, "the timeout"),
        (times.retries == wanted.retries, "the number of retries"),
        (times.retry_delay == wanted.retry_delay, "the delay of a retry"),
        (!wanted.kind.asks_port() || read.port == port, "the port of the check"),
        (read.address.unwrap_or(server) == address.unwrap_or(server), "the address of the check"),
    ];
    rules.into_iter().find(|(right, _)| !right).map(|(_, what)| what)
}

/// Whether the file asks the question of the model.
fn is_asked(wanted: &HealthCheck, read: &Question) -> bool {
    match (&wanted.kind, read) {
        (HealthKind::Tcp, Question::Tcp)
        | (HealthKind::Udp, Question::Udp)
        | (HealthKind::Smtp, Question::Mail)
        | (HealthKind::Ping, Question::Echo) => true,
        (HealthKind::Dns(wanted), Question::Name { name }) => wanted.as_str() == name,
        (HealthKind::Command(wanted), Question::Command { path }) => wanted.as_str() == path,
        (
            HealthKind::Http(page) | HealthKind::Https(page),
            Question::Page { secure, path, host, first_status, last_status },
        ) => {
            let status = wanted.status.map_or((200, 200), |one| (one.value.first, one.value.last));
            page.as_str() == path
                && *secure == matches!(wanted.kind, HealthKind::Https(_))
                && wanted.host.as_ref().map(|host| host.value.as_str()) == host.as_deref()
                && status == (*first_status, *last_status)
        }
        _ => false,
    }
}
