//! The cluster as a Mermaid flowchart, which code hosts draw in Markdown.

use super::View;
use crate::model::Role;

/// Prints the flowchart. Every text is a name or an address of a closed alphabet, so that no letter needs an escape.
pub fn write(view: &View<'_>) -> String {
    let mut text = "flowchart LR\n  clients((clients))\n".to_owned();
    for (at, host) in view.with(Role::Director).enumerate() {
        text += &format!("  d{at}[\"director {}\"]\n  clients --> d{at}\n", host.name);
    }
    let directors = view.with(Role::Director).count();
    let mut known: Vec<String> = Vec::new();
    for (at, service) in view.services.iter().enumerate() {
        let packets = service.packets().join("<br/>");
        text += &format!("  s{at}[\"{}<br/>{packets}<br/>{}\"]\n", service.name, service.options());
        text += &(0..directors).map(|one| format!("  d{one} --> s{at}\n")).collect::<String>();
        for servers in &service.servers {
            let name = servers.name();
            let number = known.iter().position(|one| *one == name).unwrap_or_else(|| {
                text += &format!("  r{}[\"{name}<br/>{}\"]\n", known.len(), servers.address());
                known.push(name);
                known.len() - 1
            });
            text += &format!("  s{at} -->|\"{}\"| r{number}\n", servers.settings());
        }
    }
    for host in view.with(Role::NfsServer) {
        text += &format!("  nfs[(\"NFS server {}\")]\n", host.name);
        text += &(0..known.len()).map(|one| format!("  r{one} --- nfs\n")).collect::<String>();
    }
    text
}
