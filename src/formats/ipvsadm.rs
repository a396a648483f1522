//! The input of ipvsadm-restore(8): the IPVS table, read and written without loss.
//!
//! The grammar comes from ipvsadm 1.31, and was tested with kernels 6.1 to 6.18: one command per line, IPv6
//! addresses in brackets, `-6` directly after a firewall mark, `-M` only together with `-p`. The writer puts
//! the options in the order of `ipvsadm-save -n`, and omits `-M` if the mask covers the whole address.

use std::fmt::Write as _;
use std::net::{IpAddr, Ipv4Addr, SocketAddr};

use super::lines::{Line, lines};
use crate::facts::{Fact, Reading, RestKind};
use crate::ipvs::{
    Affinity, Destination, Endpoint, Family, Forwarding, Protocol, Scheduler, SchedulerFlag,
    Service, Timeouts,
};

/// The timeout of ipvsadm 1.31 for a `-p` without a number, in seconds. ipvsadm(8) documents 300.
const DEFAULT_PERSISTENCE: u32 = 360;

/// The options that name a service: `-t 192.0.2.1:80`.
pub fn endpoint(endpoint: Endpoint) -> String {
    match endpoint {
        Endpoint::Socket { protocol, address, port } => {
            let flag = match protocol {
                Protocol::Tcp => "-t",
                Protocol::Udp => "-u",
                Protocol::Sctp => "--sctp-service",
            };
            format!("{flag} {}", SocketAddr::new(address, port))
        }
        Endpoint::Mark { mark, family: Family::Ipv4 } => format!("-f {mark}"),
        Endpoint::Mark { mark, family: Family::Ipv6 } => format!("-f {mark} -6"),
    }
}

/// The option of a forwarding method.
pub fn forwarding(forwarding: Forwarding) -> &'static str {
    match forwarding {
        Forwarding::Direct => "-g",
        Forwarding::Tunnel => "-i",
        Forwarding::Masquerade => "-m",
    }
}

/// The options of a destination after its forwarding method: weight and thresholds.
pub fn share(destination: &Destination) -> String {
    let mut options = format!("-w {}", destination.weight);
    let thresholds = [("-x", destination.upper_threshold), ("-y", destination.lower_threshold)];
    for (flag, value) in thresholds {
        if let Some(value) = value {
            write!(options, " {flag} {value}").expect("a write to a String cannot fail");
        }
    }
    options
}

/// The command that adds a service, without a line break.
pub fn service(service: &Service) -> String {
    let mut line = format!("-A {} -s {}", endpoint(service.endpoint), service.scheduler);
    if let Some(Affinity { timeout, .. }) = service.persistence {
        line += &format!(" -p {timeout}");
    }
    if let Some(mask) = client_mask(service) {
        line += &format!(" -M {mask}");
    }
    if service.one_packet {
        line += " -o";
    }
    if !service.scheduler_flags.is_empty() {
        let flags: Vec<&str> = service.scheduler_flags.iter().map(|flag| flag.as_str()).collect();
        line += &format!(" -b {}", flags.join(","));
    }
    line
}

/// The command that adds a destination, without a line break.
pub fn destination(service: Endpoint, destination: &Destination) -> String {
    let (endpoint, socket) = (endpoint(service), destination.socket());
    let method = forwarding(destination.forwarding);
    format!("-a {endpoint} -r {socket} {method} {}", share(destination))
}

/// The command that sets the timeouts, without a line break.
pub fn timeouts(timeouts: Timeouts) -> String {
    let Timeouts { tcp, tcp_fin, udp } = timeouts;
    format!("--set {tcp} {tcp_fin} {udp}")
}

/// The addresses that count as one client, as ipvsadm and keepalived write them: a netmask, or a prefix length of IPv6. None if each
/// address is a client of its own.
pub(super) fn client_mask(service: &Service) -> Option<String> {
    let prefix = service.client_prefix()?;
    Some(match service.endpoint.family() {
        Family::Ipv4 => netmask(prefix).to_string(),
        Family::Ipv6 => prefix.to_string(),
    })
}

/// The netmask of a prefix length.
fn netmask(prefix: u8) -> Ipv4Addr {
    // Prefix 0 needs a shift by 32 bits. `checked_shl` gives `None` for such a shift: then the mask is 0.
    Ipv4Addr::from_bits(u32::MAX.checked_shl(32 - u32::from(prefix)).unwrap_or(0))
}

