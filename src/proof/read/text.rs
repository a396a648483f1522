//! Files of plain lines: sysctls, modules, exports, assignments, httpd's and nft's directives.

use super::{Client, Fact, Fault, Read, ip, lines, net};

/// sysctl.d(5).
pub(super) fn sysctls(text: &str) -> Read {
    let each = lines(text, &['#', ';']).map(|(at, line)| {
        let (key, value) =
            line.split_once('=').ok_or((at, "this is no `KEY = VALUE`".to_owned()))?;
        let (key, value) = (key.trim(), value.trim());
        if key.contains(' ') || value.is_empty() || value.contains(['#', ';']) {
            return Err((at, "a comment, or no value: sysctl.d(5) takes neither here".to_owned()));
        }
        Ok((at, Fact::Sysctl { key: key.to_owned(), value: value.to_owned() }))
    });
    each.collect()
}

/// modules-load.d(5).
pub(super) fn modules(text: &str) -> Read {
    let each = lines(text, &['#', ';']).map(|(at, line)| match line.contains(' ') {
        true => Err((at, "a line is the name of one module".to_owned())),
        false => Ok((at, Fact::Module(line.to_owned()))),
    });
    each.collect()
}

/// exports(5): a blank before the bracket would export to everyone.
pub(super) fn exports(text: &str) -> Read {
    let each = lines(text, &['#']).map(|(at, line)| {
        let fault = || (at, "an export is `PATH CLIENT(OPTIONS)`".to_owned());
        let (directory, rest) = line.split_once(' ').ok_or_else(fault)?;
        let (client, options) = rest.split_once('(').ok_or_else(fault)?;
        let options = options.strip_suffix(')').ok_or_else(fault)?;
        if client.is_empty() || client.contains(' ') || options.contains([' ', '(']) {
            return Err(fault());
        }
        let client = match client {
            "*" => Client::Everyone,
            _ if client.contains('/') => Client::Net(net(client, at)?),
            _ => Client::Net(ip(client, at)?.into()),
        };
        Ok((at, Fact::Export { directory: directory.to_owned(), client }))
    });
    each.collect()
}

/// `KEY=VALUE` as a shell reads it, with the quotes taken off.
pub(super) fn assignments(text: &str) -> Result<Vec<(usize, &str, &str)>, Fault> {
    let each = lines(text, &['#']).map(|(at, line)| {
        let (key, value) = line.split_once('=').ok_or((at, "this is no `KEY=VALUE`".to_owned()))?;
        let plain = |byte: u8| byte.is_ascii_alphanumeric() || byte == b'_';
        let inner =
            ['"', '\''].iter().find_map(|quote| value.strip_prefix(*quote)?.strip_suffix(*quote));
        let value = inner.unwrap_or(value);
        if !key.bytes().all(plain) || value.contains(['"', '\'', '$', '`', ' ', '#']) {
            return Err((at, "a shell would read more than a value here".to_owned()));
        }
        Ok((at, key, value))
    });
    each.collect()
}

/// An alias file as NetworkManager's ifcfg-rh reader takes it: the prefix wins over any netmask.
pub(super) fn ifcfg(text: &str) -> Read {
    let read = assignments(text)?;
    let find = |key: &str| read.iter().find(|(_, name, _)| *name == key);
    let needed = |key: &str| find(key).ok_or((1, format!("`{key}=` is missing")));
    let ((_, _, device), (line, _, address), (_, _, prefix)) =
        (needed("DEVICE")?, needed("IPADDR")?, needed("PREFIX")?);
    let interface = device.split(':').next().unwrap_or_default().to_owned();
    let mut facts = vec![(
        *line,
        Fact::Address { interface, net: net(&format!("{address}/{prefix}"), *line)? },
    )];
    if let Some((line, _, gateway)) = find("GATEWAY") {
        facts.push((*line, Fact::Gateway(ip(gateway, *line)?)));
    }
    Ok(facts)
}

/// ifcfg(5) of wicked: the file's name names the interface.
pub(super) fn wicked(text: &str, path: &str) -> Read {
    let interface = path.rsplit_once("ifcfg-").map_or("", |(_, name)| name);
    let addresses = assignments(text)?.into_iter().filter(|(_, key, _)| key.starts_with("IPADDR"));
    let each = addresses.map(|(at, _, value)| {
        Ok((at, Fact::Address { interface: interface.to_owned(), net: net(value, at)? }))
    });
    each.collect()
}

/// httpd's configuration: directives, and sections that are closed in their order.
pub(super) fn httpd(text: &str) -> Read {
    let mut facts = Vec::new();
    let mut open = Vec::new();
    for (at, line) in lines(text, &['#']) {
        let line = line.trim();
        if let Some(name) = line.strip_prefix("</").and_then(|rest| rest.strip_suffix('>')) {
            if open.pop() != Some(name) {
                return Err((at, format!("no section `{name}` is open")));
            }
        } else if let Some(section) = line.strip_prefix('<') {
            let name = section.split([' ', '>']).next().unwrap_or_default();
            open.push(name);
        } else if let Some(node) = line.strip_prefix("Header always set X-LVS-Node ") {
            facts.push((at, Fact::Node(node.trim_matches('"').to_owned())));
        }
    }
    match open.pop() {
        Some(name) => Err((text.lines().count(), format!("the section `{name}` is not closed"))),
        None => Ok(facts),
    }
}

/// nft(8): blocks in braces, and rules that mark packets.
pub(super) fn marks(text: &str) -> Read {
    if text.matches('{').count() != text.matches('}').count() {
        return Err((text.lines().count(), "a brace is not closed".to_owned()));
    }
    let mut facts = Vec::new();
    for (at, line) in lines(text, &['#']) {
        let words: Vec<&str> = line.split_ascii_whitespace().collect();
        let after =
            |word: &str| words.iter().position(|one| *one == word).and_then(|at| words.get(at + 1));
        if let (Some(vip), Some(mark)) = (after("daddr"), after("set")) {
            let mark = mark.parse().map_err(|_| (at, format!("`{mark}` is no mark")))?;
            facts.push((at, Fact::Mark { vip: ip(vip, at)?, mark }));
        }
    }
    Ok(facts)
}
