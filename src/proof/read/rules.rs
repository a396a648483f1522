//! The IPVS table as ipvsadm-restore(8) reads it, of ipvsadm 1.31.

use std::net::SocketAddr;

use super::{Fact, Fault, Read, Selector};
use crate::model::{Family, Protocol, Scheduler};

/// Every entry and its real servers. A comment stands at column 0, and nowhere else.
pub(super) fn table(text: &str) -> Read {
    let numbered = text.lines().enumerate().map(|(at, line)| (at + 1, line));
    let said = numbered.filter(|(_, line)| !line.is_empty() && !line.starts_with('#'));
    let facts = said.map(|(at, line)| Ok(rule(line, at)?.map(|fact| (at, fact))));
    facts.filter_map(Result::transpose).collect()
}

fn rule(text: &str, line: usize) -> Result<Option<Fact>, Fault> {
    let fault = |why: &str| (line, format!("ipvsadm-restore refuses this: {why}"));
    let mut words = text.split(' ').peekable();
    let command = words.next().unwrap_or_default();
    if command == "--set" {
        let times = words.map(|word| word.parse::<u32>().ok()).collect::<Option<Vec<_>>>();
        return match times {
            Some(times) if times.len() == 3 => Ok(None),
            _ => Err(fault("three times in seconds belong here")),
        };
    }
    let flag = words.next().unwrap_or_default();
    let named = words.next().unwrap_or_default();
    let six = words.next_if_eq(&"-6").is_some();
    let socket =
        |text: &str| text.parse::<SocketAddr>().map_err(|_| fault("an address and a port"));
    let selector = match flag {
        "-t" => Selector::Socket(Protocol::Tcp, socket(named)?),
        "-u" => Selector::Socket(Protocol::Udp, socket(named)?),
        "--sctp-service" => Selector::Socket(Protocol::Sctp, socket(named)?),
        "-f" => {
            let family = if six { Family::Ipv6 } else { Family::Ipv4 };
            Selector::Mark(named.parse().map_err(|_| fault("a mark"))?, family)
        }
        _ => return Err(fault("a service is `-t`, `-u`, `--sctp-service` or `-f`")),
    };
    let (mut scheduler, mut destination, mut weight, mut direct) = (Scheduler::Wlc, None, 1, true);
    while let Some(word) = words.next() {
        let mut value = || words.next().ok_or_else(|| fault("a value is missing"));
        match (command, word) {
            ("-A", "-s") => scheduler = Scheduler::new(value()?).map_err(|why| fault(&why))?,
            ("-A", "-p" | "-M" | "-b") | ("-a", "-x" | "-y") => drop(value()?),
            ("-A", "-o") => {}
            ("-a", "-r") => destination = Some(socket(value()?)?),
            ("-a", "-w") => weight = value()?.parse().map_err(|_| fault("a weight"))?,
            ("-a", "-g") => direct = true,
            ("-a", "-m" | "-i") => direct = false,
            _ => return Err(fault(&format!("`{word}` has no place here"))),
        }
    }
    match (command, destination) {
        ("-A", None) => Ok(Some(Fact::Service { selector, scheduler })),
        ("-a", Some(destination)) => {
            Ok(Some(Fact::Destination { selector, destination, direct, weight }))
        }
        _ => Err(fault("a rule is `-A` or `-a`, and `-a` has a real server")),
    }
}
