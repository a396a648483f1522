//! One command of a script, after the values of its variables are in the text.

use std::net::IpAddr;

use ipnet::IpNet;

use super::super::ip_command::{self, Effect};
use super::super::ipvsadm;
use crate::facts::{Fact, InterfaceRef, RestKind};

/// The effect of a command.
pub(super) enum Command {
    /// It sets something.
    Fact(Fact),
    /// It writes a text to a file, or appends the text.
    Write {
        /// The path of the file.
        path: String,
        /// The text.
        text: String,
        /// Whether the file keeps its lines.
        append: bool,
    },
    /// It gives no fact. The text is the reason.
    Rest(RestKind, String),
}

fn rest(kind: RestKind, reason: &str) -> Command {
    Command::Rest(kind, reason.to_owned())
}

/// Reads a command.
pub(super) fn read(text: &str) -> Command {
    let tokens: Vec<&str> = text.split_ascii_whitespace().collect();
    let tokens = without_sudo(&tokens);
    let Some((program, arguments)) = tokens.split_first() else {
        return rest(RestKind::Unused, "an empty command");
    };
    let program = program.rsplit('/').next().unwrap_or_default();
    match program {
        "sh" | "bash" | "dash" if arguments.first() == Some(&"-c") => {
            read(&arguments[1..].join(" "))
        }
        "echo" | "printf" => echo(arguments),
        _ if text.contains(['|', ';', '&']) => {
            rest(RestKind::Unread, "lvsgen reads plain commands, one on a line")
        }
        "ip" | "modprobe" | "sysctl" | "true" | ":" => match ip_command::read(&tokens.join(" ")) {
            Effect::Fact(fact) => Command::Fact(fact),
            Effect::Rest(kind, reason) => rest(kind, reason),
        },
        "exit" | "return" => rest(RestKind::Unused, "the end of the script"),
        "ipvsadm" => table(arguments),
        "ifconfig" => ifconfig(arguments),
        "route" => route(arguments),
        "mount" => mount(arguments),
        "exportfs" => rest(RestKind::Unused, "it reads the exports again"),
        "systemctl" => unit(arguments),
        "iptables" | "ip6tables" | "nft" | "firewall-cmd" => {
            rest(RestKind::Lost, "rules of a firewall of your own are not taken over")
        }
        "." | "source" => rest(RestKind::Unread, "another script, which lvsgen does not read"),
        _ => Command::Rest(
            RestKind::Unread,
            format!("`{program}` is a command that lvsgen does not know"),
        ),
    }
}

/// `echo VALUE > /proc/sys/KEY`; a text for the terminal changes nothing.
fn echo(arguments: &[&str]) -> Command {
    let texts = arguments.iter().skip_while(|one| matches!(**one, "-e" | "-n" | "-ne" | "-en"));
    let all = texts.copied().collect::<Vec<_>>().join(" ");
    let to_file = |path: &str, text: &str, append| Command::Write {
        path: path.to_owned(),
        text: format!("{}\n", text.trim()),
        append,
    };
    if let Some((text, to)) = all.split_once('|') {
        let tokens: Vec<&str> = to.split_ascii_whitespace().collect();
        if let Some((path, append)) = file_of(&tokens) {
            return to_file(path, text, append);
        }
    }
    let Some((value, file)) = all.split_once('>') else {
        return match all.contains(['|', '&']) {
            true => rest(RestKind::Unread, "lvsgen reads plain commands, one on a line"),
            false => rest(RestKind::Unused, "a text for the terminal"),
        };
    };
    match file.trim().strip_prefix("/proc/sys/") {
        Some(key) if !key.contains(char::is_whitespace) && !value.trim().is_empty() => {
            Command::Fact(Fact::Setting { key: key.to_owned(), value: value.trim().to_owned() })
        }
        _ => match file.strip_prefix('>').map_or((file, false), |file| (file, true)) {
            (file, append) if is_path(file.trim()) => to_file(file.trim(), value, append),
            _ => rest(RestKind::Unread, "lvsgen reads one file after `>`"),
        },
    }
}

/// The command without `sudo` and its options.
fn without_sudo<'t, 'a>(tokens: &'t [&'a str]) -> &'t [&'a str] {
    match tokens {
        ["sudo" | "/usr/bin/sudo", rest @ ..] => {
            let options = rest.iter().take_while(|one| matches!(**one, "-n" | "-E" | "-H" | "-i"));
            &rest[options.count()..]
        }
        all => all,
    }
}

fn is_path(text: &str) -> bool {
    text.starts_with('/') && !text.contains(char::is_whitespace)
}

/// The file that `cat > FILE` and `tee FILE` write with their input, and whether the file keeps its lines.
pub(super) fn file_of<'a>(tokens: &[&'a str]) -> Option<(&'a str, bool)> {
    let (path, append) = match without_sudo(tokens) {
        ["cat", ">", path] => (*path, false),
        ["cat", ">>", path] => (*path, true),
        ["cat", to] => match to.strip_prefix(">>") {
            Some(path) => (path, true),
            None => (to.strip_prefix('>')?, false),
        },
        ["tee", "-a", path] | ["tee", "-a", path, ">", "/dev/null"] => (*path, true),
        ["tee", path] | ["tee", path, ">", "/dev/null"] | ["tee", path, ">/dev/null"] => {
            (*path, false)
        }
        ["tee", "-a", path, ">/dev/null"] => (*path, true),
        _ => return None,
    };
    is_path(path).then_some((path, append))
}

