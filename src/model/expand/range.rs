//! Ranges of hosts. For example, the name `web[001-100]` and the address `10.0.0.1-10.0.0.100` give 100 hosts.

use std::net::{IpAddr, Ipv4Addr, Ipv6Addr};

use crate::diagnostic::cite;
use crate::diagnostic::{Finding, Report};
use crate::model::shape;
use crate::source::Span;
use crate::yaml::{Content, Node};

/// The largest number of hosts of a model. A larger number is a typing mistake in a range, and its hosts would fill the
/// memory.
pub(super) const MOST: u128 = 100_000;

/// The keys whose values are addresses of the host.
const ADDRESSES: [&str; 2] = ["address", "management_address"];

/// Adds the hosts of a list entry to `hosts`. If the entry is a range, each host of the range is added. Any other
/// entry is added without a change. `free` is the number of hosts that the model may still have.
pub(super) fn write_out(entry: Node, hosts: &mut Vec<Node>, free: &mut u128, report: &mut Report) {
    let written = match &entry.content {
        Content::Scalar { text, .. } => name(text, *free).map(|names| {
            let each = |names: Vec<String>| names.into_iter().map(|name| scalar(&entry, name));
            names.map(|names| each(names).collect())
        }),
        Content::Mapping(entries) => mapping(&entry, entries, *free),
        Content::Sequence(_) => None,
    };
    match written {
        None => hosts.push(entry),
        Some(Ok(written)) => {
            *free = free.saturating_sub(written.len() as u128);
            hosts.extend::<Vec<Node>>(written);
        }
        Some(Err(Fault { span, message, help })) => {
            let span = span.unwrap_or(entry.anchor());
            report.add(Finding::at(&shape::BAD_VALUE, span, message).help(help));
        }
    }
}

fn scalar(node: &Node, text: String) -> Node {
    Node { span: node.span, content: Content::Scalar { text, quoted: true } }
}

/// A mistake in a range.
#[derive(Clone, Debug)]
struct Fault {
    /// The place, if only one value of the entry is wrong.
    span: Option<Span>,
    message: String,
    help: &'static str,
}

impl Fault {
    fn new(message: String, help: &'static str) -> Self {
        Self { span: None, message, help }
    }

    fn at(self, node: &Node) -> Self {
        Self { span: Some(node.span), ..self }
    }
}

/// The hosts of a mapping if its name or its address is a range. `None` if neither value is a range.
fn mapping(entry: &Node, entries: &[(Node, Node)], free: u128) -> Option<Result<Vec<Node>, Fault>> {
    let get = |wanted: &str| {
        entries.iter().find(|(key, _)| super::is_text(key, wanted)).map(|(_, value)| value)
    };
    let names = get("name").and_then(|node| match &node.content {
        Content::Scalar { text, .. } => {
            name(text, free).map(|names| names.map_err(|fault| fault.at(node)))
        }
        _ => None,
    });
    let written = ADDRESSES.iter().filter_map(|key| Some((*key, get(key)?)));
    let addresses: Vec<Written<'_>> =
        written.flat_map(|(key, node)| addresses(key, node)).collect();
    let range = addresses.iter().find(|address| address.range.is_some());
    let names = match (names, range) {
        (None, None) => return None,
        (None, Some(address)) => {
            let message = "a range of addresses needs a range of names".to_owned();
            let help = "write the name as a range too, such as `\"web[1-3]\"`";
            return Some(Err(Fault::new(message, help).at(address.node)));
        }
        (Some(names), _) => names,
    };
    Some(names.and_then(|names| hosts(entry, entries, &names, &addresses)))
}

