//! Every gateway in the files is a gateway of the network. With another gateway, the answers of a host could go
//! through a director.

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
