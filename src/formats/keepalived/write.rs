//! Writes keepalived.conf(5) from data.

mod check;

use std::fmt::Display;
use std::net::IpAddr;

use super::version::{Feature, Version};
use crate::health::{Check, CheckPath, Times};
use crate::ipvs::{Destination, Endpoint, Family, Forwarding, Service, Timeouts};
use crate::vrrp::{Instance, Password};

/// The contents of a file.
#[derive(Debug)]
pub struct Configuration<'a> {
    /// The name of the host.
    pub router_id: &'a str,
    /// The version of keepalived that reads the file.
    pub version: Version,
    /// The timeouts of the connection table.
    pub timeouts: Option<Timeouts>,
    /// The failover of the VIPs; `None` if keepalived only keeps the table.
    pub failover: Option<Failover<'a>>,
    /// The directory of the files that drain real servers; `None` if there are no such files.
    pub drain: Option<&'a str>,
    /// The services that only health checks use.
    pub check_services: Vec<CheckServer<'a>>,
    /// The services.
    pub services: Vec<VirtualServer<'a>>,
}

/// The failover of the VIPs.
#[derive(Debug)]
pub struct Failover<'a> {
    /// The name of the group in which all instances change together.
    pub group: &'a str,
    /// The file that makes a director give the VIPs away.
    pub maintenance: &'a str,
    /// The NIC on which the directors share their connections, if they share them.
    pub sync: Option<&'a str>,
    /// Other NICs that must be up.
    pub interfaces: Vec<&'a str>,
    /// A program whose failure makes a director give the VIPs away.
    pub script: Option<&'a str>,
    /// A program that runs at each change of the state.
    pub notify: Option<&'a str>,
    /// Each instance with its VIPs.
    pub instances: Vec<(&'a Instance, Vec<Vip<'a>>)>,
}

/// A VIP of an instance.
#[derive(Debug)]
pub struct Vip<'a> {
    /// The address.
    pub address: IpAddr,
    /// The NIC that carries the address.
    pub interface: &'a str,
    /// The label.
    pub label: Option<&'a str>,
}

/// A service with its real servers.
#[derive(Debug)]
pub struct VirtualServer<'a> {
    /// The name in the model, for the comment.
    pub name: &'a str,
    /// The entry of the table.
    pub service: &'a Service,
    /// How packets reach the sorry server, and the real servers without a way of their own.
    pub forwarding: Forwarding,
    /// The times of the checks that most real servers share.
    pub times: Option<Times>,
    /// Whether the real servers are in the table before their first check.
    pub starts_up: bool,
    /// Whether a failed check keeps the entry, with the weight 0.
    pub quiesces: bool,
    /// The smallest sum of weights with which the service works.
    pub quorum: Option<u32>,
    /// The sum of weights above the quorum that brings the service back.
    pub hysteresis: Option<u32>,
    /// The address of the server that answers while the quorum is lost.
    pub sorry_server: Option<IpAddr>,
    /// The real servers.
    pub real_servers: Vec<RealServer<'a>>,
}

/// A real server of a service.
#[derive(Debug)]
pub struct RealServer<'a> {
    /// The name of the host.
    pub host: &'a str,
    /// The entry of the table.
    pub destination: &'a Destination,
    /// The check.
    pub check: Option<&'a Check>,
    /// The way of the check through the table.
    pub check_path: Option<&'a CheckPath>,
}

/// A service that only the health checks of one real server use.
#[derive(Debug)]
pub struct CheckServer<'a> {
    /// The name of the host.
    pub host: &'a str,
    /// The entry of the service.
    pub service: &'a Service,
    /// The entry of the real server.
    pub destination: &'a Destination,
}

/// Lines with the indentation of their blocks.
#[derive(Default)]
struct Lines {
    text: String,
    depth: usize,
}

impl Lines {
    fn line(&mut self, line: impl Display) {
        self.text += &format!("{:1$}{line}\n", "", 4 * self.depth);
    }

    fn block(&mut self, head: impl Display, inside: impl FnOnce(&mut Self)) {
        self.line(format_args!("{head} {{"));
        self.depth += 1;
        inside(self);
        self.depth -= 1;
        self.line("}");
    }

    /// A line `KEYWORD VALUE`, if there is a value.
    fn value(&mut self, keyword: &str, value: Option<impl Display>) {
        if let Some(value) = value {
            self.line(format_args!("{keyword} {value}"));
        }
    }
}

/// Writes the file. The output has no comment at its top.
pub fn write(file: &Configuration<'_>) -> String {
    let mut lines = Lines::default();
    lines.block("global_defs", |lines| global(file, lines));
    if let Some(failover) = &file.failover {
        vrrp(failover, &mut lines);
    }
    if let Some(folder) = file.drain {
        drains(folder, file, &mut lines);
    }
    for server in &file.check_services {
        check_server(server, &mut lines);
    }
    for service in &file.services {
        virtual_server(service, file.drain.is_some(), &mut lines);
    }
    lines.text
}

