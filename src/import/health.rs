//! A health check as the model writes it.

use std::net::IpAddr;

use crate::health::{Check, Question, Times};

/// A check.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct DraftHealth {
    /// The question, with its key and its value in the model.
    pub(super) question: Question,
    pub(super) times: Times,
    /// The port, if it is another one than that of the real server.
    pub(super) port: Option<u16>,
    /// The address, if it is another one than that of the real server.
    pub(super) address: Option<IpAddr>,
    /// Whether the check goes through the table.
    pub(super) through: bool,
}

impl DraftHealth {
    /// The check of a real server at an address and a port.
    pub(super) fn new(check: &Check, server: IpAddr, port: u16, through: bool) -> Self {
        Self {
            question: check.question.clone(),
            times: check.times,
            port: check.port.filter(|one| *one != port),
            address: check.address.filter(|one| *one != server && !through),
            through,
        }
    }

    /// The keys and values of the model, without the times that are the defaults of the model.
    pub(super) fn keys(&self) -> Vec<(&'static str, Text)> {
        let yes = || Text::Plain("true".to_owned());
        let mut keys = match &self.question {
            Question::Tcp => vec![("tcp", yes())],
            Question::Udp => vec![("udp", yes())],
            Question::Mail => vec![("smtp", yes())],
            Question::Echo => vec![("ping", yes())],
            Question::Name { name } => vec![("dns", Text::Quoted(name.clone()))],
            Question::Command { path } => vec![("command", Text::Quoted(path.clone()))],
            Question::Page { secure, path, host, first_status, last_status } => {
                let key = if *secure { "https" } else { "http" };
                let host = host.iter().map(|host| ("host", Text::Quoted(host.clone())));
                let status = match (first_status, last_status) {
                    (200, 200) => None,
                    (first, last) if first == last => Some(first.to_string()),
                    (first, last) => Some(format!("{first}-{last}")),
                };
                let status = status.map(|status| ("status", Text::Plain(status)));
                let path = std::iter::once((key, Text::Quoted(path.clone())));
                path.chain(host).chain(status).collect()
            }
        };
        let Times { interval, timeout, retries, retry_delay } = self.times;
        let usual = if self.question == Question::Udp { 4 } else { 3 };
        let times = [
            ("interval", interval, 5),
            ("timeout", timeout, usual),
            ("retries", retries, 2),
            ("retry_delay", retry_delay, 1),
        ];
        let times = times.into_iter().filter(|(_, value, usual)| value != usual);
        keys.extend(times.map(|(key, value, _)| (key, Text::Plain(value.to_string()))));
        keys.extend(self.port.map(|port| ("port", Text::Plain(port.to_string()))));
        keys.extend(self.through.then(|| ("through", Text::Plain("vip".to_owned()))));
        keys.extend(self.address.map(|one| ("address", Text::Quoted(one.to_string()))));
        keys
    }
}

/// A value of the model.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Text {
    /// A number or a keyword, which needs no quotes.
    Plain(String),
    /// A text, which may need quotes.
    Quoted(String),
}
