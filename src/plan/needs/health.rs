//! The health checks of a service and of its real servers.
//!
//! Takes a service of the model; gives the values that keepalived needs, a part of the values of `ipvs_rules`.

use std::net::IpAddr;

use serde::{Deserialize, Serialize};

use crate::health::{Check, CheckPath, FIRST_CHECK_MARK, Question, Times};
use crate::ipvs::{Endpoint, Family};
use crate::model::{
    HealthCheck, HealthKind, OnFailure, ServiceServer, SorryServer, Start, StatusRange, Vip,
};
use crate::resolve::ServiceView;

/// The checks of a service.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
pub struct ServiceHealth {
    /// The check of the first real server that has a check.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub check: Option<Check>,
    /// The longest time from the death of a real server until it leaves the table, in seconds.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub seconds_until_removed: Option<u64>,
    /// The state of the real servers before their first check.
    pub start: Start,
    /// The effect of a failed check.
    pub on_failure: OnFailure,
    /// The smallest sum of weights with which the service works.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub quorum: Option<u32>,
    /// The sum of weights above the quorum that brings the service back.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub hysteresis: Option<u32>,
    /// The address of the server that answers while the quorum is lost.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub sorry_server: Option<IpAddr>,
}

/// The health of a service on one VIP; `None` if the service has neither a check nor a sorry server.
pub(super) fn of_service(view: &ServiceView<'_>, vip: Vip) -> Option<ServiceHealth> {
    let service = view.service;
    let checks = view.real_servers.iter().filter_map(|(_, entry)| {
        let check = view.health_check(*entry)?;
        Some(of_real_server(view, *entry, check, vip))
    });
    let checks: Vec<Check> = checks.collect();
    let sorry_server = sorry_server(view, vip.family());
    if checks.is_empty() && sorry_server.is_none() {
        return None;
    }
    Some(ServiceHealth {
        seconds_until_removed: checks.iter().map(|check| check.times.until_removed()).max(),
        check: checks.into_iter().next(),
        start: service.start.map_or(Start::Down, |start| start.value),
        on_failure: service.on_failure.map_or(OnFailure::Remove, |effect| effect.value),
        quorum: service.quorum.map(|quorum| quorum.value),
        hysteresis: service.hysteresis.map(|sum| sum.value),
        sorry_server,
    })
}

fn sorry_server(view: &ServiceView<'_>, family: Family) -> Option<IpAddr> {
    if let Some(host) = view.sorry_server {
        return view.server_address(host, family);
    }
    match &view.service.sorry_server.as_ref()?.value {
        SorryServer::Address(address) => Some(address.0).filter(|one| Family::of(*one) == family),
        SorryServer::Host(_) => None,
    }
}

/// The check of a real server on one VIP.
pub(super) fn of_real_server(
    view: &ServiceView<'_>,
    entry: Option<&ServiceServer>,
    check: &HealthCheck,
    vip: Vip,
) -> Check {
    let address = check.address.map(|address| address.value.0);
    let address = address.filter(|address| Family::of(*address) == vip.family());
    Check {
        question: question(check),
        address: if check.goes_through_vip() { Some(vip.0) } else { address },
        port: port(view, entry, check, vip),
        times: Times {
            interval: check.interval,
            timeout: check.timeout,
            retries: check.retries,
            retry_delay: check.retry_delay,
        },
    }
}

/// The way of a check through the table of a director; `None` for a check that goes to the real server directly. `source`: the address of the director that the real server reaches. `position`: the position of the real server in the
/// model.
pub(super) fn path(
    check: &HealthCheck,
    source: Option<IpAddr>,
    position: usize,
) -> Option<CheckPath> {
    let source = source.filter(|_| check.goes_through_vip())?;
    let offset = u32::try_from(position).expect("a cluster has fewer than 2^32 real servers");
    Some(CheckPath { mark: FIRST_CHECK_MARK + offset, source })
}

/// The port of a check: its own port, the port of the real server, or the first port of the mark.
fn port(
    view: &ServiceView<'_>,
    entry: Option<&ServiceServer>,
    check: &HealthCheck,
    vip: Vip,
) -> Option<u16> {
    let service = view.service;
    if !check.kind.asks_port() {
        return None;
    }
    let own = check.port.map(|port| port.value);
    let of_service = match service.endpoint(vip) {
        Endpoint::Socket { port, .. } => Some(port).filter(|port| *port != 0),
        Endpoint::Mark { .. } => service.ports().first().map(|port| port.value.first),
    };
    own.or(view.mapped_port(entry)).or(of_service)
}

fn question(check: &HealthCheck) -> Question {
    let StatusRange { first, last } = check.good_status();
    let page = |secure: bool, path: &str| Question::Page {
        secure,
        path: path.to_owned(),
        host: check.host.as_ref().map(|host| host.value.to_string()),
        first_status: first,
        last_status: last,
    };
    match &check.kind {
        HealthKind::Tcp => Question::Tcp,
        HealthKind::Udp => Question::Udp,
        HealthKind::Http(path) => page(false, path.as_str()),
        HealthKind::Https(path) => page(true, path.as_str()),
        HealthKind::Dns(name) => Question::Name { name: name.to_string() },
        HealthKind::Smtp => Question::Mail,
        HealthKind::Ping => Question::Echo,
        HealthKind::Command(path) => Question::Command { path: path.to_string() },
    }
}
