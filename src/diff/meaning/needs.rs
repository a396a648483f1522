//! The needs of hosts: their mechanisms, and their details.

use std::collections::BTreeSet;

use super::hosts::UNDONE;
use super::{Draft, Drafts, Pair, english};
use crate::model::Need;
use crate::plan::Detail;
use crate::summary::{HostSummary, NeedSummary};

pub(super) fn compare(pair: &Pair<'_>, drafts: &mut Drafts) {
    for (old, new) in pair.both().filter(|(old, new)| old.roles == new.roles) {
        let needs: BTreeSet<Need> = old.needs.keys().chain(new.needs.keys()).copied().collect();
        for need in needs {
            match (old.needs.get(&need), new.needs.get(&need)) {
                (Some(before), Some(after)) => {
                    if before.by == after.by {
                        details(before, after, new, drafts);
                    } else if old.target == new.target {
                        // A host with another target usually has other mechanisms. `hosts` reports the target.
                        let text = format!(": {} → {}", before.by, after.by);
                        let draft = Draft::of_host(format!("{need} on "), text).traffic(UNDONE);
                        drafts.of(draft, &new.name);
                    }
                }
                // These needs follow from the VIPs. `vips` compares the VIPs.
                _ if matches!(need, Need::KernelSettings | Need::RealServerVip) => {}
                (None, Some(after)) => {
                    let draft =
                        Draft::of_host(format!("{need} on "), format!(": new, {}", after.by));
                    drafts.of(draft, &new.name);
                }
                (Some(_), None) => {
                    let draft = Draft::of_host(format!("{need} on "), ": gone");
                    drafts.of(draft.traffic(UNDONE), &new.name);
                }
                (None, None) => {}
            }
        }
    }
}

fn details(before: &NeedSummary, after: &NeedSummary, host: &HostSummary, drafts: &mut Drafts) {
    let named = |need: &NeedSummary| -> Vec<(String, String, Detail)> {
        let details = need.details.iter().map(|detail| {
            let (name, value) = english::detail(detail);
            (name, value, detail.clone())
        });
        details.collect()
    };
    let (old, new) = (named(before), named(after));
    let names: BTreeSet<&String> = old.iter().chain(&new).map(|(name, ..)| name).collect();
    for name in names {
        let find = |list: &[(String, String, Detail)]| {
            let found = list.iter().find(|(one, ..)| one == name);
            found.map(|(_, value, detail)| (value.clone(), detail.clone()))
        };
        let (old, new) = (find(&old), find(&new));
        if old == new {
            continue;
        }
        let shown = |found: &Option<(String, Detail)>| {
            found.as_ref().map_or("none", |(value, _)| value.as_str()).to_owned()
        };
        let text = format!(": {} → {}", shown(&old), shown(&new));
        let of =
            |found: &'_ Option<(String, Detail)>| found.as_ref().map(|(_, detail)| detail.clone());
        let traffic = english::detail_traffic(of(&old).as_ref(), of(&new).as_ref());
        let draft = Draft::of_host(format!("{name} on "), text);
        let draft = Draft { traffic: traffic.map(str::to_owned), ..draft };
        drafts.of(draft, &host.name);
    }
}
