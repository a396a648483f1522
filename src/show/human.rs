//! The cluster as tables of text.

use super::View;
use crate::ranges::{listed, runs};
use crate::resolve::role_names;
use crate::summary::HostSummary;

/// Prints the services, the hosts and the mechanisms.
pub fn write(view: &View<'_>) -> String {
    let summary = view.summary;
    let mut text = format!(
        "cluster {}: {}, {}\n",
        summary.cluster,
        counted(summary.hosts.len(), "host"),
        counted(view.services.len(), "service")
    );
    for service in &view.services {
        text += &format!("\n{}  {}\n", service.name, service.options());
        text += &service.packets().iter().map(|one| format!("  {one}\n")).collect::<String>();
        let rows =
            service.servers.iter().map(|one| vec![one.name(), one.address(), one.settings()]);
        text += &indented(&columns(&rows.collect::<Vec<_>>()), 4);
    }
    let mut rows = vec![["host", "roles", "target", "address", "VIPs"].map(str::to_owned).to_vec()];
    let hosts: Vec<&HostSummary> = summary.hosts.iter().collect();
    let equal = |one: &&HostSummary, other: &&HostSummary| {
        one.roles == other.roles && one.target == other.target && one.vips == other.vips
    };
    rows.extend(runs(&hosts, |host| host.name.as_str(), equal).into_iter().map(host_row));
    text += &format!("\n{}", columns(&rows));
    let mut rows = vec![["need", "mechanism", "hosts"].map(str::to_owned).to_vec()];
    rows.extend(view.mechanisms().into_iter().map(|((need, mechanism), hosts)| {
        vec![need.to_string(), mechanism.to_string(), listed(&hosts)]
    }));
    text += &format!("\n{}", columns(&rows));
    if !summary.retired.is_empty() {
        let names: Vec<&str> = summary.retired.iter().map(|name| name.as_str()).collect();
        text += &format!("\nretired: {}\n", listed(&names));
    }
    text
}

fn host_row(run: &[&HostSummary]) -> Vec<String> {
    let names: Vec<&str> = run.iter().map(|host| host.name.as_str()).collect();
    let (Some(first), Some(last)) = (run.first(), run.last()) else { return Vec::new() };
    let addresses = |host: &HostSummary| {
        host.addresses.iter().map(ToString::to_string).collect::<Vec<_>>().join(", ")
    };
    let address = match run.len() {
        1 => addresses(first),
        _ => format!("{} … {}", addresses(first), addresses(last)),
    };
    vec![listed(&names), role_names(&first.roles), first.target.to_string(), address, vips(first)]
}

/// The VIPs of a host. Of many VIPs on one NIC, the text has the first one and the number of the others.
fn vips(host: &HostSummary) -> String {
    match host.vips.as_slice() {
        [] => String::new(),
        [first, rest @ ..] if rest.len() > 2 => {
            format!("{} on {} and {} more", first.vip, first.shown(), rest.len())
        }
        few => {
            let each = few.iter().map(|one| format!("{} on {}", one.vip, one.shown()));
            each.collect::<Vec<_>>().join(", ")
        }
    }
}

fn counted(number: usize, noun: &str) -> String {
    let plural = if number == 1 { "" } else { "s" };
    format!("{number} {noun}{plural}")
}

/// Rows of cells, with the cells of a column below each other.
fn columns(rows: &[Vec<String>]) -> String {
    let most = rows.iter().map(Vec::len).max().unwrap_or(0);
    let width = |column: usize| {
        rows.iter().filter_map(|row| row.get(column)).map(|cell| cell.chars().count()).max()
    };
    let widths: Vec<usize> = (0..most).map(|column| width(column).unwrap_or(0)).collect();
    let mut text = String::new();
    for row in rows {
        let cells = row.iter().zip(&widths).map(|(cell, width)| format!("{cell:width$}"));
        text += cells.collect::<Vec<_>>().join("  ").trim_end();
        text.push('\n');
    }
    text
}

fn indented(text: &str, by: usize) -> String {
    text.lines().map(|line| format!("{:by$}{line}\n", "")).collect()
}
