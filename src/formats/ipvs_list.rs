//! The list of the IPVS table: the output of `ipvsadm -Ln`, and /proc/net/ip_vs.
//!
//! The columns come from `print_service_entry` of ipvsadm 1.31 and from `ip_vs_info_seq_show` of `net/netfilter/ipvs/ip_vs_ctl.c`. The
//! kernel writes addresses, ports and masks of IPv4 in hexadecimal digits.

use std::net::{IpAddr, Ipv4Addr, SocketAddr};

use super::ipvsadm::scheduler_flag;
use super::lines::{Line, lines};
use crate::facts::{Fact, Reading, RestKind};
use crate::ipvs::{
    Affinity, Destination, Endpoint, Family, Forwarding, Protocol, Scheduler, Service,
};

/// The begin of the list.
pub const HEAD: &str = "IP Virtual Server version ";

/// Reads the list.
pub fn read(text: &str) -> Reading {
    let mut reading = Reading::default();
    let mut endpoint = None;
    let by_kernel = text.contains("RemoteAddress:Port Forward");
    let mut all = lines(text).peekable();
    while let Some(line) = all.next() {
        // The kernel names the family of a mark only by its real servers.
        let six = all.peek().is_some_and(|next| next.text.starts_with("-> ["));
        let tokens: Vec<&str> = line.tokens().map(|token| token.text).collect();
        let (fact, reason) = match tokens.as_slice() {
            _ if line.text.starts_with(HEAD) => (None, None),
            ["Prot", ..] | ["->", "RemoteAddress:Port", ..] => (None, None),
            ["->", rest @ ..] => match endpoint {
                Some(endpoint) => {
                    (destination(endpoint, rest), Some("the row of a real server is not valid"))
                }
                None => (None, Some("the row stands before the first service")),
            },
            rest => {
                let found = service(rest, by_kernel, six);
                endpoint = found.as_ref().map(|one| one.endpoint);
                (found.map(Fact::Service), Some("the row of a service is not valid"))
            }
        };
        leave(&mut reading, &line, fact, reason);
    }
    reading
}

fn leave(reading: &mut Reading, line: &Line<'_>, fact: Option<Fact>, reason: Option<&str>) {
    match (fact, reason) {
        (Some(fact), _) => reading.fact(fact, line.span()),
        (None, Some(reason)) => reading.leave(RestKind::Refused, line.span(), reason),
        (None, None) => reading.leave(RestKind::Unused, line.span(), "the head of the list"),
    }
}

/// Reads `TCP 192.0.2.1:80 rr persistent 300 mask 255.255.255.0 ops`, or `FWM 7 IPv6 rr`.
fn service(tokens: &[&str], by_kernel: bool, of_six: bool) -> Option<Service> {
    let (protocol, rest) = tokens.split_first()?;
    let (named, mut rest) = rest.split_first()?;
    let endpoint = match *protocol {
        "FWM" => {
            let mark = match by_kernel {
                true => u32::from_str_radix(named, 16).ok()?,
                false => named.parse().ok()?,
            };
            let named_six = rest.first() == Some(&"IPv6");
            rest = if named_six { &rest[1..] } else { rest };
            let six = named_six || by_kernel && of_six;
            Endpoint::Mark { mark, family: if six { Family::Ipv6 } else { Family::Ipv4 } }
        }
        protocol => {
            let protocol = Protocol::new(&protocol.to_ascii_lowercase()).ok()?;
            let socket = socket(named)?;
            Endpoint::Socket { protocol, address: socket.ip(), port: socket.port() }
        }
    };
    let (scheduler, mut rest) = rest.split_first()?;
    let scheduler = Scheduler::new(scheduler).ok()?;
    let (mut persistence, mut one_packet, mut flags) = (None, false, Vec::new());
    while let Some((token, after)) = rest.split_first() {
        rest = after;
        match (*token, after) {
            ("ops", _) => one_packet = true,
            ("persistent", [timeout, after @ ..]) => {
                let timeout = timeout.parse().ok()?;
                let (mask, after) = match after {
                    ["mask", mask, after @ ..] => (Some(*mask), after),
                    [mask, after @ ..] if mask.len() == 8 => (Some(*mask), after),
                    after => (None, after),
                };
                rest = after;
                let whole = endpoint.family().host_prefix();
                let prefix = mask.map_or(Some(whole), |mask| prefix(mask, endpoint.family()))?;
                persistence = Some(Affinity { timeout, prefix });
            }
            (token, _) => {
                for flag in token.trim_matches(['(', ')']).split(',') {
                    flags.push(scheduler_flag(scheduler, flag).ok()?);
                }
            }
        }
    }
    flags.sort_unstable();
    flags.dedup();
    Some(Service { endpoint, scheduler, scheduler_flags: flags, persistence, one_packet })
}