/// Reads the table. A comment has `#` as the first character of the line, without a blank before the `#`.
pub fn read(text: &str) -> Reading {
    let mut reading = Reading::default();
    for line in lines(text) {
        if line.text.starts_with('#') && !line.indented {
            reading.comments.push(line.span());
            continue;
        }
        match command(&line) {
            Ok(fact) => reading.fact(fact, line.span()),
            Err(reason) => {
                let reason = format!("ipvsadm-restore refuses the line: {reason}");
                reading.leave(RestKind::Refused, line.span(), reason);
            }
        }
    }
    reading
}

/// Reads one command, without the name of the program.
///
/// # Errors
/// The reason why ipvsadm refuses the command, or why lvsgen does not read it.
pub fn read_command(text: &str) -> Result<Fact, String> {
    command(&Line { text, start: 0, indented: false })
}

/// The unread tokens of a command.
struct Tokens<'a>(std::iter::Peekable<std::vec::IntoIter<&'a str>>);

impl<'a> Tokens<'a> {
    fn value<T: std::str::FromStr>(&mut self, what: &'static str) -> Result<T, String> {
        let text = self.0.next().ok_or_else(|| format!("{what} is missing"))?;
        text.parse().map_err(|_| format!("`{text}` is not {what}"))
    }
}

fn command(line: &Line<'_>) -> Result<Fact, String> {
    let tokens: Vec<&str> = line.tokens().map(|token| token.text).collect();
    let mut tokens = Tokens(tokens.into_iter().peekable());
    match tokens.0.next() {
        Some("--set") => {
            let mut time = || tokens.value("a time in seconds");
            let timeouts = Timeouts { tcp: time()?, tcp_fin: time()?, udp: time()? };
            nothing_left(tokens).map(|()| Fact::Timeouts(timeouts))
        }
        Some("-A" | "--add-service") => add_service(tokens).map(Fact::Service),
        Some("-a" | "--add-server") => {
            let endpoint = read_endpoint(&mut tokens)?;
            let destination = add_destination(tokens, endpoint)?;
            Ok(Fact::Destination { endpoint, destination })
        }
        _ => Err("the line does not begin with `-A`, `-a` or `--set`".into()),
    }
}

fn nothing_left(mut tokens: Tokens<'_>) -> Result<(), String> {
    match tokens.0.next() {
        None => Ok(()),
        Some(token) => Err(format!("`{token}` is not allowed here")),
    }
}

fn read_endpoint(tokens: &mut Tokens<'_>) -> Result<Endpoint, String> {
    let protocol = match tokens.0.next() {
        Some("-t" | "--tcp-service") => Protocol::Tcp,
        Some("-u" | "--udp-service") => Protocol::Udp,
        Some("--sctp-service") => Protocol::Sctp,
        Some("-f" | "--fwmark-service") => {
            let mark = tokens.value("a firewall mark")?;
            let six = tokens.0.next_if(|token| matches!(*token, "-6" | "--ipv6")).is_some();
            let family = if six { Family::Ipv6 } else { Family::Ipv4 };
            return Ok(Endpoint::Mark { mark, family });
        }
        _ => return Err("a service needs `-t`, `-u`, `--sctp-service` or `-f`".into()),
    };
    let socket: SocketAddr = tokens.value("an address and a port")?;
    Ok(Endpoint::Socket { protocol, address: socket.ip(), port: socket.port() })
}

fn add_service(mut tokens: Tokens<'_>) -> Result<Service, String> {
    let endpoint = read_endpoint(&mut tokens)?;
    let (mut scheduler, mut timeout, mut prefix) = (Scheduler::Wlc, None, None);
    let (mut one_packet, mut scheduler_flags) = (false, Vec::new());
    while let Some(option) = tokens.0.next() {
        match option {
            "-s" | "--scheduler" => {
                let name: String = tokens.value("a scheduler")?;
                scheduler = Scheduler::new(&name)?;
            }
            "-p" | "--persistent" => {
                let number = tokens.0.next_if(|token| token.parse::<u32>().is_ok());
                timeout = Some(number.map_or(DEFAULT_PERSISTENCE, |number| {
                    number.parse().expect("the number was parsed before")
                }));
            }
            "-M" | "--netmask" => prefix = Some(read_netmask(&mut tokens, endpoint.family())?),
            "-o" | "--ops" => one_packet = true,
            "-b" | "--sched-flags" => {
                let flags: String = tokens.value("a list of flags")?;
                let flags = flags.split(',').map(|flag| scheduler_flag(scheduler, flag));
                scheduler_flags = flags.collect::<Result<Vec<_>, _>>()?;
            }
            _ => return Err(format!("`{option}` is not allowed here")),
        }
    }
    // The kernel keeps flags as bits: their order and their repetition have no meaning.
    scheduler_flags.sort_unstable();
    scheduler_flags.dedup();
    let persistence = match (timeout, prefix) {
        // ipvsadm accepts a netmask only together with `-p`.
        (None, Some(_)) => return Err("`-M` needs `-p`".into()),
        (None, None) => None,
        (Some(timeout), prefix) => {
            let prefix = prefix.unwrap_or(endpoint.family().host_prefix());
            Some(Affinity { timeout, prefix })
        }
    };
    Ok(Service { endpoint, scheduler, scheduler_flags, persistence, one_packet })
}