fn hosts(
    entry: &Node,
    entries: &[(Node, Node)],
    names: &[String],
    addresses: &[Written<'_>],
) -> Result<Vec<Node>, Fault> {
    let ranges = ranges(names, addresses)?;
    let hosts = names.iter().enumerate().map(|(at, name)| {
        let value = |key: &Node, value: &Node| {
            if super::is_text(key, "name") {
                return scalar(value, name.clone());
            }
            let own = ranges.iter().filter(|(of, ..)| super::is_text(key, of));
            let mut items = own.map(|(_, node, range)| scalar(node, range.get(at))).peekable();
            match value.content {
                _ if items.peek().is_none() => value.clone(),
                // A single range gives each host a single address. A list of ranges gives a list of addresses.
                Content::Sequence(_) => {
                    Node { span: value.span, content: Content::Sequence(items.collect()) }
                }
                _ => items.next().expect("a value that is no list has one range"),
            }
        };
        let entries = entries.iter().map(|(key, old)| (key.clone(), value(key, old)));
        Node { span: entry.span, content: Content::Mapping(entries.collect()) }
    });
    Ok(hosts.collect())
}

/// The ranges of all addresses. Each range has an address for each name.
fn ranges<'n>(
    names: &[String],
    addresses: &[Written<'n>],
) -> Result<Vec<(&'static str, &'n Node, AddressRange)>, Fault> {
    let mut ranges = Vec::new();
    for Written { key, node, range } in addresses {
        let written = match &node.content {
            Content::Scalar { text, .. } => cite(text),
            _ => "this".to_owned(),
        };
        let Some(range) = range else {
            let message = format!("{written} is one address, but the name is a range of hosts");
            return Err(Fault::new(message, ADDRESS_RANGE).at(node));
        };
        let Ok(range) = range.clone() else {
            let message = format!("{written} is not a range of addresses");
            return Err(Fault::new(message, ADDRESS_RANGE).at(node));
        };
        // If the range of addresses is too short, the last hosts have no address. If it is too long, the
        // user made a typing mistake.
        if range.count != names.len() as u128 {
            let (hosts, addresses) = (names.len(), range.count);
            let message = format!(
                "the range of names has {hosts} hosts, and the range of addresses {written} has {addresses}"
            );
            let help = "write as many addresses as names; both ends of a range belong to it";
            return Err(Fault::new(message, help).at(node));
        }
        ranges.push((*key, *node, range));
    }
    Ok(ranges)
}

/// The form of a range of addresses.
const ADDRESS_RANGE: &str =
    "write the first and the last address with a hyphen between them, such as 10.0.0.1-10.0.0.100";

/// The names of a range such as `web[001-100].example.org`. `None` if the text has no bracket. `free` is the number of
/// hosts that the model may still have.
fn name(text: &str, free: u128) -> Option<Result<Vec<String>, Fault>> {
    let (before, rest) = text.split_once('[')?;
    let fault = || {
        let help = "write the first and the last number, of the same length if they begin with 0: `web[001-100]`";
        Fault::new(format!("{} is not a range of names", cite(text)), help)
    };
    let read = || -> Option<Result<Vec<String>, Fault>> {
        let (range, after) = rest.split_once(']')?;
        let (low, high) = range.split_once('-')?;
        let digits =
            |text: &str| !text.is_empty() && text.bytes().all(|byte| byte.is_ascii_digit());
        if !digits(low) || !digits(high) || after.contains(['[', ']']) {
            return None;
        }
        // If the range has leading zeros, all its names have the same length.
        let padded = low.len() > 1 && low.starts_with('0') || high.starts_with('0');
        if padded && low.len() != high.len() {
            return None;
        }
        let width = if padded { low.len() } else { 0 };
        let (first, last): (u64, u64) = (low.parse().ok()?, high.parse().ok()?);
        let count = u128::from(last.checked_sub(first)?) + 1;
        if count > free {
            let hosts = count + (MOST - free);
            let message =
                format!("with {}, the model has {hosts} hosts: more than {MOST}", cite(text));
            return Some(Err(Fault::new(message, "check the numbers of the range")));
        }
        Some(Ok((first..=last).map(|at| format!("{before}{at:0width$}{after}")).collect()))
    };
    Some(read().unwrap_or_else(|| Err(fault())))
}

/// One value of a key of [`ADDRESSES`].
struct Written<'n> {
    key: &'static str,
    node: &'n Node,
    /// The addresses, if the value is a range.
    range: Option<Result<AddressRange, NoRange>>,
}

