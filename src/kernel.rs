//! The kernel of one host: its parameters after every sysctl file is applied, and its decisions about packets.
//!
//! Takes the sysctl files of a host; gives a [`Kernel`]. The files of this folder take a [`host::Host`], and give verdicts. The [`Kernel`] finds the file whose value counts, and
//! combines the value of `all` with the value of the NIC into the effective value. The rules come from
//! sysctl.d(5), from sysctl(8) of procps, and from `include/linux/inetdevice.h`.

pub mod arp;
mod boot;
pub mod host;
pub mod ipvs;
pub mod names;
pub mod ndisc;
pub mod route;

pub use boot::{in_order, is_read};

use std::borrow::Cow;
use std::collections::BTreeMap;

use crate::ipvs::Family;
use crate::source::Span;

/// A file of sysctls.
#[derive(Clone, Debug)]
pub struct SysctlFile<'a> {
    /// Its absolute path.
    pub path: Cow<'a, str>,
    /// Whether a separate mechanism applies the file after all other files. Then the directory of the file has no
    /// effect on the order.
    pub applied_last: bool,
    /// Its settings, in the order of the file.
    pub settings: Vec<Setting<'a>>,
}

/// One line of a file of sysctls.
#[derive(Clone, Debug)]
pub struct Setting<'a> {
    /// The sysctl as it is written, in dotted or slashed form.
    pub key: Cow<'a, str>,
    /// Its value. `None` for a line `-KEY`, which means that wildcards do not set this sysctl.
    pub value: Option<Cow<'a, str>>,
    /// The place in the model, if the model contains the setting.
    pub span: Option<Span>,
    /// Whether the setting belongs to the tuning of the host, and not to a file of its image.
    pub tunes: bool,
}

/// The moment at which the values are computed.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Moment {
    /// After a boot: systemd-sysctl has read the files, then the NICs got their addresses.
    Boot,
    /// After the files were applied on a running host. Its NICs already have addresses, so the
    /// value of `default` no longer affects them.
    Running,
    /// After `sysctl --system` on a running host. procps reads `/etc/sysctl.conf` after all other files.
    Reread,
}

impl Moment {
    /// All moments.
    pub const ALL: [Self; 3] = [Self::Boot, Self::Running, Self::Reread];

    /// The moment as a phrase for a message.
    pub fn when(self) -> &'static str {
        match self {
            Self::Boot => "after a boot",
            Self::Running => "while the host runs",
            Self::Reread => "after `sysctl --system`",
        }
    }
}

/// An IPv4 setting that the kernel reads from `all` and from the NIC.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Parameter {
    /// The addresses for which the host answers ARP requests.
    ArpIgnore,
    /// The sender address of ARP requests.
    ArpAnnounce,
    /// The check of a packet's source address.
    RpFilter,
    /// Whether the host sends ICMP redirects.
    SendRedirects,
    /// Whether the host accepts packets with a local source address.
    AcceptLocal,
    /// Whether the host answers ARP requests for the addresses of other hosts.
    ProxyArp,
    /// Whether the host answers an ARP request only on the NIC of its route to the sender.
    ArpFilter,
    /// Whether addresses of the loopback network are valid on the NIC.
    RouteLocalnet,
}

impl Parameter {
    /// Its name below `net/ipv4/conf/NIC/`.
    pub fn name(self) -> &'static str {
        match self {
            Self::ArpIgnore => "arp_ignore",
            Self::ArpAnnounce => "arp_announce",
            Self::RpFilter => "rp_filter",
            Self::SendRedirects => "send_redirects",
            Self::AcceptLocal => "accept_local",
            Self::ProxyArp => "proxy_arp",
            Self::ArpFilter => "arp_filter",
            Self::RouteLocalnet => "route_localnet",
        }
    }

    /// The initial value of the kernel (`net/ipv4/devinet.c`).
    pub fn initial(self) -> i64 {
        i64::from(self == Self::SendRedirects)
    }

    /// Combines two values in the same way as the kernel's macros `IN_DEV_MAXCONF` and `IN_DEV_ORCONF`
    /// (`include/linux/inetdevice.h`).
    fn join(self, all: i64, nic: i64) -> i64 {
        match self {
            Self::ArpIgnore | Self::ArpAnnounce | Self::RpFilter => all.max(nic),
            Self::SendRedirects
            | Self::AcceptLocal
            | Self::ProxyArp
            | Self::ArpFilter
            | Self::RouteLocalnet => i64::from(all != 0 || nic != 0),
        }
    }
}

