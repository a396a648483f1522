//! Each VIP is on its directors' NIC and on `lo` of its real servers, as a single address, and
//! nowhere else.

use std::collections::BTreeSet;

use super::read::Fact;
use super::{Broken, Host};
use crate::check::Checked;
use crate::model::{Need, Role, Vip};

pub(super) fn hold(checked: &Checked<'_>, host: &Host<'_>, broken: &mut Vec<Broken>) {
    let interface = match host.view.host.role {
        Role::Director => host.view.interface.as_str(),
        Role::RealServer | Role::NfsServer => "lo",
    };
    let mut missing: BTreeSet<Vip> = host.view.vips.iter().copied().collect();
    let own = host.view.host.address.iter().map(|address| address.0);
    let own: Vec<_> = own.collect();
    for (at, fact) in host.facts() {
        let Fact::Address { interface: on, net } = fact else { continue };
        let vip = Vip(net.addr());
        if host.view.vips.contains(&vip) {
            missing.remove(&vip);
            if net.prefix_len() != net.max_prefix_len() {
                let why = format!("the VIP {vip} has the prefix length {}", net.prefix_len());
                broken.push(host.broken_at(at, why));
            }
            if on != interface {
                let why = format!("the VIP {vip} is on `{on}` and belongs on `{interface}`");
                broken.push(host.broken_at(at, why));
            }
        } else if !(own.contains(&net.addr()) || on == "lo" && net.addr().is_loopback()) {
            let foreign = checked.cluster().vips().any(|one| one.value == vip);
            let what = if foreign { "a VIP of others" } else { "neither a VIP nor its own" };
            broken.push(host.broken_at(at, format!("the address {net} is {what}")));
        }
    }
    let need = match host.view.host.role {
        Role::Director => Need::DirectorVip,
        Role::RealServer | Role::NfsServer => Need::RealServerVip,
    };
    for vip in missing.into_iter().filter(|_| host.tells(need)) {
        broken.push(host.broken(format!("no file puts the VIP {vip} on `{interface}`")));
    }
}