fn global(file: &Configuration<'_>, lines: &mut Lines) {
    lines.line(format_args!("router_id {}", file.router_id));
    // Without these two lines, a program that another user can change would run as root.
    lines.line("enable_script_security");
    lines.line("script_user root");
    if file.version.has(Feature::ReloadCheckConfig) {
        lines.line("reload_check_config");
    }
    if file.version.has(Feature::MaxAutoPriority) {
        lines.line("max_auto_priority -1");
    }
    if file.failover.is_some() {
        lines.line("vrrp_version 3");
        // The refresh repairs switches and neighbours that missed the first announcements.
        lines.line("vrrp_garp_master_delay 5");
        lines.line("vrrp_garp_master_repeat 3");
        lines.line("vrrp_garp_master_refresh 60");
        lines.line("vrrp_garp_master_refresh_repeat 1");
    }
    let sync = file.failover.as_ref().and_then(|one| Some((one.sync?, one.instances.first()?)));
    // Bound to an instance, the master sends and the others only listen. Without it, every director does both.
    if let Some((nic, (instance, _))) = sync {
        let (name, id) = (&instance.name, instance.virtual_router_id);
        lines.line(format_args!("lvs_sync_daemon {nic} {name} id {id}"));
    }
    if let Some(Timeouts { tcp, tcp_fin, udp }) = file.timeouts {
        let parts = [("tcp", tcp), ("tcpfin", tcp_fin), ("udp", udp)];
        let parts = parts.iter().filter(|(_, seconds)| *seconds > 0);
        let parts: Vec<String> = parts.map(|(name, value)| format!("{name} {value}")).collect();
        lines.line(format_args!("lvs_timeouts {}", parts.join(" ")));
    }
}

fn vrrp(failover: &Failover<'_>, lines: &mut Lines) {
    let script = |lines: &mut Lines, name: &str, command: &str| {
        lines.block(format_args!("vrrp_script {name}"), |lines| {
            lines.line(format_args!("script \"{command}\""));
            lines.line("interval 2");
            lines.line("timeout 2");
            lines.line("fall 1");
            lines.line("rise 2");
        });
    };
    script(lines, "maintenance", &format!("/usr/bin/test ! -e {}", failover.maintenance));
    if let Some(path) = failover.script {
        script(lines, "track", path);
    }
    if failover.instances.len() > 1 {
        lines.block(format_args!("vrrp_sync_group {}", failover.group), |lines| {
            lines.block("group", |lines| {
                failover.instances.iter().for_each(|(instance, _)| lines.line(&instance.name));
            });
        });
    }
    for (instance, vips) in &failover.instances {
        let head = format!("vrrp_instance {}", instance.name);
        lines.block(head, |lines| vrrp_instance(failover, instance, vips, lines));
    }
}

fn vrrp_instance(failover: &Failover<'_>, one: &Instance, vips: &[Vip<'_>], lines: &mut Lines) {
    lines.line("state BACKUP");
    if !one.preempts {
        lines.line("nopreempt");
    }
    lines.line(format_args!("interface {}", one.interface));
    lines.line(format_args!("virtual_router_id {}", one.virtual_router_id));
    lines.line(format_args!("priority {}", one.priority));
    lines.line(format_args!("advert_int {}", one.interval));
    if let Some(Password::Secret(name)) = &one.password {
        lines.line(format_args!("version {}", one.version));
        lines.block("authentication", |lines| {
            lines.line("auth_type PASS");
            lines.line(format_args!("auth_pass {}", name.placeholder()));
        });
    }
    let keyword = if one.peers.is_empty() { "mcast_src_ip" } else { "unicast_src_ip" };
    if let Some(source) = one.source {
        lines.line(format_args!("{keyword} {source}"));
    }
    if !one.peers.is_empty() {
        lines.block("unicast_peer", |lines| one.peers.iter().for_each(|peer| lines.line(peer)));
    }
    // A director of keepalived 2.0 to 2.2 drops an advertisement with another number of VIPs than its own, and would
    // also become the master while a new VIP is rolled out. So the advertisement has one VIP, however many there are.
    let (first, others) = vips.split_at(vips.len().min(1));
    for (keyword, vips) in [("virtual_ipaddress", first), ("virtual_ipaddress_excluded", others)] {
        if vips.is_empty() {
            continue;
        }
        lines.block(keyword, |lines| {
            for vip in vips {
                let prefix = Family::of(vip.address).host_prefix();
                let label = vip.label.map(|label| format!(" label {label}")).unwrap_or_default();
                let dev = vip.interface;
                lines.line(format_args!("{}/{prefix} dev {dev}{label}", vip.address));
            }
        });
    }
    if !failover.interfaces.is_empty() {
        let interfaces = &failover.interfaces;
        lines.block("track_interface", |lines| interfaces.iter().for_each(|nic| lines.line(nic)));
    }
    lines.block("track_script", |lines| {
        lines.line("maintenance");
        failover.script.iter().for_each(|_| lines.line("track"));
    });
    lines.value("notify", failover.notify.map(|path| format!("\"{path}\"")));
}

