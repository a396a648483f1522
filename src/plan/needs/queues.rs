//! `queues`: the queues of the network cards.

use serde::Serialize;

use crate::model::{Cluster, QueueCount};
use crate::plan::Detail;
use crate::resolve::HostView;

/// The queues of the network cards of a host.
#[derive(Debug, PartialEq, Eq, PartialOrd, Ord, Serialize)]
pub struct NicQueues {
    /// The names of the network cards, with a blank between them.
    pub nics: String,
    /// The number of queues of each card; 0 stands for one queue for each processor.
    pub queues: u16,
    /// Whether the kernel spreads the packets of a card that has fewer queues than the host has processors: `yes` or `no`.
    pub steering: &'static str,
}

impl NicQueues {
    pub(super) fn new(cluster: &Cluster, view: &HostView<'_>) -> Self {
        let queues = cluster.tuning_of(view.host).queues;
        let named = queues.into_iter().flat_map(|queues| &queues.interfaces);
        let mut nics: Vec<String> = named.map(|nic| nic.value.to_string()).collect();
        if nics.is_empty() {
            nics.push(view.nic().name().to_string());
        }
        let count = queues.and_then(|queues| queues.count);
        let rps = queues.and_then(|queues| queues.rps).unwrap_or(true);
        Self {
            nics: nics.join(" "),
            queues: match count.unwrap_or(QueueCount::Auto) {
                QueueCount::Auto => 0,
                QueueCount::Number(count) => count,
            },
            steering: if rps { "yes" } else { "no" },
        }
    }

    pub(super) fn details(&self) -> Vec<Detail> {
        let (nics, steered) = (self.nics.clone(), self.steering == "yes");
        vec![Detail::Queues { nics, count: self.queues, steered }]
    }
}
