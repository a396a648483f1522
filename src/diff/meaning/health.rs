//! The health checks of a service, as text for people.

use crate::health::{Check, Question};
use crate::model::{OnFailure, Start};
use crate::plan::needs::ServiceHealth;

/// The health of a service.
pub(super) fn service(health: &ServiceHealth) -> String {
    let mut parts = Vec::new();
    parts.extend(health.check.as_ref().map(check));
    parts.extend((health.start == Start::Up).then(|| "starts up".to_owned()));
    let quiesces = health.on_failure == OnFailure::Quiesce;
    parts.extend(quiesces.then(|| "a failed check sets the weight 0".to_owned()));
    parts.extend(health.quorum.map(|quorum| format!("quorum {quorum}")));
    parts.extend(health.hysteresis.map(|sum| format!("hysteresis {sum}")));
    parts.extend(health.sorry_server.map(|address| format!("sorry server {address}")));
    parts.join(", ")
}

/// A check.
pub(super) fn check(check: &Check) -> String {
    let question = match &check.question {
        Question::Tcp => "TCP connection".to_owned(),
        Question::Udp => "UDP datagram".to_owned(),
        Question::Page { secure, path, host, first_status, last_status } => {
            let scheme = if *secure { "HTTPS" } else { "HTTP" };
            let host = host.as_ref().map(|host| format!(" of {host}")).unwrap_or_default();
            let last = (last_status != first_status).then(|| format!("-{last_status}"));
            format!("{scheme} {path}{host} = {first_status}{}", last.unwrap_or_default())
        }
        Question::Name { name } => format!("DNS {name}"),
        Question::Mail => "SMTP greeting".to_owned(),
        Question::Echo => "ping".to_owned(),
        Question::Command { path } => path.clone(),
    };
    let address = check.address.map(|address| format!(" at {address}")).unwrap_or_default();
    let port = check.port.map(|port| format!(" on port {port}")).unwrap_or_default();
    let times = check.times;
    format!(
        "{question}{address}{port} every {} s, {} s for an answer, {} retries after {} s: out after {} s",
        times.interval,
        times.timeout,
        times.retries,
        times.retry_delay,
        times.until_removed()
    )
}
