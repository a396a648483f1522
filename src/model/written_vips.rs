//! `vip`: the virtual IP addresses of a service, as written: single addresses and ranges.
//!
//! Takes one value or a list; gives the VIPs, IPv4 first, and the prefix lengths that stand behind them.

use std::net::IpAddr;

use ipnet::IpNet;

use super::address::{Vip, address};
use super::decode::{Decode, OneOrMany, word};
use super::expand::{AddressRange, range_of_addresses};
use super::schema_part::{or_short, schema};
use super::shape;
use crate::diagnostic::{Finding, Report};
use crate::source::Located;
use crate::yaml::{Content, Node};

/// The most VIPs of a range. The kernel searches its VIPs one after the other.
const MOST: u128 = 1024;

/// The VIPs of a service.
#[derive(Clone, Debug, Default)]
pub(super) struct WrittenVips {
    /// The VIPs, IPv4 first.
    pub(super) vips: Vec<Located<Vip>>,
    /// The prefix lengths that the user wrote after VIPs and that cover more than one address.
    pub(super) short_prefixes: Vec<Located<u8>>,
}

/// One value of the list.
struct Part {
    vips: Vec<Vip>,
    prefix: Option<u8>,
}

impl Decode for Part {
    fn decode(node: &Node, report: &mut Report) -> Option<Self> {
        match &node.content {
            Content::Scalar { text, .. } if text.contains('-') => {
                word(node, "a range of virtual IP addresses", range, report)
            }
            _ => word(node, "a virtual IP address", single, report),
        }
    }
}

fn range(text: &str) -> Result<Part, String> {
    let wrong = || "write it like 10.0.0.100-10.0.0.110".to_owned();
    let range = AddressRange::parse(text).ok_or_else(wrong)?.map_err(|_| wrong())?;
    if range.len() > MOST {
        return Err(format!("a range has at most {MOST} addresses"));
    }
    // Each end of a range may be an address that no VIP can have.
    let vips = range.addresses().map(|one| vip(&one.to_string()));
    Ok(Part { vips: vips.collect::<Result<_, _>>()?, prefix: None })
}

fn vip(text: &str) -> Result<Vip, String> {
    match address(text)? {
        // Hosts choose the addresses of 169.254.0.0/16 by themselves, and no router forwards them (RFC 3927).
        IpAddr::V4(v4) if v4.is_link_local() => {
            Err("it is a link-local address, which no router forwards".to_owned())
        }
        address => Ok(Vip(address)),
    }
}

fn single(text: &str) -> Result<Part, String> {
    let Some((alone, prefix)) = text.split_once('/') else {
        return Ok(Part { vips: vec![vip(text)?], prefix: None });
    };
    let net: IpNet =
        text.parse().map_err(|_| format!("`{}` is not a prefix length", prefix.escape_debug()))?;
    let vip = vip(alone)?;
    let short = net.prefix_len() < net.max_prefix_len();
    Ok(Part { vips: vec![vip], prefix: short.then_some(net.prefix_len()) })
}

impl Decode for WrittenVips {
    fn decode(node: &Node, report: &mut Report) -> Option<Self> {
        let OneOrMany(parts) = OneOrMany::<Located<Part>>::decode(node, report)?;
        let mut written = Self::default();
        for part in parts {
            written
                .short_prefixes
                .extend(part.value.prefix.map(|one| Located::new(one, part.span)));
            for vip in part.value.vips {
                let before = written.vips.iter().find(|one| one.value == vip);
                if let Some(before) = before {
                    let message = format!("the VIP {vip} stands here twice");
                    let finding = Finding::at(&shape::BAD_VALUE, part.span, message);
                    report.add(
                        finding.related(before.span, "the first one").help("keep one of them"),
                    );
                    return None;
                }
                written.vips.push(Located::new(vip, part.span));
            }
        }
        written.vips.sort_by_key(|vip| vip.value.family());
        Some(written)
    }
}

schema!(WrittenVips, "Vips", |generator| {
    let one = or_short(&Vip::json_schema(generator), &range_of_addresses());
    let list = schemars::json_schema!({ "type": "array", "items": one.clone(), "minItems": 1 });
    or_short(&list, &one)
});
