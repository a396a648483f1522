//! VIPs that are added, removed, or moved to other hosts.

use std::collections::BTreeMap;
use std::net::IpAddr;

use super::hosts::UNDONE;
use super::{Draft, Drafts, Pair};
use crate::ranges;
use crate::summary::{HostSummary, Summary, VipPlace};

pub(super) fn compare(pair: &Pair<'_>, drafts: &mut Drafts) {
    let (old, new) = (places(pair.old), places(pair.new));
    for (vip, hosts) in &new {
        if !old.contains_key(vip) {
            drafts.say(Draft::new(format!("VIP {vip} added: {}", shown(hosts, "on"))));
        }
    }
    for (vip, hosts) in &old {
        if !new.contains_key(vip) {
            let text = format!("VIP {vip} removed: {}", shown(hosts, "from"));
            drafts.say(Draft::new(text).traffic(format!("its connections end, and {UNDONE}")));
        }
    }
    for (before, after) in pair.both() {
        let kept = |place: &&VipPlace| old.contains_key(&place.vip) && new.contains_key(&place.vip);
        for place in after.vips.iter().filter(kept) {
            let (vip, on) = (place.vip, place.shown());
            // A host with two roles has the same VIP in two places.
            let same = |was: &&VipPlace| was.vip == vip && was.interface == place.interface;
            let was = before.vips.iter().find(same);
            let draft = match was.or_else(|| before.vips.iter().find(|was| was.vip == vip)) {
                None => Draft::of_host(format!("VIP {vip}: also on "), format!(" ({on})")),
                // A label with another number does not affect traffic.
                Some(was) if was.interface != place.interface => {
                    let was = was.shown();
                    Draft::of_host(format!("VIP {vip} on "), format!(": {was} → {on}"))
                }
                Some(_) => continue,
            };
            drafts.of(draft, &after.name);
        }
        for place in before.vips.iter().filter(kept) {
            let (vip, on) = (place.vip, place.shown());
            if !after.vips.iter().any(|now| now.vip == vip) {
                let draft = Draft::of_host(format!("VIP {vip}: no longer on "), format!(" ({on})"));
                drafts.of(draft.traffic(UNDONE), &after.name);
            }
        }
    }
}

/// Each VIP with the hosts that carry the VIP, in the order of the summary.
fn places(summary: &Summary) -> BTreeMap<IpAddr, Vec<(&HostSummary, &str)>> {
    let mut places: BTreeMap<IpAddr, Vec<_>> = BTreeMap::new();
    for host in &summary.hosts {
        for place in &host.vips {
            places.entry(place.vip).or_default().push((host, place.shown()));
        }
    }
    places
}

/// `on lvs1 (ens33:1), on web1, web2 (lo:1)`.
fn shown(hosts: &[(&HostSummary, &str)], word: &str) -> String {
    let mut by_place: Vec<(&str, Vec<&str>)> = Vec::new();
    for (host, on) in hosts {
        match by_place.iter_mut().find(|(place, _)| place == on) {
            Some((_, names)) => names.push(host.name.as_str()),
            None => by_place.push((on, vec![host.name.as_str()])),
        }
    }
    let each =
        by_place.into_iter().map(|(on, names)| format!("{word} {} ({on})", ranges::briefly(names)));
    each.collect::<Vec<_>>().join(", ")
}
