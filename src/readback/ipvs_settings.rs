//! The kernel parameters that health checks, shared connections and masquerading need are on.

use super::{HostFacts, Mismatch};
use crate::check::Checked;
use crate::facts::Fact;
use crate::ipvs::Family;
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
    let masquerades =
        |family| checked.resolved().services.iter().any(|view| view.masquerades(family));
    let (ipv4, ipv6) = (masquerades(Family::Ipv4), masquerades(Family::Ipv6));
    let wanted = [
        ("net.ipv4.ip_forward", ipv4),
        ("net.ipv6.conf.all.forwarding", ipv6),
        ("net.ipv4.vs.conntrack", ipv4 || ipv6),
        ("net.ipv4.vs.expire_nodest_conn", checks),
        ("net.ipv4.vs.expire_quiescent_template", kept && persistent),
        ("net.ipv4.vs.sloppy_tcp", syncs),
        ("net.ipv4.vs.backup_only", syncs && host.view.is(Role::RealServer)),
    ];
    for (name, _) in wanted.into_iter().filter(|(_, wanted)| *wanted) {
        let is_on = |fact: &Fact| matches!(fact, Fact::Setting { key, value } if key == name && value == "1");
        if !host.facts().any(|(_, fact)| is_on(fact)) {
            found.push(host.mismatch(format!("no file sets `{name}` to 1")));
        }
    }
}
