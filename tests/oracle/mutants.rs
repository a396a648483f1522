//! Hosts with one rule of the kernel left out: the name of the mutant, and the change of a host.

use super::hosts::Generated;
use lvsgen::kernel::host::Scope;

type Mutant = fn(&Generated) -> Generated;

pub const ALL: &[(&str, Mutant)] = &[
    ("arp_ignore has no effect", |host| without(host, "arp_ignore")),
    ("arp_announce has no effect", |host| without(host, "arp_announce")),
    ("rp_filter has no effect", |host| without(host, "rp_filter")),
    ("accept_local has no effect", |host| without(host, "accept_local")),
    ("send_redirects has no effect", |host| without(host, "send_redirects")),
    ("arp_filter has no effect", |host| without(host, "arp_filter")),
    ("route_localnet has no effect", |host| without(host, "route_localnet")),
    ("proxy_arp has no effect", |host| without(host, "proxy_arp")),
    ("forwarding has no effect", |host| without(host, "forward")),
    ("the value of `all` has no effect", |host| without(host, "conf.all.")),
    ("the value of the NIC has no effect", |host| without(host, "conf.eth")),
    ("`default` has an effect on a NIC that exists", |host| {
        replaced(host, "conf.default.", "conf.eth0.")
    }),
    ("arp_ignore 2 is 1", |host| replaced(host, "arp_ignore = 2", "arp_ignore = 1")),
    ("arp_ignore 3 is 1", |host| replaced(host, "arp_ignore = 3", "arp_ignore = 1")),
    ("arp_ignore 8 is 1", |host| replaced(host, "arp_ignore = 8", "arp_ignore = 1")),
    ("arp_announce 1 is 0", |host| replaced(host, "arp_announce = 1", "arp_announce = 0")),
    ("arp_announce 1 is 2", |host| replaced(host, "arp_announce = 1", "arp_announce = 2")),
    ("rp_filter 2 is 1", |host| replaced(host, "rp_filter = 2", "rp_filter = 1")),
    ("rp_filter 2 is 0", |host| replaced(host, "rp_filter = 2", "rp_filter = 0")),
    ("a network of lo is not local", |host| {
        nets(host, |nic, net| nic == "lo" && net.ends_with("/24"), "/32")
    }),
    ("scopes have no effect", scopes),
    ("rules have no effect", |host| Generated { rules: Vec::new(), ..host.clone() }),
    ("the longest prefix does not count", |host| nets(host, |_, net| net.ends_with("/25"), "/24")),
    ("the order of addresses does not count", reversed),
];

fn without(host: &Generated, text: &str) -> Generated {
    let lines = host.sysctls.lines().filter(|line| !line.contains(text));
    let sysctls = lines.map(|line| format!("{line}\n")).collect();
    Generated { sysctls, ..host.clone() }
}

fn replaced(host: &Generated, from: &str, to: &str) -> Generated {
    Generated { sysctls: host.sysctls.replace(from, to), ..host.clone() }
}

fn nets(host: &Generated, of: fn(&str, &str) -> bool, prefix: &str) -> Generated {
    let mut host = host.clone();
    for (nic, net, _) in &mut host.addresses {
        if of(nic, net) {
            *net = format!("{}{prefix}", net.split('/').next().unwrap());
        }
    }
    host
}

fn scopes(host: &Generated) -> Generated {
    let mut host = host.clone();
    host.addresses.iter_mut().for_each(|(.., scope)| *scope = Scope::Global);
    host
}

fn reversed(host: &Generated) -> Generated {
    let mut host = host.clone();
    host.addresses.reverse();
    host
}
