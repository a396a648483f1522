//! The help for slips that people often make in a model: names from other programs, capital letters, another form of a
//! value.
//!
//! Takes what is written and what is needed; gives the text to write.

use std::net::IpAddr;

use super::name::HostName;
use crate::yaml::lookalike;

/// Keys that other programs and other tools use, each with the key of the model.
const KEYS: [(&str, &str); 22] = [
    ("ip", "address"),
    ("addr", "address"),
    ("ipaddr", "address"),
    ("ip_address", "address"),
    ("rip", "address"),
    ("dip", "address"),
    ("hostname", "name"),
    ("host", "name"),
    ("nic", "interface"),
    ("dev", "interface"),
    ("device", "interface"),
    ("lb_algo", "scheduler"),
    ("lvs_sched", "scheduler"),
    ("algorithm", "scheduler"),
    ("lb_kind", "forwarding"),
    ("lvs_method", "forwarding"),
    ("persistence_timeout", "persistence"),
    ("os", "target"),
    ("services", "virtual_services"),
    ("backends", "real_servers"),
    ("servers", "real_servers"),
    ("vrid", "virtual_router_id"),
];

/// The long names of values, each with the keyword of ipvsadm(8).
const VALUES: [(&str, &str, &str); 15] = [
    ("a scheduler", "round-robin", "rr"),
    ("a scheduler", "roundrobin", "rr"),
    ("a scheduler", "weighted-round-robin", "wrr"),
    ("a scheduler", "least-connection", "lc"),
    ("a scheduler", "least-connections", "lc"),
    ("a scheduler", "leastconn", "lc"),
    ("a scheduler", "weighted-least-connection", "wlc"),
    ("a scheduler", "weighted-least-connections", "wlc"),
    ("a scheduler", "source-hash", "sh"),
    ("a scheduler", "source", "sh"),
    ("a scheduler", "maglev", "mh"),
    ("a forwarding method", "dr", "direct"),
    ("a forwarding method", "tun", "tunnel"),
    ("a forwarding method", "ipip", "tunnel"),
    ("a forwarding method", "nat", "masquerade"),
];

/// Keys of another place of the model: the mapping, the key, and the remedy.
const PLACES: [(&str, &str, &str); 24] = [
    ("a real server", "weight", OF_ENTRY),
    ("a real server", "upper_threshold", OF_ENTRY),
    ("a real server", "lower_threshold", OF_ENTRY),
    ("a real server", "port", OF_ENTRY),
    ("a real server", "forwarding", OF_ENTRY),
    ("a director", "weight", OF_ENTRY),
    ("a service's real server", "address", OF_HOST),
    ("a service's real server", "interface", OF_HOST),
    ("a service's real server", "nics", OF_HOST),
    ("a service's real server", "target", OF_HOST),
    ("a service's real server", "title", OF_HOST),
    ("a service's real server", "mechanisms", OF_HOST),
    ("a service's real server", "tuning", OF_HOST),
    ("a cluster", "vip", OF_SERVICE),
    ("a cluster", "port", OF_SERVICE),
    ("a cluster", "protocol", OF_SERVICE),
    ("a cluster", "scheduler", OF_SERVICE),
    ("a cluster", "persistence", OF_SERVICE),
    ("a cluster", "forwarding", OF_SERVICE),
    ("a cluster", "virtual_router_id", OF_FAILOVER),
    ("a cluster", "preempt", OF_FAILOVER),
    ("a cluster", "authentication", OF_FAILOVER),
    ("a director", "priority", "remove KEY: the first entry of `directors` is the active director"),
    ("a virtual service", "target", "write KEY in the cluster, or in a host"),
];

const OF_ENTRY: &str = "write KEY in the service, for each of its real servers: `real_servers: [{ name: NAME, … }, …]`";
const OF_HOST: &str = "write KEY in the entry of the host, in `real_servers` of the cluster";
const OF_SERVICE: &str = "write KEY in an entry of `virtual_services`";
const OF_FAILOVER: &str = "write KEY in `failover`";

