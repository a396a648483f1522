//! The hosts that left the model since the last render.
//!
//! Takes the summary in the rendered directory, and the model; gives a note with the line to add to the model.

use std::collections::BTreeSet;
use std::path::Path;

use crate::delivery::summary;
use crate::model::Cluster;
use crate::summary::{HostSummary, Summary};

/// The summary of the last render of this cluster into the directory, if there is one.
pub(super) fn summary(directory: &Path, cluster: &Cluster) -> Option<Summary> {
    let text = std::fs::read_to_string(directory.join(summary::PATH)).ok()?;
    // `diff` and the comparison of the directory report a summary that lvsgen cannot read.
    Summary::parse(&text).ok().filter(|old| old.cluster == cluster.name.value)
}

/// Gives the note about the hosts of the last render. None if no host left, or if there was no such render.
pub(super) fn note(old: Option<&Summary>, cluster: &Cluster) -> Option<String> {
    let old = old?;
    let names = cluster.hosts().map(|host| &host.name.value);
    let names: BTreeSet<_> =
        names.chain(cluster.retired.iter().map(|host| &host.name.value)).collect();
    // A host with another name and its old address only got another name.
    let addresses: BTreeSet<_> =
        cluster.hosts().flat_map(|host| host.addresses()).map(|address| address.0).collect();
    let stays = |host: &&HostSummary| {
        names.contains(&host.name) || host.addresses.iter().any(|one| addresses.contains(&one.0))
    };
    let left: Vec<_> = old.hosts.iter().filter(|host| !stays(host)).collect();
    let lines = left.iter().map(|host| {
        let address = host.management_address.as_ref().or(host.addresses.first());
        let address = address.expect("every host has an address");
        format!("\n  - {{ name: {}, address: \"{address}\" }}", host.name)
    });
    let (count, lines) = (left.len(), lines.collect::<String>());
    let hosts = if count == 1 { "1 host" } else { &format!("{count} hosts") };
    (count > 0).then(|| {
        format!(
            "note: {hosts} left the model, but the files and VIPs stay there; to undo them with the next rollout, add to the \
             model:\nretired:{lines}"
        )
    })
}