/// The name of the track file that drains a real server.
fn drain_name(host: &str) -> String {
    format!("drain_{host}")
}

fn drains(folder: &str, file: &Configuration<'_>, lines: &mut Lines) {
    let mut seen: Vec<&str> =
        file.services.iter().flat_map(|one| &one.real_servers).map(|one| one.host).collect();
    seen.sort_unstable();
    seen.dedup();
    for host in seen {
        lines.block(format_args!("track_file {}", drain_name(host)), |lines| {
            lines.line(format_args!("file \"{folder}/{host}\""));
            lines.line("init_file 0");
        });
    }
}

fn method(forwarding: Forwarding) -> &'static str {
    match forwarding {
        Forwarding::Direct => "DR",
        Forwarding::Tunnel => "TUN",
        Forwarding::Masquerade => "NAT",
    }
}

/// A real server without a check is always up.
fn check_server(server: &CheckServer<'_>, lines: &mut Lines) {
    lines.line(format_args!("# the health checks of {}", server.host));
    let entry = server.destination;
    lines.block(virtual_server_head(server.service.endpoint), |lines| {
        table_entry(server.service, entry.forwarding, lines);
        lines.block(format_args!("real_server {}", socket(entry.address, entry.port)), |lines| {
            lines.line(format_args!("weight {}", entry.weight));
        });
    });
}

fn virtual_server_head(endpoint: Endpoint) -> String {
    match endpoint {
        Endpoint::Socket { address, port, .. } => format!("virtual_server {address} {port}"),
        Endpoint::Mark { mark, .. } => format!("virtual_server fwmark {mark}"),
    }
}

fn virtual_server(server: &VirtualServer<'_>, drains: bool, lines: &mut Lines) {
    let endpoint = server.service.endpoint;
    lines.line(format_args!("# {}", server.name));
    lines.block(virtual_server_head(endpoint), |lines| {
        table_entry(server.service, server.forwarding, lines);
        if let Some(times) = server.times {
            check::times(times, None, lines);
        }
        if server.times.is_some() && !server.starts_up {
            lines.line("alpha");
        }
        lines.value("quorum", server.quorum);
        lines.value("hysteresis", server.hysteresis);
        let port = endpoint.destination_port();
        lines.value("sorry_server", server.sorry_server.map(|address| socket(address, port)));
        for one in &server.real_servers {
            let head = socket(one.destination.address, one.destination.port);
            lines.block(format_args!("real_server {head}"), |lines| {
                real_server(server, one, drains, lines);
            });
        }
    });
}

/// `ADDRESS PORT`. A service with a mark has the port 0, which keepalived does not take.
fn socket(address: IpAddr, port: u16) -> String {
    if port == 0 { address.to_string() } else { format!("{address} {port}") }
}

fn table_entry(service: &Service, forwarding: Forwarding, lines: &mut Lines) {
    match service.endpoint {
        Endpoint::Socket { protocol, .. } => {
            lines.line(format_args!("protocol {}", protocol.as_str().to_uppercase()));
        }
        Endpoint::Mark { family: Family::Ipv6, .. } => lines.line("ip_family inet6"),
        Endpoint::Mark { family: Family::Ipv4, .. } => {}
    }
    lines.line(format_args!("lvs_sched {}", service.scheduler));
    // keepalived would take NAT if the file named no method.
    lines.line(format_args!("lvs_method {}", method(forwarding)));
    service.scheduler_flags.iter().for_each(|flag| lines.line(flag));
    if let Some(persistence) = service.persistence {
        lines.line(format_args!("persistence_timeout {}", persistence.timeout));
    }
    if let Some(granularity) = crate::formats::ipvsadm::client_mask(service) {
        lines.line(format_args!("persistence_granularity {granularity}"));
    }
    if service.one_packet {
        lines.line("ops");
    }
}

fn real_server(server: &VirtualServer<'_>, one: &RealServer<'_>, drains: bool, lines: &mut Lines) {
    let entry = one.destination;
    lines.line(format_args!("weight {}", entry.weight));
    if entry.forwarding != server.forwarding {
        lines.line(format_args!("lvs_method {}", method(entry.forwarding)));
    }
    lines.value("uthreshold", entry.upper_threshold);
    lines.value("lthreshold", entry.lower_threshold);
    if one.check.is_some() && server.quiesces {
        lines.line("inhibit_on_failure");
    }
    if let Some(check) = one.check {
        let head = check::keyword(&check.question);
        lines.block(head, |lines| {
            check::path(one.check_path, lines);
            check::write(check, server.times, entry, lines);
        });
    }
    if drains {
        lines.block("FILE_CHECK", |lines| {
            lines.line(format_args!("track_file {}", drain_name(one.host)));
            lines.line("weight 1");
        });
    }
}
