//! The IPVS table is the model's: its services, each with its real servers, by direct routing and
//! with their weights; and the firewall's marks are those of the table.

use std::collections::BTreeMap;
use std::net::{IpAddr, SocketAddr};

use super::read::{Fact, Selector};
use super::{At, Broken, Host};
use crate::check::Checked;
use crate::model::{Endpoint, Need, Vip, VirtualService};
use crate::survey::ServiceView;

pub(super) fn hold(checked: &Checked<'_>, host: &Host<'_>, broken: &mut Vec<Broken>) {
    if host.tells(Need::IpvsRules) {
        table(checked, host, broken);
    }
    if host.tells(Need::FirewallMarks) {
        marks(checked, host, broken);
    }
}

fn selector(service: &VirtualService, vip: Vip) -> Selector {
    match &service.endpoint {
        Endpoint::Port(port) => {
            Selector::Socket(service.protocol(), SocketAddr::new(vip.0, port.value))
        }
        Endpoint::Fwmark { mark, .. } => Selector::Mark(mark.value, vip.family()),
    }
}

/// The real servers of one entry of the table: address and weight.
type Servers = BTreeMap<IpAddr, u16>;

fn servers(view: &ServiceView<'_>, vip: Vip) -> Servers {
    let with_weights = view.real_servers.iter().zip(view.weights());
    let each = with_weights
        .filter_map(|((host, _), weight)| Some((host.address(vip.family())?.0, weight)));
    each.collect()
}

fn table(checked: &Checked<'_>, host: &Host<'_>, broken: &mut Vec<Broken>) {
    let mut wanted: BTreeMap<Selector, (&VirtualService, Servers)> = BTreeMap::new();
    for view in &checked.survey().services {
        for vip in view.service.vip.iter() {
            let entry = (view.service, servers(view, vip.value));
            wanted.insert(selector(view.service, vip.value), entry);
        }
    }
    let mut seen: BTreeMap<Selector, Option<At<'_>>> =
        wanted.keys().map(|key| (*key, None)).collect();
    for (at, fact) in host.facts() {
        match fact {
            Fact::Service { selector, scheduler } => match wanted.get(selector) {
                Some((service, _)) if *scheduler == service.scheduler() => {
                    seen.insert(*selector, Some(at));
                }
                Some((service, _)) => {
                    let why = format!("the scheduler of `{}` is `{scheduler}`", service.name.value);
                    broken.push(host.broken_at(at, why));
                }
                None => broken.push(host.broken_at(at, "no service of the model is this".into())),
            },
            Fact::Destination { selector, destination, direct, weight } => {
                let why = destination_fault(&mut wanted, selector, *destination, *direct, *weight);
                broken.extend(why.map(|why| host.broken_at(at, why)));
            }
            _ => {}
        }
    }
    for (selector, (service, left)) in &wanted {
        let name = &service.name.value;
        let told = seen.get(selector).copied().flatten();
        let why = match (told, left.keys().next()) {
            (None, _) => format!("no file has the service `{name}`"),
            (Some(_), Some(address)) => {
                format!("the service `{name}` lacks the real server {address}")
            }
            (Some(_), None) => continue,
        };
        broken.push(
            told.map_or_else(|| host.broken(why.clone()), |at| host.broken_at(at, why.clone())),
        );
    }
}

/// Takes a destination out of what is wanted, or says what is wrong with it.
fn destination_fault(
    wanted: &mut BTreeMap<Selector, (&VirtualService, Servers)>,
    selector: &Selector,
    destination: SocketAddr,
    direct: bool,
    weight: u16,
) -> Option<String> {
    let Some((service, servers)) = wanted.get_mut(selector) else {
        return Some("no service of the model is this".into());
    };
    let name = &service.name.value;
    let port = match selector {
        Selector::Socket(_, socket) => socket.port(),
        Selector::Mark(..) => 0,
    };
    match servers.remove(&destination.ip()) {
        None => Some(format!(
            "{} is no real server of `{name}`, or stands here twice",
            destination.ip()
        )),
        Some(_) if !direct => {
            Some(format!("{} is not reached by direct routing", destination.ip()))
        }
        Some(_) if destination.port() != port => {
            Some(format!("direct routing keeps the port {port} of `{name}`"))
        }
        Some(own) if own != weight => Some(format!("the weight of {} is {own}", destination.ip())),
        Some(_) => None,
    }
}

fn marks(checked: &Checked<'_>, host: &Host<'_>, broken: &mut Vec<Broken>) {
    for service in &checked.cluster().virtual_services {
        let Endpoint::Fwmark { mark, .. } = &service.endpoint else { continue };
        for vip in service.vip.iter() {
            let marked = host.facts().any(|(_, fact)| {
                matches!(fact, Fact::Mark { vip: one, mark: value } if *one == vip.0 && *value == mark.value)
            });
            if !marked {
                let why = format!("nothing marks the packets to {} with {}", vip.value, mark.value);
                broken.push(host.broken(why));
            }
        }
    }
}
