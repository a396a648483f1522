//! Files of sections: systemd's units and networks, NetworkManager's keyfiles.

use super::commands::command;
use super::{Fact, Fault, Read, ip, lines, net};

/// One assignment.
struct Entry<'a> {
    line: usize,
    section: &'a str,
    key: &'a str,
    value: &'a str,
}

fn entries<'a>(text: &'a str) -> Result<Vec<Entry<'a>>, Fault> {
    let mut section = "";
    let mut entries = Vec::new();
    for (line, text) in lines(text, &['#', ';']) {
        if let Some(name) = text.strip_prefix('[').and_then(|rest| rest.strip_suffix(']')) {
            section = name;
            continue;
        }
        let (key, value) =
            text.split_once('=').ok_or((line, "this is no `KEY=VALUE`".to_owned()))?;
        let plain = |byte: u8| byte.is_ascii_alphanumeric() || byte == b'-';
        if section.is_empty() || key.is_empty() || !key.bytes().all(plain) {
            return Err((line, format!("`{key}` is no key of a section")));
        }
        entries.push(Entry { line, section, key, value });
    }
    Ok(entries)
}

/// A setting that the file has once.
fn only<'a>(entries: &'a [Entry<'a>], section: &str, key: &str) -> Result<&'a Entry<'a>, Fault> {
    let mut found = entries.iter().filter(|one| one.section == section && one.key == key);
    match (found.next(), found.next()) {
        (Some(one), None) => Ok(one),
        (None, _) => Err((1, format!("`{key}=` is missing in `[{section}]`"))),
        (_, Some(again)) => Err((again.line, format!("`{key}=` stands here again"))),
    }
}

/// systemd.service(5) and systemd.mount(5).
pub(super) fn unit(text: &str) -> Read {
    let entries = entries(text)?;
    let mut facts = Vec::new();
    for entry in entries.iter().filter(|entry| entry.key.starts_with("ExecStart")) {
        facts.extend(command(entry.value, entry.line)?.map(|fact| (entry.line, fact)));
    }
    if entries.iter().any(|entry| entry.section == "Mount") {
        let (what, at) = (only(&entries, "Mount", "What")?, only(&entries, "Mount", "Where")?);
        let (server, directory) = what
            .value
            .rsplit_once(":/")
            .ok_or((what.line, "an NFS share is `ADDRESS:/PATH`".to_owned()))?;
        let address = ip(server.trim_start_matches('[').trim_end_matches(']'), what.line)?;
        let directory = format!("/{directory}");
        facts.push((what.line, Fact::Mount { address, directory, at: at.value.to_owned() }));
    }
    Ok(facts)
}

/// systemd.network(5).
pub(super) fn network(text: &str) -> Read {
    let entries = entries(text)?;
    let interface = only(&entries, "Match", "Name")?.value;
    collect(&entries, interface, |entry| match entry.key {
        "Address" => Some(Kind::Address),
        "Gateway" => Some(Kind::Gateway),
        _ => None,
    })
}

/// nm-settings-keyfile(5).
pub(super) fn keyfile(text: &str) -> Read {
    let entries = entries(text)?;
    let interface = only(&entries, "connection", "interface-name")?.value;
    collect(&entries, interface, |entry| match entry.key.strip_prefix("address") {
        Some(number) if number.bytes().all(|byte| byte.is_ascii_digit()) => Some(Kind::Address),
        None if entry.key == "gateway" => Some(Kind::Gateway),
        _ => None,
    })
}

enum Kind {
    Address,
    Gateway,
}

fn collect(
    entries: &[Entry<'_>],
    interface: &str,
    kind: impl Fn(&Entry<'_>) -> Option<Kind>,
) -> Read {
    let each = entries.iter().filter_map(|entry| {
        let fact = match kind(entry)? {
            Kind::Address => net(entry.value, entry.line)
                .map(|net| Fact::Address { interface: interface.to_owned(), net }),
            Kind::Gateway => ip(entry.value, entry.line).map(Fact::Gateway),
        };
        Some(fact.map(|fact| (entry.line, fact)))
    });
    each.collect()
}
