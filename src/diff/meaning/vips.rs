//! VIPs that come, go, or are on other hosts.

use std::collections::BTreeMap;

use super::hosts::STAYS;
use super::{Draft, Drafts, Pair};
use crate::diff::spans;
use crate::outline::{HostOutline, Outline};

pub(super) fn compare(pair: &Pair<'_>, drafts: &mut Drafts) {
    let (old, new) = (places(pair.old), places(pair.new));
    for (vip, hosts) in &new {
        if !old.contains_key(vip) {
            drafts.say(Draft::new(format!("VIP {vip} added: {}", told(hosts, "on"))));
        }
    }
    for (vip, hosts) in &old {
        if !new.contains_key(vip) {
            let text = format!("VIP {vip} removed: {}", told(hosts, "from"));
            drafts.say(Draft::new(text).traffic(format!("its connections end, and {STAYS}")));
        }
    }
    for (before, after) in pair.both() {
        let kept = |vip: &&String| old.contains_key(vip.as_str()) && new.contains_key(vip.as_str());
        for (vip, on) in after.vips.iter().filter(|(vip, _)| kept(vip)) {
            let draft = match before.vips.get(vip) {
                None => Draft::of_host(format!("VIP {vip}: also on "), format!(" ({on})")),
                // Another number of a label is nobody's business.
                Some(was) if interface(was) != interface(on) => {
                    Draft::of_host(format!("VIP {vip} on "), format!(": {was} → {on}"))
                }
                Some(_) => continue,
            };
            drafts.of(draft, &after.name);
        }
        for (vip, on) in before.vips.iter().filter(|(vip, _)| kept(vip)) {
            if !after.vips.contains_key(vip) {
                let draft = Draft::of_host(format!("VIP {vip}: no longer on "), format!(" ({on})"));
                drafts.of(draft.traffic(STAYS), &after.name);
            }
        }
    }
}

/// The interface of a label.
fn interface(place: &str) -> &str {
    place.split(':').next().unwrap_or(place)
}

/// Each VIP with the hosts that carry it, in their order.
fn places(outline: &Outline) -> BTreeMap<&str, Vec<(&HostOutline, &str)>> {
    let mut places: BTreeMap<&str, Vec<_>> = BTreeMap::new();
    for host in &outline.hosts {
        for (vip, on) in &host.vips {
            places.entry(vip).or_default().push((host, on.as_str()));
        }
    }
    places
}

/// `on lvs1 (ens33:1), on web1, web2 (lo:1)`.
fn told(hosts: &[(&HostOutline, &str)], word: &str) -> String {
    let mut by_place: Vec<(&str, Vec<&str>)> = Vec::new();
    for (host, on) in hosts {
        match by_place.iter_mut().find(|(place, _)| place == on) {
            Some((_, names)) => names.push(host.name.as_str()),
            None => by_place.push((on, vec![host.name.as_str()])),
        }
    }
    let each =
        by_place.into_iter().map(|(on, names)| format!("{word} {} ({on})", spans::name(names)));
    each.collect::<Vec<_>>().join(", ")
}