/// mount(8) of NFS: `mount -t nfs 192.0.2.4:/srv /mnt`.
fn mount(arguments: &[&str]) -> Command {
    let (mut arguments, mut places) = (arguments.iter(), Vec::new());
    while let Some(one) = arguments.next() {
        match *one {
            "-t" | "-o" | "--types" | "--options" => drop(arguments.next()),
            "-a" | "--all" => return rest(RestKind::Unused, "it mounts the entries of fstab"),
            one if one.starts_with('-') => {}
            one => places.push(one),
        }
    }
    let [source, at] = places.as_slice() else {
        return rest(RestKind::Lost, "lvsgen reads only mounts of NFS");
    };
    let parts = source.rsplit_once(":/");
    let address = parts.and_then(|(host, _)| host.trim_matches(['[', ']']).parse().ok());
    match (address, parts) {
        (Some(address), Some((_, directory))) => Command::Fact(Fact::Mount {
            address,
            directory: format!("/{directory}"),
            at: (*at).to_owned(),
        }),
        (None, Some(_)) => rest(RestKind::Unread, "lvsgen does not resolve the name of the server"),
        _ => rest(RestKind::Lost, "lvsgen reads only mounts of NFS"),
    }
}

/// systemctl(1): lvsgen itself starts the units that the cluster needs.
fn unit(arguments: &[&str]) -> Command {
    const OWN: [&str; 11] = [
        "apache2",
        "httpd",
        "ipvsadm",
        "keepalived",
        "network",
        "networking",
        "nfs-server",
        "nginx",
        "rc-local",
        "rpcbind",
        "systemd-sysctl",
    ];
    let verbs = ["enable", "start", "restart", "reload", "reload-or-restart", "daemon-reload"];
    let mut words = arguments.iter().filter(|one| !one.starts_with('-'));
    let verb = words.next().copied().unwrap_or_default();
    let own = |unit: &&str| OWN.contains(&unit.trim_end_matches(".service"));
    match verb {
        "status" | "is-active" | "is-enabled" => rest(RestKind::Unused, "it shows a unit"),
        _ if verbs.contains(&verb) && words.all(own) => {
            rest(RestKind::Unused, "lvsgen starts the units of the cluster")
        }
        _ => rest(RestKind::Lost, "lvsgen starts and stops only the units of the cluster"),
    }
}

/// ipvsadm(8). Short options may be joined: `-At`.
fn table(arguments: &[&str]) -> Command {
    let Some((first, others)) = arguments.split_first() else {
        return rest(RestKind::Unused, "it prints the table");
    };
    match *first {
        "-C" | "--clear" => {
            return rest(RestKind::Unused, "it clears the table before the entries");
        }
        "-L" | "-l" | "--list" | "-Ln" | "-ln" | "-S" | "--save" | "-Z" | "--zero" => {
            return rest(RestKind::Unused, "it prints the table");
        }
        _ => {}
    }
    let letters: Vec<char> = first.strip_prefix('-').unwrap_or_default().chars().collect();
    let split = match letters.as_slice() {
        [command @ ('A' | 'a'), service @ ('t' | 'u' | 'f')] => format!("-{command} -{service}"),
        _ => (*first).to_owned(),
    };
    match ipvsadm::read_command(&format!("{split} {}", others.join(" "))) {
        Ok(fact) => Command::Fact(fact),
        Err(reason) => Command::Rest(RestKind::Unread, format!("ipvsadm: {reason}")),
    }
}

/// `ifconfig NIC ADDRESS netmask MASK up`.
fn ifconfig(arguments: &[&str]) -> Command {
    let [nic, address, options @ ..] = arguments else {
        return rest(RestKind::Unused, "it shows or starts a NIC");
    };
    let Ok(address) = address.parse::<IpAddr>() else {
        return match *address {
            "up" | "down" => rest(RestKind::Unused, "it starts or stops a NIC"),
            _ => rest(RestKind::Unread, "lvsgen does not read this command"),
        };
    };
    let mask = options.iter().position(|one| *one == "netmask").and_then(|at| options.get(at + 1));
    let prefix = mask.and_then(|mask| ipnet::ip_mask_to_prefix(mask.parse().ok()?).ok());
    let net = prefix.and_then(|prefix| IpNet::new(address, prefix).ok());
    let nic = nic.split(':').next().unwrap_or(nic);
    match net {
        Some(net) => Command::Fact(Fact::Address { interface: InterfaceRef::name(nic), net }),
        None => rest(RestKind::Unread, "the network of the address depends on its class"),
    }
}

/// route(8) of net-tools.
fn route(arguments: &[&str]) -> Command {
    match arguments {
        ["add", "default", "gw", gateway, ..] => match gateway.parse() {
            Ok(gateway) => Command::Fact(Fact::DefaultRoute { gateway }),
            Err(_) => rest(RestKind::Refused, "the gateway is not valid"),
        },
        ["add", "-host", _, "dev", ..] => {
            rest(RestKind::NoEffect, "a route to an address of the host itself changes nothing")
        }
        ["add", "-host", ..] => {
            rest(RestKind::NoEffect, "the command is not valid: `dev` is missing before the NIC")
        }
        ["del", ..] => rest(RestKind::Unused, "it removes a route"),
        _ => rest(RestKind::Lost, "lvsgen does not read this route"),
    }
}
