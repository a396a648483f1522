//! Failover: several directors share the VIPs by VRRP.

use schemars::JsonSchema;

use super::address::HostAddress;
use super::authentication::Authentication;
use super::decode::{Decode, Fields, OneOrMany, number};
use super::family::PerFamily;
use super::name::{AbsolutePath, InterfaceName};
use crate::diagnostic::Report;
use crate::ipvs::Family;
use crate::source::Located;
use crate::yaml::Node;

/// `failover`: the directors share the VIPs by VRRP (RFC 5798). One director at a time holds all VIPs. The order of
/// `directors` is the order of preference.
#[derive(Clone, Debug, JsonSchema)]
#[schemars(deny_unknown_fields)]
pub struct Failover {
    /// `virtual_router_id`: the number that the directors share. No other group of VRRP routers on the segment may have
    /// the same number.
    #[schemars(with = "u8", range(min = 1, max = 255))]
    pub virtual_router_id: Located<u8>,
    /// `unicast`: `false` if the directors send their advertisements to the multicast group of VRRP. Otherwise, they send
    /// them to each other's own address.
    pub unicast: Option<Located<bool>>,
    /// `preempt`: whether a preferred director takes the VIPs back when it returns. The default is `false`: every change
    /// of the director costs the connections a moment.
    pub preempt: Option<Located<bool>>,
    /// `interval`: the time between two advertisements, in seconds; the default is 1. The VIPs move after three missed
    /// advertisements.
    #[schemars(with = "Option<u8>", range(min = 1, max = 40))]
    pub interval: Option<Located<u8>>,
    /// `sync`: whether the directors share their connections, so that open connections outlive a change of the director;
    /// the default is `false`.
    pub sync: Option<Located<bool>>,
    /// `authentication`: a password that the advertisements have.
    pub authentication: Option<Located<Authentication>>,
    /// `inside`: the address to which masqueraded real servers send their answers, one for each address family. It moves
    /// with the VIPs.
    #[schemars(with = "Option<PerFamily<HostAddress>>")]
    pub inside: Option<PerFamily<HostAddress>>,
    /// `track`: a director gives the VIPs away while one of these things fails.
    pub track: Option<Track>,
    /// `notify`: the program that keepalived runs when the state of a director changes. Its arguments are
    /// `INSTANCE`, the name of the instance, the new state and the priority.
    pub notify: Option<Located<AbsolutePath>>,
}

/// `failover.track`: the things that a director needs to do its work, in addition to its NIC on the segment.
#[derive(Clone, Debug, Default, JsonSchema)]
#[schemars(deny_unknown_fields)]
pub struct Track {
    /// `interfaces`: other NICs of the directors. While one of them is down, the director gives the VIPs away.
    #[schemars(with = "Option<OneOrMany<InterfaceName>>")]
    pub interfaces: Vec<Located<InterfaceName>>,
    /// `script`: a program on the directors. While its exit status is not 0, the director gives the VIPs away.
    pub script: Option<Located<AbsolutePath>>,
}

/// The longest interval of VRRP version 3 is 40.95 seconds (RFC 5798, 5.2.7).
const LONGEST_INTERVAL: u64 = 40;

/// A number that fits into one byte.
struct Byte<const MOST: u64>(u8);

impl<const MOST: u64> Decode for Byte<MOST> {
    fn decode(node: &Node, report: &mut Report) -> Option<Self> {
        let what = match MOST {
            LONGEST_INTERVAL => "a time in seconds",
            _ => "a virtual router ID",
        };
        let read = number(node, what, 1, MOST, report)?;
        u8::try_from(read).ok().map(Self)
    }
}

fn byte<const MOST: u64>(read: &Located<Byte<MOST>>) -> Located<u8> {
    Located::new(read.value.0, read.span)
}

impl Failover {
    /// Whether the directors send their advertisements to each other's own address.
    pub fn unicast(&self) -> bool {
        self.unicast.is_none_or(|asked| asked.value)
    }

    /// Whether a preferred director takes the VIPs back.
    pub fn preempts(&self) -> bool {
        self.preempt.is_some_and(|asked| asked.value)
    }

    /// Whether the directors share their connections.
    pub fn syncs(&self) -> bool {
        self.sync.is_some_and(|asked| asked.value)
    }

    /// The address of a family to which masqueraded real servers send their answers.
    pub fn inside(&self, family: Family) -> Option<&Located<HostAddress>> {
        self.inside.as_ref()?.of(family)
    }

    /// The time between two advertisements, in seconds.
    pub fn interval(&self) -> u8 {
        self.interval.map_or(1, |interval| interval.value)
    }
}

impl Decode for Failover {
    fn decode(node: &Node, report: &mut Report) -> Option<Self> {
        let mut fields = Fields::of(node, "`failover`", report)?;
        let id: Option<Located<Byte<255>>> = fields.required("virtual_router_id", report);
        let unicast = fields.optional("unicast", report);
        let preempt = fields.optional("preempt", report);
        let interval: Option<Located<Byte<LONGEST_INTERVAL>>> = fields.optional("interval", report);
        let sync = fields.optional("sync", report);
        let authentication = fields.optional("authentication", report);
        let inside = fields.optional("inside", report);
        let track = fields.optional("track", report);
        let notify = fields.optional("notify", report);
        fields.finish(report)?;
        let interval = interval.as_ref().map(byte);
        Some(Self {
            virtual_router_id: byte(&id?),
            unicast,
            preempt,
            interval,
            sync,
            authentication,
            inside,
            track,
            notify,
        })
    }
}

impl Decode for Track {
    fn decode(node: &Node, report: &mut Report) -> Option<Self> {
        let mut fields = Fields::of(node, "`track`", report)?;
        let interfaces: Option<OneOrMany<_>> = fields.optional("interfaces", report);
        let script = fields.optional("script", report);
        fields.finish(report)?;
        let interfaces = interfaces.map(|OneOrMany(names)| names).unwrap_or_default();
        Some(Self { interfaces, script })
    }
}