/// Reads `192.0.2.2:80 Route 1 0 0`. `Local` is a real server that is the director itself.
fn destination(endpoint: Endpoint, tokens: &[&str]) -> Option<Fact> {
    let [named, forwarding, weight, ..] = tokens else { return None };
    let socket = socket(named)?;
    let forwarding = match *forwarding {
        "Route" | "Local" => Forwarding::Direct,
        "Tunnel" => Forwarding::Tunnel,
        "Masq" => Forwarding::Masquerade,
        _ => return None,
    };
    let weight = weight.parse().ok()?;
    let destination =
        Destination { weight, ..Destination::new(socket.ip(), socket.port(), forwarding) };
    Some(Fact::Destination { endpoint, destination })
}

/// Reads `192.0.2.1:80`, `[2001:db8::1]:80`, or `C0000201:0050` as the kernel writes it.
fn socket(text: &str) -> Option<SocketAddr> {
    if let Ok(socket) = text.parse() {
        return Some(socket);
    }
    let (address, port) = text.rsplit_once(':')?;
    let port = u16::from_str_radix(port, 16).ok().filter(|_| port.len() == 4)?;
    let address = match address.strip_prefix('[') {
        Some(six) => six.strip_suffix(']')?.parse::<IpAddr>().ok()?,
        None if address.len() == 8 => {
            Ipv4Addr::from_bits(u32::from_str_radix(address, 16).ok()?).into()
        }
        None => return None,
    };
    Some(SocketAddr::new(address, port))
}

/// The prefix length of a mask: `255.255.255.0`, `FFFFFF00`, or a number for IPv6, of which the kernel writes the bytes in reverse order.
fn prefix(text: &str, family: Family) -> Option<u8> {
    if family == Family::Ipv6 {
        let number = match text.len() {
            8 => u32::from_str_radix(text, 16).ok()?.swap_bytes(),
            _ => text.parse().ok()?,
        };
        return number.try_into().ok().filter(|prefix| *prefix <= 128);
    }
    let mask: Ipv4Addr = match text.parse() {
        Ok(mask) => mask,
        Err(_) if text.len() == 8 => Ipv4Addr::from_bits(u32::from_str_radix(text, 16).ok()?),
        Err(_) => return None,
    };
    ipnet::ip_mask_to_prefix(mask.into()).ok()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::formats::ipvsadm;

    #[test]
    fn both_lists_give_the_table() {
        let of_ipvsadm = "IP Virtual Server version 1.2.1 (size=4096)\n\
            Prot LocalAddress:Port Scheduler Flags\n  -> RemoteAddress:Port           Forward Weight ActiveConn InActConn\n\
            TCP  10.0.0.1:443 sh persistent 300 mask 255.255.255.0 (sh-port)\n  -> 10.0.0.2:443                 Route   3      0          1\n\
            UDP  [2001:db8::1]:53 rr ops\n  -> [2001:db8::2]:53             Masq    1      0          0\n\
            FWM  7 IPv6 wlc\n  -> [2001:db8::2]:0              Tunnel  0      0          0\n";
        let of_kernel = "IP Virtual Server version 1.2.1 (size=4096)\n\
            Prot LocalAddress:Port Scheduler Flags\n  -> RemoteAddress:Port Forward Weight ActiveConn InActConn\n\
            TCP  0A000001:01BB sh persistent 300 FFFFFF00\n  -> 0A000002:01BB      Route   3      0          1\n\
            FWM  00000012 wlc persistent 300 80000000\n  -> [2001:0db8:0000:0000:0000:0000:0000:0002]:0000      Local   0      0          0\n";
        let table = |text: &str| -> Vec<String> {
            let reading = read(text);
            assert_eq!(reading.gap(text), None);
            assert_eq!(reading.faults().count(), 0, "{text}");
            let rows = reading.facts.iter().map(|one| match &one.fact {
                Fact::Service(service) => ipvsadm::service(service),
                Fact::Destination { endpoint, destination } => {
                    ipvsadm::destination(*endpoint, destination)
                }
                fact => format!("{fact:?}"),
            });
            rows.collect()
        };
        assert_eq!(
            table(of_ipvsadm),
            [
                "-A -t 10.0.0.1:443 -s sh -p 300 -M 255.255.255.0 -b sh-port",
                "-a -t 10.0.0.1:443 -r 10.0.0.2:443 -g -w 3",
                "-A -u [2001:db8::1]:53 -s rr -o",
                "-a -u [2001:db8::1]:53 -r [2001:db8::2]:53 -m -w 1",
                "-A -f 7 -6 -s wlc",
                "-a -f 7 -6 -r [2001:db8::2]:0 -i -w 0",
            ]
        );
        assert_eq!(
            table(of_kernel),
            [
                "-A -t 10.0.0.1:443 -s sh -p 300 -M 255.255.255.0",
                "-a -t 10.0.0.1:443 -r 10.0.0.2:443 -g -w 3",
                "-A -f 18 -6 -s wlc -p 300",
                "-a -f 18 -6 -r [2001:db8::2]:0 -g -w 0",
            ]
        );
        let faults = read("  -> 10.0.0.2:80 Route 1 0 0\nTCP 10.0.0.1:80 best\nTCP x:80 rr\n");
        assert_eq!(faults.faults().count(), 3);
    }
}
