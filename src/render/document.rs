//! Files whose format is serialised from types, never templated.
//!
//! Takes a need's facts; gives the file's text, banner included.

use std::collections::BTreeMap;

use serde::Serialize;

use crate::plan::{Facts, Vips};
use crate::profile::Document;
use crate::yaml;

/// Gives the document's text.
///
/// # Errors
/// A document that is none, or that does not fit the need.
pub(super) fn write(
    document: Option<Document>,
    facts: &Facts<'_>,
    banner: &str,
) -> Result<String, String> {
    let text = match (document, facts) {
        (Some(Document::Netplan), Facts::Vips(vips)) => yaml::to_string(&netplan(vips))?,
        (Some(document), _) => return Err(format!("{document:?} does not fit this need")),
        (None, _) => return Err("the profile names neither template nor document".into()),
    };
    Ok(format!("# {banner}\n{text}"))
}

#[derive(Serialize)]
struct Netplan<'a> {
    network: Network<'a>,
}

#[derive(Serialize)]
struct Network<'a> {
    version: u8,
    ethernets: BTreeMap<&'a str, Ethernet<'a>>,
}

/// netplan joins the addresses of all its files that name the interface.
#[derive(Serialize)]
struct Ethernet<'a> {
    addresses: Vec<BTreeMap<&'a str, AddressOptions<'a>>>,
}

#[derive(Serialize)]
struct AddressOptions<'a> {
    /// networkd only.
    #[serde(skip_serializing_if = "Option::is_none")]
    label: Option<&'a str>,
    /// 0 deprecates an IPv6 VIP, so that the host never takes it for its own source address.
    #[serde(skip_serializing_if = "Option::is_none")]
    lifetime: Option<u8>,
}

fn netplan(vips: &Vips) -> Netplan<'_> {
    let addresses = vips.addresses.iter().map(|vip| {
        let lifetime = (!vip.ipv4).then_some(0);
        let options = AddressOptions { label: vip.label.as_deref(), lifetime };
        BTreeMap::from([(vip.cidr.as_str(), options)])
    });
    let ethernet = Ethernet { addresses: addresses.collect() };
    let ethernets = BTreeMap::from([(vips.interface.as_str(), ethernet)]);
    Netplan { network: Network { version: 2, ethernets } }
}
