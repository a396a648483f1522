//! Names with a fixed set of characters. Except for [`Text`], these names have no special meaning in any file
//! format that lvsgen writes. Templates thus need no quotes around a name.
//!
//! Takes the written text; gives a separate type for each kind of name.

use std::fmt;
use std::sync::Arc;

use schemars::{JsonSchema, Schema, SchemaGenerator};
use serde::{Deserialize, Deserializer, Serialize, Serializer};

use super::decode::{Decode, word};
use super::schema_part;
use crate::diagnostic::{Report, cite};
use crate::yaml::Node;

macro_rules! name {
    ($(#[$doc:meta])* $type:ident, $what:literal, $pattern:literal, $example:literal, $read:expr) => {
        $(#[$doc])*
        #[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
        // Every file of a host contains the host's name. `Arc` makes the many copies of a name cheap.
        pub struct $type(Arc<str>);

        impl $type {
            /// Reads a name.
            ///
            /// # Errors
            /// The error describes a correct name.
            pub fn new(written: &str) -> Result<Self, String> {
                let read: fn(&str) -> Result<(), &'static str> = $read;
                read(written).map(|()| Self(written.into())).map_err(str::to_owned)
            }

            /// The name as text.
            pub fn as_str(&self) -> &str {
                &self.0
            }
        }

        impl fmt::Display for $type {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str(&self.0)
            }
        }

        impl Serialize for $type {
            fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
                serializer.serialize_str(&self.0)
            }
        }

        impl<'de> Deserialize<'de> for $type {
            fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
                let text = String::deserialize(deserializer)?;
                Self::new(&text).map_err(|why| {
                    serde::de::Error::custom(format!("{} is not {}: {why}", cite(&text), $what))
                })
            }
        }

        impl Decode for $type {
            fn decode(node: &Node, report: &mut Report) -> Option<Self> {
                word(node, $what, Self::new, report)
            }
        }

        impl JsonSchema for $type {
            fn schema_name() -> std::borrow::Cow<'static, str> {
                stringify!($type).into()
            }

            fn json_schema(_: &mut SchemaGenerator) -> Schema {
                schema_part::text($what, $pattern, $example)
            }
        }
    };
}

name!(
    /// The name of the cluster, which banners contain. Its characters are letters, digits, `-`, `_` and `.`.
    ClusterName,
    "a cluster name",
    r"^[A-Za-z0-9][A-Za-z0-9._-]{0,62}$",
    "web",
    |text| identifier(text, 63)
);

name!(
    /// The name of a virtual service. Its characters are letters, digits, `-`, `_` and `.`.
    ServiceName,
    "a service name",
    r"^[A-Za-z0-9][A-Za-z0-9._-]{0,62}$",
    "http",
    |text| identifier(text, 63)
);

name!(
    /// The name of an OS profile, or an alias of the profile. Its characters are letters, digits, `-`, `_` and `.`.
    TargetName,
    "a target name",
    r"^[A-Za-z0-9][A-Za-z0-9._-]{0,62}$",
    "openeuler",
    |text| identifier(text, 63)
);

name!(
    /// The name of a mechanism, which provides a need. Its characters are letters, digits, `-`, `_` and `.`.
    MechanismName,
    "a mechanism name",
    r"^[A-Za-z0-9][A-Za-z0-9._-]{0,62}$",
    "systemd-unit",
    |text| identifier(text, 63)
);

name!(
    /// A host name. Dots separate its labels. A label consists of lower-case letters, digits and hyphens, and does
    /// not begin or end with a hyphen. The whole name has at most 64 characters (Linux's `HOST_NAME_MAX`) and at
    /// least one letter (hostname(7), RFC 1123).
    HostName,
    "a host name",
    r"^(?=.*[a-z])(?=.{1,64}$)[a-z0-9]([a-z0-9-]*[a-z0-9])?(\.[a-z0-9]([a-z0-9-]*[a-z0-9])?)*$",
    "web1",
    host
);

name!(
    /// The name of a network interface: letters, digits, `-`, `_` and `.`. The name has at most 15 characters,
    /// because the kernel's `IFNAMSIZ` also counts a final zero byte. `all`, `default` and `lo` are not NICs.
    InterfaceName,
    "the name of a network interface",
    r"^(?!(all|default|lo)$)[A-Za-z0-9][A-Za-z0-9._-]{0,14}$",
    "ens33",
    interface
);

name!(
    /// The name of a segment. Its characters are letters, digits, `-`, `_` and `.`.
    SegmentName,
    "a segment name",
    r"^[A-Za-z0-9][A-Za-z0-9._-]{0,62}$",
    "front",
    |text| identifier(text, 63)
);

name!(
    /// The id of a NIC in netplan files. Its characters are letters, digits, `-`, `_` and `.`.
    NetplanId,
    "the id of a NIC in netplan files",
    r"^[A-Za-z0-9][A-Za-z0-9._-]{0,62}$",
    "primary",
    |text| identifier(text, 63)
);

