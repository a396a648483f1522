//! Files that run commands: rc.local and interfaces(5).

use super::{Fact, Read, ip, lines, net};
use crate::artifact::{BLOCK_BEGIN, BLOCK_END};

/// What a command does to addresses and routes (ip-address(8), ip-route(8)), and nothing of what
/// else a shell can do.
pub(super) fn command(text: &str, line: usize) -> Result<Option<Fact>, super::Fault> {
    let mut words: Vec<&str> = text.split_ascii_whitespace().collect();
    if let Some(first) = words.first_mut() {
        *first =
            first.trim_start_matches(['-', '+', '@', '!']).rsplit('/').next().unwrap_or_default();
    }
    Ok(match words.as_slice() {
        ["ip", "address" | "addr", "replace" | "add", address, rest @ ..] => {
            let device =
                rest.iter().position(|word| *word == "dev").and_then(|at| rest.get(at + 1));
            let Some(device) = device else {
                return Err((line, "the address has no interface (`dev`)".into()));
            };
            Some(Fact::Address { interface: (*device).to_owned(), net: net(address, line)? })
        }
        ["ip", "route", "replace" | "add", "default", "via", gateway, ..] => {
            Some(Fact::Gateway(ip(gateway, line)?))
        }
        _ => None,
    })
}

/// A shell script with lvsgen's block.
pub(super) fn script(text: &str) -> Read {
    if !text.starts_with("#!/") {
        return Err((1, "a script begins with `#!`".into()));
    }
    for mark in [BLOCK_BEGIN, BLOCK_END] {
        if text.lines().filter(|line| *line == mark).count() != 1 {
            return Err((1, format!("`{mark}` has to stand once")));
        }
    }
    let facts = lines(text, &['#']).map(|(at, line)| Ok(command(line, at)?.map(|fact| (at, fact))));
    facts.filter_map(Result::transpose).collect()
}

/// interfaces(5): stanzas that begin at column 0, and their indented options.
pub(super) fn interfaces(text: &str) -> Read {
    let mut facts = Vec::new();
    for (at, line) in lines(text, &['#']) {
        let words: Vec<&str> = line.split_ascii_whitespace().collect();
        match (line.starts_with(' '), words.as_slice()) {
            (false, ["auto", _, ..] | ["iface", _, "inet" | "inet6", _]) => {}
            (true, ["up", _, ..]) => {
                let text = line.trim_start().strip_prefix("up").unwrap_or_default();
                facts.extend(command(text, at)?.map(|fact| (at, fact)));
            }
            (true, ["down", _, ..]) => {}
            _ => return Err((at, format!("interfaces(5) knows no `{}`", line.trim()))),
        }
    }
    Ok(facts)
}
