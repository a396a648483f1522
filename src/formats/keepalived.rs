//! keepalived.conf(5): the virtual servers, their real servers, the VIPs of the VRRP instances, the timeouts.
//!
//! Takes a text; gives a [`Reading`]. [`mod@write`] takes data; gives a text. Defaults are those of keepalived 2.0 to 2.3 (`check/check_data.c`): the forwarding method
//! is NAT and the scheduler is `wlc` if the file names none. Health checks in forms that lvsgen does not write go to the rest.

mod blocks;
mod check;
mod expand;
mod files;
mod instance;
mod macros;
mod pieces;
mod policy;
mod real_server;
mod sequence;
mod version;
mod virtual_server;
pub mod write;

pub use expand::names;
pub use files::{File, Files, Wanted, includes};
pub use version::{Feature, Version};

use std::collections::BTreeMap;
use std::net::IpAddr;

use ipnet::IpNet;

use self::blocks::{Block, blocks};
use self::expand::expand;
use self::instance::instance;
use self::virtual_server::{Group, virtual_server};
use crate::facts::{Fact, InterfaceRef, Reading, RestKind, Span};
use crate::ipvs::{Family, Timeouts};

/// Blocks of the top level that set no address and no entry of the IPVS table.
const OTHER_BLOCKS: [&str; 10] = [
    "garp_group",
    "linkbeat_interfaces",
    "linkbeat_use_polling",
    "static_routes",
    "static_rules",
    "track_file",
    "vrrp_script",
    "vrrp_sync_group",
    "vrrp_track_file",
    "vrrp_track_process",
];

/// The begins of global settings that [`mod@write`] always sets to a value of its own.
const OWN_SETTINGS: [&str; 5] = [
    "enable_script_security",
    "max_auto_priority",
    "reload_check_config",
    "script_user",
    "vrrp_garp_",
];

/// Reads the file alone, on a host that conditions do not name.
pub fn read(text: &str) -> Reading {
    read_files(&Files::alone(text), None)
}

/// Reads the main file with the files that it includes. `id` is the configuration id that conditions such as `@lvs1` compare: the name of
/// the host up to its first dot. The bytes of the reading are those of all files, by their `start`.
pub fn read_files(files: &Files<'_>, id: Option<&str>) -> Reading {
    let mut reading = Reading::default();
    let lines = expand(files, id, &mut reading);
    let blocks = blocks(lines, &mut reading);
    read_blocks(&blocks, &mut reading);
    reading.own_once();
    reading
}

fn read_blocks(blocks: &[Block], reading: &mut Reading) {
    // A virtual server may name a group that stands after it.
    let mut groups = BTreeMap::new();
    for block in blocks.iter().filter(|block| block.keyword() == "virtual_server_group") {
        let name = block.arguments().first().copied().unwrap_or_default();
        groups.insert(name, Group::read(block, reading));
    }
    let version = vrrp_version(blocks);
    for block in blocks {
        match block.keyword() {
            "virtual_server_group" => {}
            "virtual_server" => virtual_server(block, &groups, reading),
            "vrrp_instance" => instance(block, version, reading),
            "global_defs" => global(block, reading),
            "static_ipaddress" => {
                frame(block, reading);
                addresses(block, None, &mut Vec::new(), reading);
            }
            token if OTHER_BLOCKS.contains(&token) => {
                let reason = "the block sets no address and no entry of the table";
                block.leave(RestKind::Lost, reason, reading);
            }
            _ => block.leave(RestKind::Unknown, "keepalived knows no such block", reading),
        }
    }
}

/// The version of VRRP of the instances that do not name their own: 2 if the file names none (`global_data.c`).
fn vrrp_version(blocks: &[Block]) -> u8 {
    let globals = blocks.iter().filter(|block| block.keyword() == "global_defs");
    let mut versions = globals.flat_map(|block| &block.inside).filter_map(|statement| {
        let value = statement.arguments().first().copied()?;
        (statement.keyword() == "vrrp_version").then(|| value.parse().ok())?
    });
    versions.next_back().unwrap_or(2)
}