/// A value, and the setting that sets it.
#[derive(Clone, Copy, Debug)]
pub struct Effective<'a> {
    /// The value.
    pub value: i64,
    /// The setting that sets the value, and its file's path. None for the kernel's initial value.
    pub by: Option<(&'a str, &'a Setting<'a>)>,
}

/// The sysctls of a host at one moment.
#[derive(Debug)]
pub struct Kernel<'a> {
    moment: Moment,
    /// The last setting of each sysctl. The keys are in slashed form.
    explicit: BTreeMap<String, Written<'a>>,
    /// The same for `net/ipv4/conf/MEMBER/NAME`, by the name and then by the member: thousands of hosts are asked for them.
    conf: BTreeMap<String, BTreeMap<String, Written<'a>>>,
    /// The order in which the last settings were written.
    order: BTreeMap<String, usize>,
    /// The settings with wildcards, with the parts of their keys, in reverse order: the last setting is the first element.
    wild: Vec<(Vec<String>, Written<'a>)>,
}

type Written<'a> = (&'a str, &'a Setting<'a>);

impl<'a> Kernel<'a> {
    /// Applies the files. `conf_at_boot` is true if the system reads `/etc/sysctl.conf` at boot, through the link
    /// `99-sysctl.conf`.
    pub fn new(files: &'a [SysctlFile<'a>], conf_at_boot: bool, moment: Moment) -> Self {
        Self::layered(&[files], conf_at_boot, moment)
    }

    /// Applies the files of several layers, one layer after the other: the settings of scripts are a layer of their own.
    pub fn layered(layers: &[&'a [SysctlFile<'a>]], conf_at_boot: bool, moment: Moment) -> Self {
        let mut kernel = Self {
            moment,
            explicit: BTreeMap::new(),
            conf: BTreeMap::new(),
            order: BTreeMap::new(),
            wild: Vec::new(),
        };
        let mut written_before = 0;
        let ordered = layers.iter().flat_map(|files| boot::order(files, conf_at_boot, moment));
        for file in ordered {
            for setting in &file.settings {
                let key = slashed(&setting.key);
                let written = (&*file.path, setting);
                if key.contains('*') {
                    let parts = key.split('/').map(str::to_owned).collect();
                    kernel.wild.insert(0, (parts, written));
                } else {
                    written_before += 1;
                    kernel.order.insert(key.clone(), written_before);
                    if let Some((member, name)) = member_and_name(&key) {
                        let of_name = kernel.conf.entry(name.to_owned()).or_default();
                        of_name.insert(member.to_owned(), written);
                    }
                    kernel.explicit.insert(key, written);
                }
            }
        }
        kernel
    }

    /// The effective value of a parameter on a NIC.
    pub fn effective(&self, parameter: Parameter, nic: &str) -> Effective<'a> {
        let all = self
            .conf("all", parameter)
            .unwrap_or_else(|| Effective { value: parameter.initial(), by: None });
        let own = self.of_nic(parameter, nic);
        let value = parameter.join(all.value, own.value);
        // If each of both settings gives this value, report the NIC's setting: users look for that setting first.
        let decides =
            |one: &Effective<'a>| one.by.is_some() && parameter.join(0, one.value) == value;
        let by = [own, all].into_iter().find(decides).and_then(|one| one.by);
        Effective { value, by }
    }

    /// Whether a NIC forwards packets of a family. For IPv4, `ip_forward` and `conf/all/forwarding` set the value of every NIC
    /// (`inet_forward_change`), so the last write counts. For IPv6, only the value of `all` counts (`ip6_forward`).
    pub fn forwards(&self, nic: &str, family: Family) -> Effective<'a> {
        let keys = match family {
            Family::Ipv6 => vec!["net/ipv6/conf/all/forwarding".to_owned()],
            Family::Ipv4 => vec![
                format!("net/ipv4/conf/{nic}/forwarding"),
                "net/ipv4/conf/all/forwarding".to_owned(),
                "net/ipv4/ip_forward".to_owned(),
            ],
        };
        let written = keys.iter().filter_map(|key| {
            Some((self.order.get(key).copied().unwrap_or(0), self.written(key)?))
        });
        let last = written.max_by_key(|(order, _)| *order);
        last.map_or(Effective { value: 0, by: None }, |(_, found)| found)
    }

    fn of_nic(&self, parameter: Parameter, nic: &str) -> Effective<'a> {
        let initial = Effective { value: parameter.initial(), by: None };
        // `lo` gets its address before the system reads any file, so `default` never affects `lo`.
        let inherits = self.moment == Moment::Boot && nic != "lo";
        let default = || self.conf("default", parameter).filter(|_| inherits);
        self.conf(nic, parameter).or_else(default).unwrap_or(initial)
    }

    /// The value that the files set for a parameter in `net/ipv4/conf/MEMBER`. A member is `all`, `default` or a NIC.
    fn conf(&self, member: &str, parameter: Parameter) -> Option<Effective<'a>> {
        let name = parameter.name();
        let explicit = self.conf.get(name).and_then(|of_name| of_name.get(member)).copied();
        let parts = ["net", "ipv4", "conf", member, name];
        Self::value(explicit.or_else(|| self.by_wildcard(&parts)))
    }

    /// The value that the files set for a sysctl; `key` is in slashed form. If a line names the sysctl in full,
    /// wildcards do not apply to the sysctl, even if they are in a later line (sysctl.d(5)).
    pub fn written(&self, key: &str) -> Option<Effective<'a>> {
        let explicit = self.explicit.get(key).copied();
        let parts = || key.split('/').collect::<Vec<_>>();
        Self::value(explicit.or_else(|| self.by_wildcard(&parts())))
    }

    /// The last setting whose key with wildcards matches the parts of a key.
    fn by_wildcard(&self, parts: &[&str]) -> Option<Written<'a>> {
        self.wild.iter().find(|(wild, _)| matches(wild, parts)).map(|(_, written)| *written)
    }

    fn value(written: Option<Written<'a>>) -> Option<Effective<'a>> {
        let (path, setting) = written?;
        let value = number(setting.value.as_deref()?)?;
        Some(Effective { value, by: Some((path, setting)) })
    }
}