/// Reads a flag. The text is the name of the flag, or a number: `flag-1` (fallback) or `flag-2` (port).
pub(super) fn scheduler_flag(scheduler: Scheduler, name: &str) -> Result<SchedulerFlag, String> {
    let named = match (scheduler, name) {
        (Scheduler::Sh, "flag-1") => Some(SchedulerFlag::ShFallback),
        (Scheduler::Sh, "flag-2") => Some(SchedulerFlag::ShPort),
        (Scheduler::Mh, "flag-1") => Some(SchedulerFlag::MhFallback),
        (Scheduler::Mh, "flag-2") => Some(SchedulerFlag::MhPort),
        _ => None,
    };
    named.map_or_else(|| SchedulerFlag::new(name), Ok)
}

fn read_netmask(tokens: &mut Tokens<'_>, family: Family) -> Result<u8, String> {
    match family {
        Family::Ipv4 => {
            let mask: Ipv4Addr = tokens.value("a netmask")?;
            ipnet::ip_mask_to_prefix(IpAddr::from(mask)).map_err(|_| format!("`{mask}` has gaps"))
        }
        Family::Ipv6 => {
            let prefix = tokens.value("a prefix length")?;
            // ipvsadm.c, parse_netmask().
            let fits = (1..=128).contains(&prefix);
            fits.then_some(prefix).ok_or_else(|| format!("{prefix} is not between 1 and 128"))
        }
    }
}

fn add_destination(mut tokens: Tokens<'_>, endpoint: Endpoint) -> Result<Destination, String> {
    let (mut socket, mut weight, mut forwarding) = (None, 1, Forwarding::Direct);
    let (mut upper_threshold, mut lower_threshold) = (None, None);
    // 0 stands for no threshold.
    let threshold = |tokens: &mut Tokens<'_>| -> Result<Option<u32>, String> {
        Ok(Some(tokens.value("a number of connections")?).filter(|connections| *connections > 0))
    };
    while let Some(option) = tokens.0.next() {
        match option {
            "-r" | "--real-server" => socket = Some(read_socket(&mut tokens, endpoint)?),
            "-w" | "--weight" => weight = tokens.value("a weight")?,
            "-x" | "--u-threshold" => upper_threshold = threshold(&mut tokens)?,
            "-y" | "--l-threshold" => lower_threshold = threshold(&mut tokens)?,
            "-g" | "--gatewaying" => forwarding = Forwarding::Direct,
            "-i" | "--ipip" => forwarding = Forwarding::Tunnel,
            // The default, which `ipvsadm -S` prints since 1.31.
            "--tun-type" => match tokens.0.next() {
                Some("ipip") => {}
                other => {
                    let kind = other.unwrap_or_default();
                    return Err(format!("lvsgen does not read tunnels of the kind `{kind}`"));
                }
            },
            "-m" | "--masquerading" => forwarding = Forwarding::Masquerade,
            _ => return Err(format!("`{option}` is not allowed here")),
        }
    }
    let socket: SocketAddr = socket.ok_or("a real server (`-r`) is missing")?;
    let (address, port) = (socket.ip(), socket.port());
    Ok(Destination { address, port, forwarding, weight, upper_threshold, lower_threshold })
}

/// Reads an address and a port. If the text has no port, the result has the port of the service.
fn read_socket(tokens: &mut Tokens<'_>, endpoint: Endpoint) -> Result<SocketAddr, String> {
    let text: String = tokens.value("an address and a port")?;
    let bare = text.strip_prefix('[').and_then(|text| text.strip_suffix(']')).unwrap_or(&text);
    if let Ok(address) = bare.parse() {
        return Ok(SocketAddr::new(address, endpoint.destination_port()));
    }
    text.parse().map_err(|_| format!("`{text}` is not an address and a port"))
}
