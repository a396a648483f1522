//! The distinct jobs of a plan. If a mechanism has the same values on several hosts, lvsgen renders it only once.

use std::collections::BTreeMap;

use super::ProvisionId;
use crate::plan::{Plan, Values};
use crate::profile::MechanismId;

/// The index of a host in the plan, and the index of one of its mechanisms.
pub(super) type JobId = (usize, usize);

/// The jobs of all hosts.
pub(super) struct Jobs {
    /// The first job of each slot. A slot is a group of jobs that have the same mechanism with the same values.
    pub(super) first: Vec<JobId>,
    /// For each host, the slots of its mechanisms.
    slots: Vec<Vec<usize>>,
}

/// The identity of a mechanism, and the values of its needs. The identity also identifies the mechanism's profile.
type Key<'p> = (MechanismId, Vec<&'p Values<'p>>);

impl Jobs {
    pub(super) fn new(plan: &Plan<'_>) -> Self {
        let mut first = Vec::new();
        let mut known: BTreeMap<Key<'_>, usize> = BTreeMap::new();
        let mut slots = Vec::with_capacity(plan.hosts.len());
        for (host_at, host) in plan.hosts.iter().enumerate() {
            let mut own = Vec::with_capacity(host.mechanisms.len());
            for (at, mechanism) in host.mechanisms.iter().enumerate() {
                let values: Vec<&Values<'_>> =
                    host.of(mechanism).map(|need| &need.values).collect();
                let next = first.len();
                let slot = match values.iter().any(|values| values.name_their_host()) {
                    true => next,
                    false => *known.entry((mechanism.mechanism.id, values)).or_insert(next),
                };
                if slot == next {
                    first.push((host_at, at));
                }
                own.push(slot);
            }
            slots.push(own);
        }
        Self { first, slots }
    }

    /// The jobs that lvsgen must render in addition to the first job of each slot. `own` is true for a slot whose
    /// jobs cannot share one provision.
    pub(super) fn others(&self, own: impl Fn(usize) -> bool) -> Vec<JobId> {
        let mut jobs = Vec::new();
        for (host, slots) in self.slots.iter().enumerate() {
            for (at, slot) in slots.iter().enumerate() {
                if own(*slot) && self.first[*slot] != (host, at) {
                    jobs.push((host, at));
                }
            }
        }
        jobs
    }

    /// The provisions of each host. For each slot of a host, the result contains the shared provision of the slot, or
    /// the provision that was rendered only for this host.
    pub(super) fn provisions(
        &self,
        own: &[bool],
        again: &BTreeMap<JobId, ProvisionId>,
    ) -> Vec<Vec<ProvisionId>> {
        let hosts = self.slots.iter().enumerate().map(|(host, slots)| {
            let ids = slots.iter().enumerate().map(|(at, slot)| match again.get(&(host, at)) {
                Some(id) if own[*slot] => *id,
                _ => ProvisionId(*slot),
            });
            ids.collect()
        });
        hosts.collect()
    }
}
