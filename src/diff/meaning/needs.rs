//! What hosts need: the ways in which it is provided, and what it is about.

use std::collections::BTreeSet;

use super::hosts::STAYS;
use super::{Draft, Drafts, Pair};
use crate::model::Need;
use crate::outline::{HostOutline, NeedOutline};

pub(super) fn compare(pair: &Pair<'_>, drafts: &mut Drafts) {
    for (old, new) in pair.both().filter(|(old, new)| old.role == new.role) {
        let needs: BTreeSet<Need> = old.needs.keys().chain(new.needs.keys()).copied().collect();
        for need in needs {
            match (old.needs.get(&need), new.needs.get(&need)) {
                (Some(before), Some(after)) => {
                    if before.by == after.by {
                        facts(before, after, new, drafts);
                    } else if old.target == new.target {
                        // Another target has other ways: that was told.
                        let text = format!(": {} → {}", before.by, after.by);
                        let draft = Draft::of_host(format!("{need} on "), text).traffic(STAYS);
                        drafts.of(draft, &new.name);
                    }
                }
                // What follows from the VIPs is told with them.
                _ if matches!(need, Need::ArpSuppression | Need::RealServerVip) => {}
                (None, Some(after)) => {
                    let draft =
                        Draft::of_host(format!("{need} on "), format!(": new, {}", after.by));
                    drafts.of(draft, &new.name);
                }
                (Some(_), None) => {
                    let draft = Draft::of_host(format!("{need} on "), ": gone");
                    drafts.of(draft.traffic(STAYS), &new.name);
                }
                (None, None) => {}
            }
        }
    }
}

fn facts(before: &NeedOutline, after: &NeedOutline, host: &HostOutline, drafts: &mut Drafts) {
    let names: BTreeSet<&String> = before.facts.keys().chain(after.facts.keys()).collect();
    for name in names {
        let (old, new) = (before.facts.get(name), after.facts.get(name));
        if old == new {
            continue;
        }
        let shown = |fact: Option<&String>| fact.map_or("none", String::as_str).to_owned();
        let draft =
            Draft::of_host(format!("{name} on "), format!(": {} → {}", shown(old), shown(new)));
        let draft = Draft { traffic: traffic(name, new).map(str::to_owned), ..draft };
        drafts.of(draft, &host.name);
    }
}

/// What another value does to traffic, beside what applying it does.
fn traffic(fact: &str, new: Option<&String>) -> Option<&'static str> {
    match fact {
        "export" => Some("what is mounted from the old one stops answering"),
        "clients of the export" => Some("whoever is not among them any more loses it"),
        // ipvsadm(8), `--set`: nothing takes it back.
        "timeouts (tcp, tcp_fin, udp)" if new.is_none() => {
            Some("the kernel keeps what it has until IPVS is loaded again")
        }
        _ => None,
    }
}
