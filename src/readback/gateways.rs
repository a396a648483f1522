//! The files set only the network's gateways, so that no answer of a host goes through a director.

use super::{HostFacts, Mismatch};
use crate::check::Checked;
use crate::facts::Fact;

pub(super) fn compare(checked: &Checked<'_>, host: &HostFacts<'_>, found: &mut Vec<Mismatch>) {
    for (at, fact) in host.facts() {
        let Fact::DefaultRoute { gateway } = fact else { continue };
        if !checked.cluster().network.gateways().any(|one| one.0 == *gateway) {
            let why = format!("the gateway {gateway} is not a gateway of the network");
            found.push(host.mismatch_at(at, why));
        }
    }
}
