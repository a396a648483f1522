//! `queues`: the queues of the network cards.

use serde::Serialize;

use crate::model::QueueCount;
use crate::plan::Detail;
use crate::resolve::HostView;

/// The queues of the network cards of a host.
#[derive(Debug, PartialEq, Eq, PartialOrd, Ord, Serialize)]
pub struct NicQueues {
    /// The names of the network cards, with a blank between them.
    pub nics: String,
    /// The number of queues of each card; 0 stands for one queue for each processor.
    pub queues: u16,
    /// Whether the kernel spreads the packets of a card that has fewer queues than the host has processors.
    pub steered: bool,
}

impl NicQueues {
    pub(super) fn new(view: &HostView<'_>) -> Self {
        let queues = view.tuning.queues;
        let named = queues.into_iter().flat_map(|queues| &queues.interfaces);
        let mut nics: Vec<&str> = named.map(|nic| nic.value.as_str()).collect();
        if nics.is_empty() {
            nics = view.nic_names();
        }
        let count = queues.and_then(|queues| queues.count);
        Self {
            nics: nics.join(" "),
            queues: match count.unwrap_or(QueueCount::Auto) {
                QueueCount::Auto => 0,
                QueueCount::Number(count) => count,
            },
            steered: queues.and_then(|queues| queues.rps).unwrap_or(true),
        }
    }

    pub(super) fn details(&self) -> Vec<Detail> {
        let nics = self.nics.clone();
        vec![Detail::Queues { nics, count: self.queues, steered: self.steered }]
    }
}
