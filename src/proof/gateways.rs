//! Nothing sends a host's answers through a director.

use super::read::Fact;
use super::{Broken, Host};
use crate::check::Checked;

pub(super) fn hold(checked: &Checked<'_>, host: &Host<'_>, broken: &mut Vec<Broken>) {
    for (at, fact) in host.facts() {
        let Fact::Gateway(gateway) = fact else { continue };
        if !checked.cluster().network.gateways().any(|one| one.0 == *gateway) {
            let why = format!("the gateway {gateway} is not the network's");
            broken.push(host.broken_at(at, why));
        }
    }
}