/// The member and the name of a key `net/ipv4/conf/MEMBER/NAME`.
fn member_and_name(key: &str) -> Option<(&str, &str)> {
    key.strip_prefix("net/ipv4/conf/")?.split_once('/')
}

/// The number that the kernel reads. The kernel reads only the text before the first blank
/// (`proc_get_long`), and rejects text that is not a number.
fn number(text: &str) -> Option<i64> {
    let first = text.split_ascii_whitespace().next()?;
    match first.strip_prefix("0x") {
        Some(digits) => i64::from_str_radix(digits, 16).ok(),
        None => first.parse().ok(),
    }
}

/// Converts a sysctl to slashed form. The first `.` or `/` in the key is its separator. If the
/// separator is a slash, dots are part of the names (sysctl.d(5)).
pub fn slashed(key: &str) -> String {
    let dotted = key.find(['.', '/']).is_none_or(|at| key.as_bytes()[at] == b'.');
    let turned = |c| match c {
        '.' => '/',
        '/' => '.',
        other => other,
    };
    if dotted { key.chars().map(turned).collect() } else { key.to_owned() }
}

/// Whether a key with wildcards matches a key. A `*` matches a name, or a part of a name.
fn matches(wild: &[String], key: &[&str]) -> bool {
    // Most keys differ in their last part.
    let mut parts = wild.iter().zip(key).rev();
    wild.len() == key.len() && parts.all(|(pattern, name)| part_matches(pattern, name))
}

fn part_matches(pattern: &str, name: &str) -> bool {
    let Some((first, rest)) = pattern.split_once('*') else {
        return pattern == name;
    };
    let Some(mut name) = name.strip_prefix(first) else {
        return false;
    };
    let mut pieces = rest.split('*').collect::<Vec<_>>();
    let last = pieces.pop().expect("a split gives at least one part");
    for piece in pieces {
        match name.find(piece) {
            Some(at) => name = &name[at + piece.len()..],
            None => return false,
        }
    }
    name.ends_with(last)
}

/// The key of an IPv4 sysctl of one NIC. In dotted form, a dot in the NIC's name (`eth0.10`) would split the name.
/// So the key of such a NIC uses slashes. If the first separator is a slash, dots are part of the names
/// (sysctl.d(5)).
pub fn conf_key(member: &str, parameter: Parameter) -> String {
    key_of_nic("ipv4", member, parameter.name())
}

/// The key of an IPv6 sysctl of one NIC, in the form of [`conf_key`].
pub fn ipv6_conf_key(member: &str, name: &str) -> String {
    key_of_nic("ipv6", member, name)
}

fn key_of_nic(family: &str, member: &str, name: &str) -> String {
    let separator = if member.contains('.') { "/" } else { "." };
    ["net", family, "conf", member, name].join(separator)
}

#[cfg(test)]
mod tests;
