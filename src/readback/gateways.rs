//! Every gateway in the files of a host is a gateway of the host. With another gateway, the answers of a host could go
//! through a director.

use super::{HostFacts, Mismatch};
use crate::check::Checked;
use crate::facts::Fact;

pub(super) fn compare(checked: &Checked<'_>, host: &HostFacts<'_>, found: &mut Vec<Mismatch>) {
    for (at, fact) in host.facts() {
        let Fact::DefaultRoute { gateway } = fact else { continue };
        if !checked.cluster().gateways_of(host.view.host).iter().any(|one| one.0 == *gateway) {
            let why = format!("the gateway {gateway} is not a gateway of the host");
            found.push(host.mismatch_at(at, why));
        }
    }
}
