//! The health checks of keepalived.conf(5).

use std::net::IpAddr;

use super::blocks::Block;
use super::put;
use crate::facts::Span;
use crate::health::{Check, CheckPath, Question, Times};

/// Times that a file sets; the others have the defaults of keepalived.
#[derive(Clone, Copy, Default)]
pub(super) struct WrittenTimes {
    interval: Option<u32>,
    timeout: Option<u32>,
    retries: Option<u32>,
    retry_delay: Option<u32>,
}

impl WrittenTimes {
    /// Takes a statement. `false`: it is no time, or its value is no whole number of seconds.
    pub(super) fn take(&mut self, statement: &Block) -> bool {
        if !statement.is_line() {
            return false;
        }
        let place = match statement.keyword() {
            "delay_loop" => &mut self.interval,
            "connect_timeout" | "misc_timeout" => &mut self.timeout,
            "retry" | "nb_get_retry" => &mut self.retries,
            "delay_before_retry" => &mut self.retry_delay,
            _ => return false,
        };
        let value = statement.arguments().first().and_then(|text| text.parse().ok());
        *place = value.or(*place);
        value.is_some()
    }

    fn or(self, other: Self) -> Self {
        Self {
            interval: self.interval.or(other.interval),
            timeout: self.timeout.or(other.timeout),
            retries: self.retries.or(other.retries),
            retry_delay: self.retry_delay.or(other.retry_delay),
        }
    }

    /// The times of a check. The defaults are those of `check/check_data.c` and of the checks themselves.
    fn times(self, keyword: &str) -> Times {
        let interval = self.interval.unwrap_or(60);
        let (retries, delay) = match keyword {
            "HTTP_GET" | "SSL_GET" => (1, 3),
            "DNS_CHECK" => (3, interval),
            "MISC_CHECK" => (0, 1),
            _ => (1, 1),
        };
        Times {
            interval,
            timeout: self.timeout.unwrap_or(if keyword == "MISC_CHECK" { interval } else { 5 }),
            retries: self.retries.unwrap_or(retries),
            retry_delay: self.retry_delay.unwrap_or(delay),
        }
    }
}

/// A check, the way of the check through the table, and the bytes of both.
pub(super) type CheckRead = (Check, Option<CheckPath>, Vec<Span>);

/// Reads a check with a question that lvsgen knows. The port is that of the real server, if the check names none. `None`:
/// the block has a statement that lvsgen does not read.
pub(super) fn check(
    block: &Block,
    of_service: WrittenTimes,
    port: Option<u16>,
) -> Option<CheckRead> {
    let mut found = Found::default();
    let mut times = WrittenTimes::default();
    let mut spans = block.spans();
    for statement in &block.inside {
        if !times.take(statement) && !found.take(statement) {
            return None;
        }
        spans.extend(statement.spans());
        spans.extend(statement.inside.iter().flat_map(Block::spans));
    }
    let keyword = block.keyword();
    let question = found.question(keyword)?;
    let port = found.port.or(port).filter(|_| question != Question::Echo);
    let times = times.or(of_service).times(keyword);
    // keepalived also takes one of both without the other. lvsgen has no such check.
    let path = match (found.mark, found.source) {
        (Some(mark), Some(source)) => Some(CheckPath { mark, source }),
        (None, None) => None,
        _ => return None,
    };
    Some((Check { question, address: found.address, port, times }, path, spans))
}

/// The settings of a check that were read.
#[derive(Default)]
struct Found {
    address: Option<IpAddr>,
    port: Option<u16>,
    mark: Option<u32>,
    source: Option<IpAddr>,
    path: Option<String>,
    host: Option<String>,
    status: Option<(u16, u16)>,
    name: Option<String>,
    /// Whether a check of DNS asks for an address. keepalived asks for SOA if the file names no type.
    asks_address: bool,
    command: Option<String>,
}

impl Found {
    fn take(&mut self, statement: &Block) -> bool {
        let arguments = statement.arguments();
        let value = arguments.first().copied().unwrap_or_default();
        match statement.keyword() {
            // lvsgen has one page for each check.
            "url" if self.path.is_some() => false,
            "url" => statement.inside.iter().all(|one| self.take_url(one)),
            _ if !statement.is_line() => false,
            "connect_ip" => put(&mut self.address, value.parse().ok()),
            "connect_port" => put(&mut self.port, value.parse().ok()),
            "fwmark" => put(&mut self.mark, value.parse().ok()),
            "bindto" => put(&mut self.source, value.parse().ok()),
            // `enable_sni` follows from the host.
            "enable_sni" => true,
            "type" => {
                self.asks_address = value == "A";
                self.asks_address
            }
            "name" => put(&mut self.name, Some(value.to_owned())),
            "misc_path" => self.command(value),
            _ => false,
        }
    }

    fn take_url(&mut self, statement: &Block) -> bool {
        let arguments = statement.arguments();
        let [value] = arguments.as_slice() else { return false };
        match statement.keyword() {
            _ if !statement.is_line() => false,
            "path" => put(&mut self.path, Some((*value).to_owned())),
            "virtualhost" => put(&mut self.host, Some((*value).to_owned())),
            "status_code" => {
                let (first, last) = value.split_once('-').unwrap_or((value, value));
                put(&mut self.status, first.parse().ok().zip(last.parse().ok()))
            }
            _ => false,
        }
    }

    /// Reads `PATH ADDRESS PORT`, the form that lvsgen writes.
    fn command(&mut self, value: &str) -> bool {
        let tokens: Vec<&str> = value.split(' ').collect();
        let [path, address, rest @ ..] = tokens.as_slice() else { return false };
        let port = match rest {
            [] => None,
            [port] => match port.parse() {
                Ok(port) => Some(port),
                Err(_) => return false,
            },
            _ => return false,
        };
        self.port = port;
        self.address = address.parse().ok();
        put(&mut self.command, self.address.map(|_| (*path).to_owned()))
    }

    fn question(&mut self, keyword: &str) -> Option<Question> {
        // `HTTP_DEFAULT_STATUS_CODE_MIN` and `_MAX` of `check_http.c`.
        let (first_status, last_status) = self.status.unwrap_or((200, 299));
        Some(match keyword {
            "TCP_CHECK" => Question::Tcp,
            "UDP_CHECK" => Question::Udp,
            "SMTP_CHECK" => Question::Mail,
            "PING_CHECK" => Question::Echo,
            "DNS_CHECK" if self.asks_address => Question::Name { name: self.name.take()? },
            "MISC_CHECK" => Question::Command { path: self.command.take()? },
            "HTTP_GET" | "SSL_GET" => Question::Page {
                secure: keyword == "SSL_GET",
                path: self.path.take()?,
                host: self.host.take(),
                first_status,
                last_status,
            },
            _ => return None,
        })
    }
}
