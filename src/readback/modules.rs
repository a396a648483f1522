//! A director loads the module of IPVS and the module of every scheduler in its table.

use super::{HostFacts, Mismatch};
use crate::check::Checked;
use crate::facts::Fact;
use crate::model::Need;

pub(super) fn compare(checked: &Checked<'_>, host: &HostFacts<'_>, found: &mut Vec<Mismatch>) {
    if !host.says_all_of(Need::IpvsModules) {
        return;
    }
    let loaded =
        |name: &str| host.facts().any(|(_, fact)| matches!(fact, Fact::Module(one) if one == name));
    let schedulers = checked.cluster().virtual_services.iter();
    let schedulers = schedulers.map(|service| format!("ip_vs_{}", service.scheduler()));
    for name in std::iter::once("ip_vs".to_owned()).chain(schedulers) {
        if !loaded(&name) {
            found.push(host.mismatch(format!("no file loads the module `{name}`")));
        }
    }
}
