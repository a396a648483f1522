//! The tuning of hosts for many packets and connections.

use std::collections::BTreeSet;

use schemars::{JsonSchema, json_schema};

use super::decode::{Decode, Fields, OneOrMany, decode_keywords, number};
use super::name::InterfaceName;
use super::schema_part::schema;
use super::sysctl::{SysctlSetting, SysctlSettings};
use super::{Cluster, Host, shape};
use crate::diagnostic::{Finding, Report};
use crate::kernel::slashed;
use crate::keyword::keywords;
use crate::source::Located;
use crate::yaml::{Content, Node};

keywords! {
    /// A set of kernel parameters for a purpose.
    TuningProfile, "a profile of tuning",
    /// No parameters.
    None = "none",
    /// Many packets and connections per second.
    Throughput = "throughput",
    /// Short answer times.
    Latency = "latency",
}

decode_keywords!(TuningProfile);

/// `tuning`: kernel parameters, the size of the connection table, and the queues of NICs. A key of a host overrides the same key of
/// the cluster.
#[derive(Clone, Debug, Default, JsonSchema)]
#[schemars(deny_unknown_fields)]
pub struct Tuning {
    /// `profile`: a set of kernel parameters for a purpose. Without this key: `none`.
    pub profile: Option<TuningProfile>,
    /// `set`: further kernel parameters. They override those of the profile.
    #[schemars(with = "Option<SysctlSettings>")]
    pub set: SysctlSettings,
    /// `conn_tab_bits`: the size of a director's connection table, as a power of two. Without this key: the kernel's own size, 12.
    #[schemars(with = "Option<TableBits>")]
    pub conn_tab_bits: Option<Located<TableBits>>,
    /// `queues`: the queues of the NIC.
    pub queues: Option<Located<Queues>>,
}

/// The size of the connection table, as a power of two: 8 to 20. Older kernels cannot load the module with a larger table than
/// their memory has space for (`ip_vs_conn.c`).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct TableBits(pub u8);

impl Decode for TableBits {
    fn decode(node: &Node, report: &mut Report) -> Option<Self> {
        let bits =
            number(node, "the size of a connection table, as a power of two", 8, 20, report)?;
        Some(Self(u8::try_from(bits).expect("`number` keeps the value within the bounds")))
    }
}

schema!(TableBits, "TableBits", |_| json_schema!({
    "description": "the size of the connection table, as a power of two",
    "type": "integer",
    "minimum": 8,
    "maximum": 20,
}));

/// `queues`: how many queues a NIC has, and which processors read them.
#[derive(Clone, Debug, JsonSchema)]
#[schemars(deny_unknown_fields)]
pub struct Queues {
    /// `count`: the number of queues, or `auto` for one queue for each processor. A NIC never gets more queues than it can have.
    pub count: Option<QueueCount>,
    /// `rps`: whether the kernel spreads the packets of a NIC that has fewer queues than the host has processors. Without this key:
    /// `true`.
    pub rps: Option<bool>,
    /// `interfaces`: the network cards. Without this key: the NIC of the host. A bond, a bridge or a VLAN has no queues of its own:
    /// here stand its network cards.
    #[schemars(with = "Option<OneOrMany<InterfaceName>>")]
    pub interfaces: Vec<Located<InterfaceName>>,
}

/// A number of queues.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum QueueCount {
    /// One queue for each processor.
    Auto,
    /// A number.
    Number(u16),
}

impl Decode for QueueCount {
    fn decode(node: &Node, report: &mut Report) -> Option<Self> {
        if matches!(&node.content, Content::Scalar { text, .. } if text == "auto") {
            return Some(Self::Auto);
        }
        let count = number(node, "`auto` or a number of queues", 1, 1024, report)?;
        Some(Self::Number(
            u16::try_from(count).expect("`number` keeps the value within the bounds"),
        ))
    }
}

schema!(QueueCount, "QueueCount", |_| json_schema!({
    "anyOf": [{ "const": "auto", "description": "one queue for each processor, as far as the card has them" }, { "type": "integer", "minimum": 1, "maximum": 1024 }],
}));

