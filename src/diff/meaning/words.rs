//! The words of ipvsadm(8), for people.

use std::collections::{BTreeMap, BTreeSet};

/// The options of an entry or of a destination, by flag; a flag without value says `yes`.
pub(super) fn options(text: &str) -> BTreeMap<&str, &str> {
    let mut options = BTreeMap::new();
    let mut words = text.split_whitespace().peekable();
    while let Some(flag) = words.next() {
        let value = words.next_if(|word| !word.starts_with('-'));
        options.insert(flag, value.unwrap_or("yes"));
    }
    options
}

/// Every flag whose value differs: the flag, the old value, the new one.
pub(super) fn changed<'a>(
    old: &'a str,
    new: &'a str,
) -> Vec<(&'a str, Option<&'a str>, Option<&'a str>)> {
    let (old, new) = (options(old), options(new));
    let flags: BTreeSet<&str> = old.keys().chain(new.keys()).copied().collect();
    let values =
        flags.into_iter().map(|flag| (flag, old.get(flag).copied(), new.get(flag).copied()));
    values.filter(|(_, old, new)| old != new).collect()
}

/// The model's word for a flag.
pub(super) fn key(flag: &str) -> &str {
    match flag {
        "-s" => "scheduler",
        "-p" => "persistence",
        "-M" => "persistence netmask",
        "-o" => "one_packet",
        "-b" => "scheduler_flags",
        "-w" => "weight",
        "-x" => "upper_threshold",
        "-y" => "lower_threshold",
        other => other,
    }
}

/// `-t 192.168.10.100:80` as `192.168.10.100:80 (TCP)`.
pub(super) fn selector(text: &str) -> String {
    let mut words = text.split_whitespace();
    match (words.next(), words.next(), words.next()) {
        (Some("-t"), Some(socket), None) => format!("{socket} (TCP)"),
        (Some("-u"), Some(socket), None) => format!("{socket} (UDP)"),
        (Some("--sctp-service"), Some(socket), None) => format!("{socket} (SCTP)"),
        (Some("-f"), Some(mark), None) => format!("mark {mark} (IPv4)"),
        (Some("-f"), Some(mark), Some("-6")) => format!("mark {mark} (IPv6)"),
        _ => text.to_owned(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn flags_are_compared_one_by_one() {
        assert_eq!(
            changed("-s rr -p 300 -o", "-s wrr -p 300 -b sh-port"),
            [
                ("-b", None, Some("sh-port")),
                ("-o", Some("yes"), None),
                ("-s", Some("rr"), Some("wrr"))
            ]
        );
        assert_eq!(selector("-f 7 -6"), "mark 7 (IPv6)");
    }
}
