//! Hosts with consecutive numbers and addresses become one entry of the model: `web[1-3]`.

use std::net::IpAddr;

use super::draft::{DraftHost, DraftServer};

/// The smallest number of hosts of a range.
const FEWEST: usize = 3;

/// A name that ends with a number: the text before it, the number, and the number of digits.
fn numbered(name: &str) -> Option<(&str, u64, usize)> {
    let text = name.trim_end_matches(|c: char| c.is_ascii_digit());
    let digits = &name[text.len()..];
    // A range of numbers without leading zeros may have numbers of different lengths.
    let width = if digits.starts_with('0') { digits.len() } else { 0 };
    Some((text, digits.parse().ok()?, width))
}

/// Whether the second name follows the first one.
fn follows(first: &str, second: &str) -> bool {
    match (numbered(first), numbered(second)) {
        (Some((text, number, width)), Some((other, next, other_width))) => {
            text == other && Some(next) == number.checked_add(1) && width == other_width
        }
        _ => false,
    }
}

/// The name of a range.
pub(super) fn name(first: &str, last: &str) -> String {
    let text = first.trim_end_matches(|c: char| c.is_ascii_digit());
    format!("{text}[{}-{}]", &first[text.len()..], &last[text.len()..])
}

/// The only address of a host that has nothing else of its own.
fn plain_address(host: &DraftHost) -> Option<IpAddr> {
    let own = host.interface.is_some() || host.gateway.is_some() || host.target.is_some();
    match host.addresses.value().map(Vec::as_slice) {
        Some([address]) if !own && host.addresses.comment().is_none() => Some(*address),
        _ => None,
    }
}

fn next(address: IpAddr) -> Option<IpAddr> {
    Some(match address {
        IpAddr::V4(one) => IpAddr::V4(one.to_bits().checked_add(1)?.into()),
        IpAddr::V6(one) => IpAddr::V6(one.to_bits().checked_add(1)?.into()),
    })
}

/// Splits a list into runs in which each element follows the one before.
fn runs<T>(all: &[T], follows: impl Fn(&T, &T) -> bool) -> Vec<&[T]> {
    let chunks = all.chunk_by(|one, other| follows(one, other));
    // A short run is easier to read as a list.
    let each = chunks.flat_map(|run| match run.len() < FEWEST {
        true => run.chunks(1).collect::<Vec<_>>(),
        false => vec![run],
    });
    each.collect()
}

/// The hosts, in runs with consecutive names and addresses.
pub(super) fn of_hosts(all: &[DraftHost]) -> Vec<&[DraftHost]> {
    runs(all, |one, other| {
        let addresses = plain_address(one).zip(plain_address(other));
        follows(&one.name, &other.name)
            && addresses.is_some_and(|(one, other)| next(one) == Some(other))
    })
}

/// The real servers of a service, in runs with consecutive names and the same settings.
pub(super) fn of_servers(all: &[DraftServer]) -> Vec<&[DraftServer]> {
    runs(all, |one, other| follows(&one.name, &other.name) && one.is_like(other))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_follow_each_other() {
        assert!(follows("web9", "web10") && follows("web09", "web10") == follows("web9", "web11"));
        assert!(follows("web01", "web02") && !follows("web1", "web02") && !follows("a1", "b2"));
        assert!(!follows("web", "web1") && !follows("web2", "web1"));
        assert_eq!(name("web09", "web12"), "web[09-12]");
        let all = ["a1", "a2", "b1", "b2", "b3", "c"];
        let runs = runs(&all, |one, other| follows(one, other));
        assert_eq!(runs.iter().map(|run| run.len()).collect::<Vec<_>>(), [1, 1, 3, 1]);
    }
}