impl Decode for Queues {
    fn decode(node: &Node, report: &mut Report) -> Option<Self> {
        let mut fields = Fields::of(node, "`queues`", report)?;
        let count = fields.optional("count", report);
        let rps = fields.optional("rps", report);
        let interfaces: Option<OneOrMany<_>> = fields.optional("interfaces", report);
        fields.finish(report)?;
        let interfaces = interfaces.map(|OneOrMany(names)| names).unwrap_or_default();
        Some(Self { count, rps, interfaces })
    }
}

impl Decode for Tuning {
    fn decode(node: &Node, report: &mut Report) -> Option<Self> {
        let mut fields = Fields::of(node, "`tuning`", report)?;
        let profile = fields.optional("profile", report);
        let set = fields.optional("set", report);
        let conn_tab_bits = fields.optional("conn_tab_bits", report);
        let queues = fields.optional("queues", report);
        let set: SysctlSettings = set.unwrap_or_default();
        let mut seen = BTreeSet::new();
        for setting in &set.0 {
            let (key, value) = (&setting.key, &setting.value.value.0);
            let (message, help) = if key.as_str().contains('*') {
                (
                    format!("`{key}` is a pattern of parameters"),
                    "write each parameter with its whole name",
                )
            } else if !seen.insert(slashed(key.as_str())) {
                (format!("`{key}` is in this list twice"), "remove one of the two lines")
            } else if !value.split_whitespace().all(is_canonical) {
                let help = "write decimal numbers without leading zeros, or names of letters, digits, `-`, `_`, `.` and `,`: the kernel prints the value in this form";
                (format!("the value of `{key}` has another form than in the kernel"), help)
            } else {
                continue;
            };
            fields.fail();
            report.add(Finding::at(&shape::BAD_VALUE, setting.span, message).help(help));
        }
        fields.finish(report)?;
        Some(Self { profile, set, conn_tab_bits, queues })
    }
}

/// Whether a part of a value has the form in which the kernel prints it. A probe compares the two.
fn is_canonical(part: &str) -> bool {
    let digits = part.strip_prefix('-').unwrap_or(part);
    if digits.starts_with(|first: char| first.is_ascii_digit()) && !part.contains([',', '.', '-']) {
        return digits == "0"
            || !digits.starts_with('0') && digits.bytes().all(|byte| byte.is_ascii_digit());
    }
    part.bytes().all(|byte| byte.is_ascii_alphanumeric() || b"-_.,".contains(&byte))
}

/// The tuning of one host: its own keys, and those of the cluster for all other keys.
#[derive(Clone, Debug)]
pub struct HostTuning<'a> {
    /// The profile.
    pub profile: TuningProfile,
    /// The kernel parameters, those of the cluster first. No key appears twice.
    pub set: Vec<&'a Located<SysctlSetting>>,
    /// The size of a director's connection table.
    pub conn_tab_bits: Option<TableBits>,
    /// The queues.
    pub queues: Option<&'a Located<Queues>>,
}

impl Cluster {
    /// Every kernel parameter that a `tuning` of the model sets: those of the cluster, and those of single hosts.
    pub fn tuned_settings(&self) -> impl Iterator<Item = &Located<SysctlSetting>> {
        let of_hosts = self.hosts().flat_map(|host| &host.tuning);
        self.tuning.iter().chain(of_hosts).flat_map(|tuning| &tuning.set.0)
    }

    /// The tuning of a host.
    pub fn tuning_of<'a>(&'a self, host: &'a Host) -> HostTuning<'a> {
        // The host's own tuning comes first.
        let both = || host.tuning.iter().chain(&self.tuning);
        let own = || host.tuning.iter().flat_map(|tuning| &tuning.set.0);
        let is_own = |setting: &SysctlSetting| {
            own().any(|one| slashed(one.key.as_str()) == slashed(setting.key.as_str()))
        };
        let common = self.tuning.iter().flat_map(|tuning| &tuning.set.0);
        HostTuning {
            profile: both().find_map(|one| one.profile).unwrap_or(TuningProfile::None),
            set: common.filter(|setting| !is_own(setting)).chain(own()).collect(),
            conn_tab_bits: both().find_map(|one| one.conn_tab_bits).map(|bits| bits.value),
            queues: both().find_map(|one| one.queues.as_ref()),
        }
    }
}