name!(
    /// The name of a file of systemd-networkd (systemd.network(5)), without its folder. Its characters are letters, digits, `-`,
    /// `_`, `.` and `@`.
    NetworkFile,
    "the name of a file of systemd-networkd",
    r"^[A-Za-z0-9][A-Za-z0-9._@-]{0,200}\.network$",
    "10-uplink.network",
    network_file
);

name!(
    /// The code of a check: lower-case letters and hyphens.
    CheckCode,
    "the code of a check",
    r"^[a-z-]{1,63}$",
    "single-director",
    code
);

name!(
    /// The name of a sysctl. Dots or slashes separate its parts. `*` matches any name (sysctl.d(5)).
    SysctlKey,
    "a sysctl",
    r"^[A-Za-z0-9_:@*-]+([./][A-Za-z0-9_:@*-]+)+$",
    "net.ipv4.conf.all.rp_filter",
    sysctl
);

name!(
    /// An absolute path. Its segments consist of letters, digits and `._@+-`. The segments `.` and `..` are not
    /// allowed. systemd, NFS, httpd and a shell need no quotes around such a path.
    AbsolutePath,
    "a plain absolute path",
    r"^(/(?!\.{1,2}(/|$))[A-Za-z0-9._@+-]+)+$",
    "/var/www/html",
    path
);

name!(
    /// Free text for people, such as the title of a page. The text is one line of at most 200 characters. lvsgen
    /// escapes the text for each output format.
    Text,
    "a line of text",
    r"^[^\x00-\x1f\x7f]{1,200}$",
    "a lab that may be down",
    line
);

name!(
    /// The path of a URL, with a query if needed. The characters need no quotes in keepalived.conf(5): `#`, `!`, `$`
    /// and quotes have a meaning there.
    UrlPath,
    "the path of a URL",
    r"^/[A-Za-z0-9._~/?&=%+:,;@-]{0,199}$",
    "/healthz",
    url_path
);

name!(
    /// A name of DNS, or an address, as a client asks for it; `:PORT` may follow.
    DomainName,
    "a domain name",
    r"^[A-Za-z0-9]([A-Za-z0-9._:-]{0,198}[A-Za-z0-9])?$",
    "www.example.org",
    domain
);

impl InterfaceName {
    /// The largest length of an interface name. The label of an address has the same limit. `IFNAMSIZ` is larger
    /// by 1, because it also counts a final zero byte.
    pub const LONGEST: usize = 15;
}

fn is_word(byte: u8, extra: &[u8]) -> bool {
    byte.is_ascii_alphanumeric() || extra.contains(&byte)
}

fn identifier(text: &str, longest: usize) -> Result<(), &'static str> {
    let first = text.bytes().next().is_some_and(|byte| byte.is_ascii_alphanumeric());
    let rest = text.bytes().all(|byte| is_word(byte, b"-_."));
    if first && rest && text.len() <= longest {
        return Ok(());
    }
    Err("use at most 63 letters, digits, `-`, `_` and `.`; begin with a letter or a digit")
}

fn host(text: &str) -> Result<(), &'static str> {
    let lower = |byte: u8| byte.is_ascii_lowercase() || byte.is_ascii_digit();
    let label = |label: &str| {
        let inner = label.bytes().all(|byte| lower(byte) || byte == b'-');
        let ends = [label.bytes().next(), label.bytes().last()];
        inner && label.len() <= 63 && ends.iter().all(|end| end.is_some_and(lower))
    };
    let letter = text.bytes().any(|byte| byte.is_ascii_lowercase());
    if text.len() <= 64 && letter && text.split('.').all(label) {
        return Ok(());
    }
    Err("use at most 64 lower-case letters, digits, inner hyphens, and dots between labels")
}

fn interface(text: &str) -> Result<(), &'static str> {
    if matches!(text, "all" | "default" | "lo") {
        return Err("the kernel reserves `all`, `default` and `lo`: write the name of a NIC");
    }
    let first = text.bytes().next().is_some_and(|byte| byte.is_ascii_alphanumeric());
    if first
        && text.len() <= InterfaceName::LONGEST
        && text.bytes().all(|byte| is_word(byte, b"-_."))
    {
        return Ok(());
    }
    Err("use a name from `ip link`: at most 15 letters, digits, `-`, `_` and `.`")
}

fn network_file(text: &str) -> Result<(), &'static str> {
    let stem = text.strip_suffix(".network").unwrap_or_default();
    let first = stem.bytes().next().is_some_and(|byte| byte.is_ascii_alphanumeric());
    let plain = stem.len() <= 201 && stem.bytes().all(|byte| is_word(byte, b"-_.@"));
    let why = "write the name after `Network File:` in `networkctl status NIC`, without its folder: `10-uplink.network`";
    (first && plain).then_some(()).ok_or(why)
}

