//! The failover of the directors.

use std::collections::BTreeMap;

use super::super::draft::DraftFailover;
use super::super::gather::Picture;
use super::super::rules;
use super::{Cx, instance};
use crate::diagnostic::{Finding, Report};
use crate::facts::Fact;
use crate::source::Span;
use crate::vrrp::Instance;

/// The failover that the instances of VRRP describe. The model has one virtual router for all VIPs.
pub(super) fn failover(cx: &Cx<'_>, report: &mut Report) -> Option<DraftFailover> {
    let mut instances = cx.tables.iter().flat_map(|(picture, _)| {
        picture
            .facts
            .iter()
            .filter_map(move |seen| Some((*picture, instance(&seen.fact)?, seen.span)))
    });
    let (_, first, _) = instances.next()?;
    for (picture, one, span) in instances {
        if one.virtual_router_id != first.virtual_router_id {
            let message = format!(
                "the model has one virtual router with the ID {}, and `{}` also has {}",
                first.virtual_router_id, picture.name, one.virtual_router_id
            );
            report.add(Finding::at(&rules::LOST, span, message));
        }
    }
    let instances = cx.pictures.iter().flat_map(|picture| {
        picture.facts.iter().filter_map(|seen| Some((instance(&seen.fact)?, seen.span)))
    });
    for (one, span) in instances {
        let settings = |one: &Instance| {
            (one.interval, one.preempts, one.password.is_some(), one.peers.is_empty())
        };
        if settings(one) != settings(first) {
            let message = "another instance has another interval, preemption, password or way of the advertisements";
            report.add(Finding::at(&rules::DISAGREE, span, message));
        }
    }
    let tracked = tracked(cx, report);
    let sync = cx.pictures.iter().flat_map(|picture| &picture.facts);
    Some(DraftFailover {
        tracked,
        virtual_router_id: first.virtual_router_id,
        interval: first.interval,
        preempts: first.preempts,
        unicast: !first.peers.is_empty(),
        password: cx
            .pictures
            .iter()
            .flat_map(|picture| &picture.facts)
            .any(|seen| instance(&seen.fact).is_some_and(|one| one.password.is_some())),
        sync: sync.clone().any(|seen| matches!(seen.fact, Fact::SyncDaemon { .. })),
    })
}

/// The NICs that the first director watches. keepalived watches the NIC of an instance anyway.
fn tracked(cx: &Cx<'_>, report: &mut Report) -> Vec<String> {
    let of_director = |picture: &Picture| -> BTreeMap<String, Span> {
        let facts = picture.facts.iter();
        let own: Vec<&str> = facts
            .clone()
            .filter_map(|seen| Some(instance(&seen.fact)?.interface.as_str()))
            .collect();
        let nics = facts.filter_map(|seen| match &seen.fact {
            Fact::TrackedNic(nic) if !own.contains(&nic.as_str()) => Some((nic.clone(), seen.span)),
            _ => None,
        });
        nics.collect()
    };
    let mut directors = cx.tables.iter().map(|(picture, _)| (*picture, of_director(picture)));
    let Some((first, nics)) = directors.next() else { return Vec::new() };
    for (other, of_other) in directors {
        let differ = nics
            .iter()
            .chain(&of_other)
            .find(|(nic, _)| nics.contains_key(*nic) != of_other.contains_key(*nic));
        if let Some((nic, span)) = differ {
            let message = format!(
                "`{}` and `{}` do not both watch `{nic}`: the model has one list",
                first.name, other.name
            );
            report.add(Finding::at(&rules::DISAGREE, *span, message));
        }
    }
    nics.into_keys().collect()
}