/// The remedy for a key that the mapping `what` cannot have, and that another mapping has.
pub(super) fn misplaced(what: &str, key: &str) -> Option<String> {
    let place = PLACES.iter().find(|(mapping, known, _)| *mapping == what && *known == key);
    place.map(|(_, _, remedy)| remedy.replace("KEY", &format!("`{key}`")))
}

/// The key of the model that the user means, if the written key is the word of another program, or has its value behind
/// another colon than that of YAML.
pub(super) fn key<'k>(written: &str, known: &[&'k str]) -> Option<&'k str> {
    let written = written.split([':', '：']).next().unwrap_or(written);
    let lower = written.to_ascii_lowercase().replace('-', "_");
    let meant = KEYS.iter().find(|(word, _)| *word == lower).map_or(lower.as_str(), |(_, key)| key);
    known.iter().copied().find(|key| *key == meant)
}

/// The help for a key that is wrong in its form.
pub(super) fn key_form(written: &str, known: &[&str]) -> Option<String> {
    if written == "<<" {
        return Some(
            "lvsgen merges no keys: write them out, or write many hosts as a range (`web[1-3]`)"
                .to_owned(),
        );
    }
    if let Some(letter) = lookalike(written) {
        return Some(letter.help);
    }
    let (key, value) = written.split_once(':')?;
    known.contains(&key).then(|| format!("write a blank after the colon: `{key}: {value}`"))
}

/// The help for a value. `what` is the noun of the value, such as "a host name".
pub(super) fn value(what: &str, written: &str) -> Option<String> {
    if let Some(letter) = lookalike(written) {
        return Some(letter.help);
    }
    let lower = written.to_lowercase();
    match what {
        "a host name" => host_name(written),
        "a target name" => {
            let help = "write the name as `lvsgen targets` lists it, such as `openeuler-24.03`";
            lower.contains(char::is_whitespace).then(|| help.to_owned())
        }
        _ => {
            let key = lower.replace([' ', '_'], "-");
            let long = VALUES.iter().find(|(noun, word, _)| *noun == what && *word == key);
            long.map(|(_, _, keyword)| format!("write `{keyword}`"))
        }
    }
}

fn host_name(written: &str) -> Option<String> {
    if written.parse::<IpAddr>().is_ok() {
        return Some("write the name of the host, and not its address".to_owned());
    }
    let mut name = written.to_lowercase().replace('_', "-");
    if name.bytes().all(|byte| byte.is_ascii_digit()) {
        name.insert_str(0, "host");
    }
    let rule = "a host name has lower-case letters, digits, inner hyphens, and dots between labels";
    HostName::new(&name).is_ok().then(|| format!("write `{name}`: {rule}"))
}

/// The help for a scalar in the place of a mapping that has a name.
pub(super) fn mapping(what: &str, written: &str) -> Option<String> {
    if let Some(letter) = lookalike(written) {
        return Some(letter.help);
    }
    const NAMED: [&str; 4] = ["a director", "a real server", "a virtual service", "an NFS server"];
    let name =
        !written.is_empty() && written.chars().all(|c| c.is_ascii_alphanumeric() || c == '-');
    (NAMED.contains(&what) && name).then(|| format!("write its keys: `{{ name: {written}, … }}`"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_slip_gets_the_text_to_write() {
        assert_eq!(key("IP", &["address", "name"]), Some("address"));
        assert_eq!(key("ip", &["name"]), None);
        assert!(key_form("port:80", &["port"]).unwrap().contains("`port: 80`"));
        assert!(key_form("<<", &[]).unwrap().contains("merges no keys"));
        assert_eq!(value("a scheduler", "Round Robin").as_deref(), Some("write `rr`"));
        for (written, name) in [("Web1", "web1"), ("web_1", "web-1"), ("123", "host123")] {
            assert!(value("a host name", written).unwrap().starts_with(&format!("write `{name}`")));
        }
        assert!(value("a host name", "10.0.0.1").unwrap().contains("not its address"));
        assert_eq!(value("a host name", "web 1"), None);
        assert!(value("a target name", "openEuler 24.03").unwrap().contains("`openeuler-24.03`"));
        assert!(value("a cluster name", "“web”").unwrap().contains("typographic quote"));
    }
}
