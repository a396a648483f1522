//! The segment that the cluster lives on, and what holds for all of its traffic.

use schemars::JsonSchema;
use serde::Serialize;

use super::address::{Family, Gateway, HostAddress, NameServer, Subnet, Vip, WrittenVip};
use super::decode::{Decode, Fields, OneOrMany, number};
use super::name::InterfaceName;
use super::shape;
use crate::diagnostic::{Finding, Report};
use crate::source::Located;
use crate::yaml::Node;

/// `network`: direct routing needs director and real servers on one layer 2.
#[derive(Clone, Debug, JsonSchema)]
#[schemars(deny_unknown_fields)]
pub struct Network {
    /// `interface`: the NIC of each host that does not name its own.
    pub interface: Located<InterfaceName>,
    /// `subnet`: the segment's prefix, one for each address family.
    pub subnet: PerFamily<Subnet>,
    /// `gateway`: the way out for the real servers' answers.
    pub gateway: Option<PerFamily<Gateway>>,
    /// `dns`: the name servers that a director's NIC profile names where lvsgen writes it whole.
    #[schemars(with = "Option<OneOrMany<NameServer>>")]
    pub dns: Vec<Located<NameServer>>,
}

impl Network {
    /// The gateways, IPv4 first.
    pub fn gateways(&self) -> impl Iterator<Item = &Located<Gateway>> {
        self.gateway.iter().flat_map(PerFamily::iter)
    }
}

impl Decode for Network {
    fn decode(node: &Node, report: &mut Report) -> Option<Self> {
        let mut fields = Fields::of(node, "`network`", report)?;
        let interface = fields.required("interface", report);
        let subnet = fields.required("subnet", report);
        let gateway = fields.optional("gateway", report);
        let dns: Option<OneOrMany<Located<NameServer>>> = fields.optional("dns", report);
        fields.finish(report)?;
        let dns = dns.map(|OneOrMany(servers)| servers).unwrap_or_default();
        Some(Self { interface: interface?, subnet: subnet?, gateway, dns })
    }
}

/// One value for IPv4, one for IPv6, or both; never none.
#[derive(Clone, Debug)]
pub struct PerFamily<T>(Vec<Located<T>>);

/// What belongs to an address family.
pub trait HasFamily {
    /// The family.
    fn family(&self) -> Family;
}

impl HasFamily for HostAddress {
    fn family(&self) -> Family {
        Family::of(self.0)
    }
}

impl HasFamily for Vip {
    fn family(&self) -> Family {
        Self::family(*self)
    }
}

impl HasFamily for WrittenVip {
    fn family(&self) -> Family {
        self.vip.family()
    }
}

impl HasFamily for Gateway {
    fn family(&self) -> Family {
        Family::of(self.0)
    }
}

impl HasFamily for Subnet {
    fn family(&self) -> Family {
        Family::of(self.0.addr())
    }
}

impl<T: HasFamily> PerFamily<T> {
    /// The value of a family.
    pub fn of(&self, family: Family) -> Option<&Located<T>> {
        self.0.iter().find(|one| one.family() == family)
    }

    /// The values as something else of the same family.
    pub(super) fn map<U>(self, of: impl Fn(T) -> U) -> PerFamily<U> {
        let each = self.0.into_iter().map(|one| Located::new(of(one.value), one.span));
        PerFamily(each.collect())
    }

    /// The values, IPv4 first.
    pub fn iter(&self) -> impl Iterator<Item = &Located<T>> {
        Family::ALL.into_iter().filter_map(|family| self.of(family))
    }
}

impl<T: Decode + HasFamily> Decode for PerFamily<T> {
    fn decode(node: &Node, report: &mut Report) -> Option<Self> {
        let OneOrMany(values) = OneOrMany::<Located<T>>::decode(node, report)?;
        for (at, value) in values.iter().enumerate() {
            let family = value.family();
            if let Some(before) = values[..at].iter().find(|one| one.family() == family) {
                let message = format!("two {family} values where one has its place");
                report.add(
                    Finding::at(&shape::BAD_VALUE, value.span, message)
                        .related(before.span, "the first one")
                        .help("give one value, or one for IPv4 and one for IPv6"),
                );
                return None;
            }
        }
        Some(Self(values))
    }
}

/// `timeouts`: how long IPVS remembers a connection, in seconds (ipvsadm(8), `--set`). `0`, also
/// for what is left out, keeps what the kernel has.
#[derive(Clone, Copy, Debug, Serialize, JsonSchema)]
#[schemars(deny_unknown_fields)]
pub struct Timeouts {
    /// `tcp`: an established TCP connection.
    #[schemars(with = "Option<u32>", range(min = 1, max = 2_678_400))]
    pub tcp: u32,
    /// `tcp_fin`: a TCP connection after its FIN.
    #[schemars(with = "Option<u32>", range(min = 1, max = 2_678_400))]
    pub tcp_fin: u32,
    /// `udp`: a UDP flow.
    #[schemars(with = "Option<u32>", range(min = 1, max = 2_678_400))]
    pub udp: u32,
}

/// Seconds: 31 days are the most that ipvsadm takes.
#[derive(Clone, Copy, Debug)]
pub(super) struct Seconds(pub(super) u32);

/// The longest time that ipvsadm takes for a timeout, in seconds: 31 days.
const LONGEST: u32 = 31 * 24 * 60 * 60;

impl Decode for Seconds {
    fn decode(node: &Node, report: &mut Report) -> Option<Self> {
        let read = number(node, "a time in seconds", 1, LONGEST.into(), report)?;
        u32::try_from(read).ok().map(Self)
    }
}

impl Decode for Timeouts {
    fn decode(node: &Node, report: &mut Report) -> Option<Self> {
        let mut fields = Fields::of(node, "`timeouts`", report)?;
        let mut seconds =
            |key, report: &mut Report| fields.optional(key, report).map_or(0, |Seconds(time)| time);
        let tcp = seconds("tcp", report);
        let tcp_fin = seconds("tcp_fin", report);
        let udp = seconds("udp", report);
        fields.finish(report)?;
        Some(Self { tcp, tcp_fin, udp })
    }
}
