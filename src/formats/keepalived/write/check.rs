//! Writes the health checks of keepalived.conf(5).

use super::Lines;
use crate::health::{Check, CheckPath, Question, Times};
use crate::ipvs::Destination;

/// The times that differ from those of the service.
pub(super) fn times(own: Times, of_service: Option<Times>, lines: &mut Lines) {
    let values = |times: Times| {
        [
            ("delay_loop", times.interval),
            ("connect_timeout", times.timeout),
            ("retry", times.retries),
            ("delay_before_retry", times.retry_delay),
        ]
    };
    let known = of_service.map(values);
    for (at, (keyword, value)) in values(own).into_iter().enumerate() {
        if known.is_none_or(|known| known[at].1 != value) {
            lines.line(format_args!("{keyword} {value}"));
        }
    }
}

/// The keyword of a check.
pub(super) fn keyword(question: &Question) -> &'static str {
    match question {
        Question::Tcp => "TCP_CHECK",
        Question::Udp => "UDP_CHECK",
        Question::Page { secure: false, .. } => "HTTP_GET",
        Question::Page { secure: true, .. } => "SSL_GET",
        Question::Name { .. } => "DNS_CHECK",
        Question::Mail => "SMTP_CHECK",
        Question::Echo => "PING_CHECK",
        Question::Command { .. } => "MISC_CHECK",
    }
}

/// Writes the way of a check through the table.
pub(super) fn path(path: Option<&CheckPath>, lines: &mut Lines) {
    if let Some(CheckPath { mark, source }) = path {
        lines.line(format_args!("bindto {source}"));
        lines.line(format_args!("fwmark {mark}"));
    }
}

/// Writes the statements of a check. Times that equal those of the service are left out.
pub(super) fn write(
    check: &Check,
    of_service: Option<Times>,
    entry: &Destination,
    lines: &mut Lines,
) {
    if let Question::Command { path } = &check.question {
        let address = check.address.unwrap_or(entry.address);
        let port = check.port.map(|port| format!(" {port}")).unwrap_or_default();
        lines.line(format_args!("misc_path \"{path} {address}{port}\""));
        lines.line(format_args!("misc_timeout {}", check.times.timeout));
        // `connect_timeout` belongs to the checks that connect.
        let timeout = of_service.map_or(check.times.timeout, |times| times.timeout);
        times(Times { timeout, ..check.times }, of_service, lines);
        return;
    }
    lines.value("connect_ip", check.address);
    lines.value("connect_port", check.port.filter(|port| *port != entry.port));
    times(check.times, of_service, lines);
    match &check.question {
        Question::Page { secure, path, host, first_status, last_status } => {
            if *secure && host.is_some() {
                lines.line("enable_sni");
            }
            lines.block("url", |lines| {
                lines.line(format_args!("path {path}"));
                let last = (last_status != first_status).then(|| format!("-{last_status}"));
                let last = last.unwrap_or_default();
                lines.line(format_args!("status_code {first_status}{last}"));
                lines.value("virtualhost", host.as_ref());
            });
        }
        Question::Name { name } => {
            lines.line("type A");
            lines.line(format_args!("name {name}"));
        }
        _ => {}
    }
}