fn code(text: &str) -> Result<(), &'static str> {
    let plain = text.bytes().all(|byte| byte.is_ascii_lowercase() || byte == b'-');
    let plain = plain && !text.is_empty() && text.len() <= 63;
    plain.then_some(()).ok_or("write it as findings show it in brackets: `single-director`")
}

fn sysctl(text: &str) -> Result<(), &'static str> {
    let parts = || text.split(['.', '/']);
    let plain = |part: &str| part.bytes().all(|byte| is_word(byte, b"_-:@*"));
    if text.len() <= 200
        && parts().count() > 1
        && parts().all(|part| !part.is_empty() && plain(part))
    {
        return Ok(());
    }
    Err("write it like net.ipv4.conf.all.rp_filter")
}

fn path(text: &str) -> Result<(), &'static str> {
    let segment = |segment: &str| {
        !matches!(segment, "" | "." | "..") && segment.bytes().all(|byte| is_word(byte, b"._@+-"))
    };
    match text.strip_prefix('/') {
        Some(rest) if unit_length(text) <= 240 && rest.split('/').all(segment) => Ok(()),
        _ => {
            Err("write it like /srv/pages: letters, digits and `._@+-`, no `..`, no `/` at the end")
        }
    }
}

fn url_path(text: &str) -> Result<(), &'static str> {
    let plain = text.bytes().all(|byte| is_word(byte, b"._~/?&=%+:,;@-"));
    if text.starts_with('/') && plain && text.len() <= 200 {
        return Ok(());
    }
    Err("begin with `/`, and use letters, digits and `._~/?&=%+:,;@-`; `%23` is `#`")
}

fn domain(text: &str) -> Result<(), &'static str> {
    let plain = text.bytes().all(|byte| is_word(byte, b"._:-"));
    let ends = [text.bytes().next(), text.bytes().last()];
    let ends = ends.iter().all(|end| end.is_some_and(|byte| byte.is_ascii_alphanumeric()));
    if plain && ends && text.len() <= 200 {
        return Ok(());
    }
    Err("write it like www.example.org")
}

/// The length of the name of the systemd unit that mounts a path. systemd allows 255 characters, and a file name
/// has the same limit. In the name of the unit, each `@`, `+` and `-` becomes four characters.
fn unit_length(path: &str) -> usize {
    path.bytes().map(|byte| if is_word(byte, b"/_.") { 1 } else { 4 }).sum()
}

fn line(text: &str) -> Result<(), &'static str> {
    if text.chars().count() <= 200 && !text.chars().any(|c| c.is_control() || hides(c)) {
        return Ok(());
    }
    Err("use one line of at most 200 visible characters")
}

/// Whether a character is invisible, or changes the order of the text around it. In an editor, such a character
/// could deceive a reviewer.
pub fn hides(c: char) -> bool {
    matches!(c, '\u{ad}' | '\u{61c}' | '\u{200b}'..='\u{200f}' | '\u{2028}'..='\u{202e}' | '\u{2060}'..='\u{206f}' | '\u{feff}' | '\u{e0000}'..='\u{e0fff}')
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn host_names() {
        for good in ["lvs1", "web-1.example.org", "n1", "0a"] {
            assert!(HostName::new(good).is_ok(), "{good}");
        }
        let long = "a".repeat(65);
        for bad in
            ["", "Web1", "-a", "a-", "a..b", "a.", "10.0.0.1", "1", "a b", "a/b", "..", &long]
        {
            assert!(HostName::new(bad).is_err(), "{bad}");
        }
    }

    #[test]
    fn interface_names() {
        for good in ["ens33", "eth0.100", "enx001122334455", "br-lan"] {
            assert!(InterfaceName::new(good).is_ok(), "{good}");
        }
        for bad in ["", "lo", "all", "default", "ens33:0", "a/b", "../x", ".", "sixteen-letters-x"]
        {
            assert!(InterfaceName::new(bad).is_err(), "{bad}");
        }
    }

    #[test]
    fn paths() {
        for good in ["/opt/wwwroot", "/srv/web-data", "/a/.b"] {
            assert!(AbsolutePath::new(good).is_ok(), "{good}");
        }
        for bad in ["", "/", "a", "/a/", "/a/../b", "/a//b", "/a b", "/a%n", "/a\n", "/a:b", "/a,b"]
        {
            assert!(AbsolutePath::new(bad).is_err(), "{bad}");
        }
    }

    #[test]
    fn text_is_one_visible_line() {
        assert!(Text::new("LVS负载均衡群集--节点1测试网页 <b>&").is_ok());
        for bad in ["a\nb", "a\u{1b}[31m", "a\u{202e}b"] {
            assert!(Text::new(bad).is_err(), "{bad:?}");
        }
    }
}
