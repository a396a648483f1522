//! A script in NetworkManager's folder `dispatcher.d` (NetworkManager-dispatcher(8)): lines that end the script for other events,
//! or another state of the NIC, and then the plain commands of each NIC.

use super::ip_command::{self, Effect};
use super::lines::{Line, lines};
use crate::facts::{Fact, InterfaceRef, Reading, RestKind};

/// The events after which the addresses of other programs are gone: an activation, and a change of the device's settings.
const EVENTS: [&str; 2] = ["up", "reapply"];

/// Reads a script. An address counts only if the script reaches its command for the NIC of the address.
pub fn read(text: &str) -> Reading {
    let mut reading = Reading::default();
    let mut nic = Nic::Any;
    for (at, line) in lines(text).enumerate() {
        if at == 0 && line.text.starts_with("#!") {
            reading.leave(RestKind::Unused, line.span(), "the interpreter");
        } else if at == 0 {
            let reason =
                "a script must begin with `#!`, or else the kernel does not run the script";
            reading.leave(RestKind::Refused, line.span(), reason);
        } else if line.text.starts_with('#') {
            reading.comments.push(line.span());
        } else if let Some(next) = nic.after(line.text) {
            nic = next;
            reading.leave(RestKind::Unused, line.span(), "the NIC of the commands");
        } else if let Some(events) = events(line.text) {
            let missing = EVENTS.iter().any(|event| !events.contains(event));
            let (kind, reason) = if missing {
                (RestKind::Refused, "the script must also run after `up` and `reapply`")
            } else {
                (RestKind::Unused, "the events of the script")
            };
            reading.leave(kind, line.span(), reason);
        } else if line.text.starts_with("case \"$(nmcli -g GENERAL.STATE ") {
            reading.leave(RestKind::Unused, line.span(), "the state of the NIC");
        } else {
            command(&line, &nic, &mut reading);
        }
    }
    reading
}

/// The NIC whose event reaches a line.
enum Nic<'t> {
    /// Every NIC.
    Any,
    /// One NIC.
    One(&'t str),
    /// No NIC: the line is between the commands of two NICs.
    None,
}

impl<'t> Nic<'t> {
    /// The NIC of the lines after a line of `case "$1" in`; `None` for any other line.
    fn after(&self, line: &'t str) -> Option<Self> {
        match (self, line) {
            (Self::Any, "case \"$1\" in") | (Self::One(_), ";;") => Some(Self::None),
            (Self::None, "esac") => Some(Self::Any),
            (Self::None, _) => line.strip_suffix(')').map(Self::One),
            _ => None,
        }
    }
}

fn command(line: &Line<'_>, nic: &Nic<'_>, reading: &mut Reading) {
    match ip_command::read(line.text) {
        Effect::Fact(Fact::Address { interface: InterfaceRef::Name(name), .. }) if !matches!(nic, Nic::One(nic) if *nic == name) =>
        {
            let reason = "no event of this NIC reaches this command";
            reading.leave(RestKind::Refused, line.span(), reason);
        }
        Effect::Fact(fact) => reading.fact(fact, line.span()),
        Effect::Rest(kind, reason) => reading.leave(kind, line.span(), reason),
    }
}

/// The events in `case "$2" in EVENT | EVENT) ;; *) exit 0 ;; esac`.
fn events(line: &str) -> Option<Vec<&str>> {
    let events = line.strip_prefix("case \"$2\" in ")?.strip_suffix(") ;; *) exit 0 ;; esac")?;
    Some(events.split('|').map(str::trim).collect())
}

#[cfg(test)]
mod tests {
    use super::read;

    #[test]
    fn the_script_must_reach_its_addresses() {
        let script = |nic: &str, events: &str| {
            let text = format!(
                "#!/bin/sh\ncase \"$2\" in {events}) ;; *) exit 0 ;; esac\ncase \"$1\" in\nens32)\n;;\n{nic})\nip address replace 192.0.2.1/32 dev ens33\n;;\nesac\n"
            );
            let reading = read(&text);
            assert_eq!(reading.gap(&text), None);
            (reading.facts.len(), reading.faults().count())
        };
        assert_eq!(script("ens33", "up | reapply | dhcp4-change"), (1, 0));
        assert_eq!(script("ens33", "up"), (1, 1));
        assert_eq!(script("ens34", "up|reapply"), (0, 1));
    }
}
