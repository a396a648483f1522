//! The failover of the directors.

use super::super::draft::DraftFailover;
use super::super::rules;
use super::{Cx, instance};
use crate::diagnostic::{Finding, Report};
use crate::facts::Fact;
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
    let sync = cx.pictures.iter().flat_map(|picture| &picture.facts);
    Some(DraftFailover {
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