/// The statement and the braces of a block whose statements are read one by one.
fn frame(block: &Block, reading: &mut Reading) {
    for span in block.spans() {
        reading.leave(RestKind::Unused, span, "the frame of a block");
    }
}

/// Puts a value into its place. `false`: there is no value, and the place keeps its old one.
fn put<T>(place: &mut Option<T>, value: Option<T>) -> bool {
    let valid = value.is_some();
    *place = value.or(place.take());
    valid
}

fn global(block: &Block, reading: &mut Reading) {
    frame(block, reading);
    for statement in &block.inside {
        if let ("lvs_sync_daemon", [interface, instance, "id", id]) =
            (statement.keyword(), statement.arguments().as_slice())
            && let (Ok(id), true) = (id.parse(), statement.is_line())
        {
            let (interface, instance) = ((*interface).to_owned(), (*instance).to_owned());
            reading.fact(Fact::SyncDaemon { interface, instance, id }, statement.span());
            continue;
        }
        if statement.keyword() == "router_id" {
            statement.leave(RestKind::Unused, "the name of the host", reading);
            continue;
        }
        if statement.keyword() == "vrrp_version" {
            statement.leave(RestKind::Unused, "the version of every instance", reading);
            continue;
        }
        match (statement.keyword(), timeouts(&statement.arguments())) {
            ("lvs_timeouts", Some(timeouts)) => {
                reading.fact(Fact::Timeouts(timeouts), statement.span());
            }
            ("lvs_timeouts", None) => {
                let reason = "the timeouts are written as `tcp N tcpfin N udp N`";
                statement.leave(RestKind::Refused, reason, reading);
            }
            (keyword, _) if OWN_SETTINGS.iter().any(|one| keyword.starts_with(one)) => {
                statement.leave(RestKind::Unused, "lvsgen decides this setting", reading);
            }
            _ => statement.leave(RestKind::Lost, "lvsgen does not read this setting", reading),
        }
    }
}

/// Reads `tcp 900 tcpfin 60 udp 300`, with the three parts in any order. A part that is missing keeps the kernel's value.
fn timeouts(tokens: &[&str]) -> Option<Timeouts> {
    let mut timeouts = Timeouts { tcp: 0, tcp_fin: 0, udp: 0 };
    for pair in tokens.chunks(2) {
        let [name, value] = pair else { return None };
        let value = value.parse().ok()?;
        match *name {
            "tcp" => timeouts.tcp = value,
            "tcpfin" => timeouts.tcp_fin = value,
            "udp" => timeouts.udp = value,
            _ => return None,
        }
    }
    Some(timeouts)
}

/// Reads lines such as `192.0.2.1/32 dev ens33 label ens33:0`.
fn addresses(block: &Block, nic: Option<&str>, shared: &mut Vec<Span>, reading: &mut Reading) {
    for statement in &block.inside {
        let options = statement.arguments();
        let dev = options.iter().position(|token| *token == "dev");
        let dev = dev.and_then(|at| options.get(at + 1).copied()).or(nic);
        match (net(statement.keyword()), dev) {
            (Some(net), Some(interface)) if statement.inside.is_empty() => {
                let fact = Fact::Address { interface: InterfaceRef::name(interface), net };
                reading.fact_on(fact, statement.spans(), shared);
            }
            (None, _) => {
                statement.leave(RestKind::Refused, "the address is not valid", reading);
            }
            _ => statement.leave(RestKind::Refused, "the address has no interface", reading),
        }
    }
}

/// An address. Without a prefix length, keepalived takes the single address.
fn net(text: &str) -> Option<IpNet> {
    let single = |address: IpAddr| IpNet::new(address, Family::of(address).host_prefix()).ok();
    text.parse().ok().or_else(|| single(text.parse().ok()?))
}

#[cfg(test)]
mod tests;
