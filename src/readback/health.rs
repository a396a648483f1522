//! Each real server has the health check of the model, and each service its sorry server.

use std::collections::BTreeMap;
use std::net::IpAddr;

use super::{FactPlace, HostFacts, Mismatch};
use crate::check::Checked;
use crate::facts::Fact;
use crate::health::{Check, Question};
use crate::ipvs::{Endpoint, Family};
use crate::model::{HealthCheck, HealthKind, Need, SorryServer, Vip};
use crate::resolve::ServiceView;

pub(super) fn compare(checked: &Checked<'_>, host: &HostFacts<'_>, found: &mut Vec<Mismatch>) {
    let needed = checked.resolved().services.iter().any(ServiceView::is_checked);
    if !needed || !host.says_all_of(Need::IpvsRules) {
        return;
    }
    let mut checks: BTreeMap<(Endpoint, IpAddr), (&Check, FactPlace<'_>)> = BTreeMap::new();
    let mut sorry: BTreeMap<Endpoint, IpAddr> = BTreeMap::new();
    for (at, fact) in host.facts() {
        match fact {
            Fact::Check { endpoint, server, check } => {
                checks.insert((*endpoint, *server), (check, at));
            }
            Fact::SorryServer { endpoint, server } => drop(sorry.insert(*endpoint, *server)),
            _ => {}
        }
    }
    for view in &checked.resolved().services {
        let name = &view.service.name.value;
        for vip in view.service.vips.iter().map(|vip| vip.value) {
            let endpoint = view.service.endpoint(vip);
            for (server, entry) in &view.real_servers {
                let Some(address) = server.address(vip.family()) else { continue };
                let seen = checks.get(&(endpoint, address.0));
                match (view.health_check(*entry), seen) {
                    (None, None) => {}
                    (Some(wanted), Some((read, at))) => {
                        let why = fault(wanted, view, address.0, vip, read);
                        let why = why.map(|why| format!("{why} of {address} for `{name}`"));
                        found.extend(why.map(|why| host.mismatch_at(*at, why)));
                    }
                    (None, Some((_, at))) => {
                        let why = format!("`{name}` checks {address}, and the model does not");
                        found.push(host.mismatch_at(*at, why));
                    }
                    (Some(_), None) => {
                        let why = format!("no file has the health check of {address} for `{name}`");
                        found.push(host.mismatch(why));
                    }
                }
            }
            if sorry.get(&endpoint).copied() != sorry_server(view, vip.family()) {
                let why = format!("the sorry server of `{name}` on {vip} differs from the model");
                found.push(host.mismatch(why));
            }
        }
    }
}

fn sorry_server(view: &ServiceView<'_>, family: Family) -> Option<IpAddr> {
    let own = view.sorry_server.and_then(|host| host.address(family)).map(|address| address.0);
    match view.service.sorry_server.as_ref().map(|server| &server.value) {
        Some(SorryServer::Address(one)) => Some(one.0).filter(|one| Family::of(*one) == family),
        _ => own,
    }
}

/// The part of a check that differs from the model.
fn fault(
    wanted: &HealthCheck,
    view: &ServiceView<'_>,
    server: IpAddr,
    vip: Vip,
    read: &Check,
) -> Option<&'static str> {
    let times = read.times;
    let first_port = view.service.ports().first().map(|port| port.value);
    let port = wanted.port.map(|port| port.value).or(first_port);
    let address = wanted.address.map(|address| address.value.0);
    let address = address.filter(|address| Family::of(*address) == vip.family());
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
