//! A director loads IPVS and every scheduler that its table names.

use super::read::Fact;
use super::{Broken, Host};
use crate::check::Checked;
use crate::model::Need;

pub(super) fn hold(checked: &Checked<'_>, host: &Host<'_>, broken: &mut Vec<Broken>) {
    if !host.tells(Need::IpvsModules) {
        return;
    }
    let loaded =
        |name: &str| host.facts().any(|(_, fact)| matches!(fact, Fact::Module(one) if one == name));
    let schedulers = checked.cluster().virtual_services.iter();
    let schedulers = schedulers.map(|service| format!("ip_vs_{}", service.scheduler()));
    for name in std::iter::once("ip_vs".to_owned()).chain(schedulers) {
        if !loaded(&name) {
            broken.push(host.broken(format!("no file loads the module `{name}`")));
        }
    }
}
