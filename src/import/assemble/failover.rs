//! The failover of the directors.

use super::super::draft::DraftFailover;
use super::super::rules;
use super::{Cx, instance};
use crate::diagnostic::{Finding, Report};
use crate::facts::Fact;

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
    let sync = cx.pictures.iter().flat_map(|picture| &picture.facts);
    Some(DraftFailover {
        virtual_router_id: first.virtual_router_id,
        interval: first.interval,
        preempts: first.preempts,
        unicast: !first.peers.is_empty(),
        password: first.password.is_some(),
        sync: sync.clone().any(|seen| matches!(seen.fact, Fact::SyncDaemon { .. })),
    })
}
