//! The shared storage.

use super::super::draft::{Answer, DraftNfs};
use super::super::rules;
use super::Cx;
use super::hosts::{Hosts, host, plain};
use super::network::Network;
use crate::diagnostic::{Finding, Report};
use crate::facts::Fact;

/// The export that the real servers mount.
pub(super) fn storage(
    cx: &Cx<'_>,
    network: &Network,
    hosts: &Hosts,
    report: &mut Report,
) -> Option<DraftNfs> {
    let mounts = cx.answering().flat_map(|picture| &picture.facts);
    let mut mounts = mounts.filter_map(|seen| match &seen.fact {
        Fact::Mount { address, directory, at } => Some((*address, directory, at, seen.span)),
        _ => None,
    });
    let (address, directory, at, span) = mounts.next()?;
    for (other, shared, place, span) in mounts {
        if (other, shared, place) != (address, directory, at) {
            let message =
                format!("the model has one share, and this is another one: {shared} of {other}");
            report.add(Finding::at(&rules::LOST, span, message));
        }
    }
    let exporting = cx.pictures.iter().find(|picture| picture.has(address));
    let name = match (exporting, hosts.name(address)) {
        (Some(picture), _) => picture.name.clone(),
        (None, Some(name)) => name.to_owned(),
        (None, None) => {
            let message =
                format!("the NFS server at {address} is called `nfs1`: its files were not given");
            report.add(Finding::at(&rules::GUESSED, span, message));
            "nfs1".to_owned()
        }
    };
    let server = match exporting {
        Some(picture) => host(cx, picture, "nfs", network),
        None => plain(name, address),
    };
    Some(DraftNfs { server, export: directory.clone(), mount: Answer::Read(at.clone()) })
}
