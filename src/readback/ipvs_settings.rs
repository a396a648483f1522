//! The kernel parameters of IPVS that health checks and shared connections need are on.

use super::{HostFacts, Mismatch};
use crate::check::Checked;
use crate::facts::Fact;
use crate::model::{Need, Role};
use crate::resolve::ServiceView;

pub(super) fn compare(checked: &Checked<'_>, host: &HostFacts<'_>, found: &mut Vec<Mismatch>) {
    if !host.view.is(Role::Director) || !host.says_all_of(Need::KernelSettings) {
        return;
    }
    let cluster = checked.cluster();
    let checks = checked.resolved().services.iter().any(ServiceView::is_checked);
    let kept = checks || cluster.failover.is_some();
    let persistent = cluster.virtual_services.iter().any(|service| service.persistence.is_some());
    let syncs = cluster.failover.as_ref().is_some_and(|failover| failover.value.syncs());
    let wanted = [
        ("net.ipv4.vs.expire_nodest_conn", checks),
        ("net.ipv4.vs.expire_quiescent_template", kept && persistent),
        ("net.ipv4.vs.sloppy_tcp", syncs),
    ];
    for (name, _) in wanted.into_iter().filter(|(_, wanted)| *wanted) {
        let is_on = |fact: &Fact| matches!(fact, Fact::Setting { key, value } if key == name && value == "1");
        if !host.facts().any(|(_, fact)| is_on(fact)) {
            found.push(host.mismatch(format!("no file sets `{name}` to 1")));
        }
    }
}