/// The values of a key of [`ADDRESSES`].
fn addresses<'n>(key: &'static str, node: &'n Node) -> Vec<Written<'n>> {
    let one = |node| Written { key, node, range: AddressRange::of(node) };
    match &node.content {
        Content::Sequence(items) => items.iter().map(one).collect(),
        _ => vec![one(node)],
    }
}

/// A text with a hyphen that is not a range of addresses.
#[derive(Clone, Copy, Debug)]
pub(in crate::model) struct NoRange;

/// A range of addresses. The first and the last address belong to the range.
#[derive(Clone, Debug)]
pub(in crate::model) struct AddressRange {
    first: IpAddr,
    count: u128,
}

impl AddressRange {
    fn of(node: &Node) -> Option<Result<Self, NoRange>> {
        let Content::Scalar { text, .. } = &node.content else { return None };
        Self::parse(text)
    }

    /// Reads a range. `None` if the text has no hyphen.
    pub(in crate::model) fn parse(text: &str) -> Option<Result<Self, NoRange>> {
        let (low, high) = text.split_once('-')?;
        let pair = low.trim().parse::<IpAddr>().ok().zip(high.trim().parse::<IpAddr>().ok());
        let count = match pair {
            Some((IpAddr::V4(low), IpAddr::V4(high))) => {
                u128::from(high.to_bits()).checked_sub(u128::from(low.to_bits()))
            }
            Some((IpAddr::V6(low), IpAddr::V6(high))) => high.to_bits().checked_sub(low.to_bits()),
            _ => None,
        };
        let whole = pair
            .zip(count)
            .map(|((first, _), count)| Self { first, count: count.saturating_add(1) });
        Some(whole.ok_or(NoRange))
    }

    /// The number of addresses.
    pub(in crate::model) fn len(&self) -> u128 {
        self.count
    }

    /// The addresses, in ascending order.
    pub(in crate::model) fn addresses(&self) -> impl Iterator<Item = IpAddr> {
        (0..self.count).map(|at| self.at(at))
    }

    fn at(&self, at: u128) -> IpAddr {
        match self.first {
            IpAddr::V4(first) => {
                let bits = u128::from(first.to_bits()) + at;
                Ipv4Addr::from_bits(u32::try_from(bits).unwrap_or(u32::MAX)).into()
            }
            IpAddr::V6(first) => Ipv6Addr::from_bits(first.to_bits().saturating_add(at)).into(),
        }
    }

    fn get(&self, at: usize) -> String {
        self.at(u128::try_from(at).expect("a usize fits into 128 bits")).to_string()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names() {
        let names = |text| name(text, MOST).unwrap();
        assert_eq!(names("web[08-11].a").unwrap(), ["web08.a", "web09.a", "web10.a", "web11.a"]);
        assert_eq!(names("w[9-10]").unwrap(), ["w9", "w10"]);
        assert_eq!(names("w[0-1]").unwrap(), ["w0", "w1"]);
        assert!(name("web1", MOST).is_none());
        for bad in
            ["w[1-", "w[1]", "w[2-1]", "w[a-b]", "w[01-100]", "w[1-2][1-2]", "w[-]", "w[1-010]"]
        {
            assert!(names(bad).is_err(), "{bad}");
        }
        assert!(names("w[1-99999999999]").unwrap_err().message.contains("more than 100000"));
        let beside_others = name("w[1-6]", 5).unwrap().unwrap_err();
        assert!(beside_others.message.contains("the model has 100001 hosts"));
    }
}
