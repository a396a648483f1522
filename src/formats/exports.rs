//! exports(5), as exportfs(8) of nfs-utils reads it.

use std::net::IpAddr;

use super::lines::{Line, statements, without_joined};
use crate::facts::{Client, Fact, Reading, RestKind};

/// Reads `PATH CLIENT(OPTIONS)…` lines. A blank before the bracket makes two clients: `CLIENT` without
/// options, and every host with `OPTIONS`.
pub fn read(text: &str) -> Reading {
    let mut reading = Reading::default();
    let single = statements(text, &['#'], &mut reading);
    for line in without_joined(single, &mut reading) {
        let mut tokens = line.tokens();
        let directory = tokens.next().expect("a statement has a token");
        if !directory.text.starts_with('/') {
            reading.leave(RestKind::Refused, line.span(), "the path of the export is not absolute");
            continue;
        }
        let clients: Vec<Line<'_>> = tokens.collect();
        if clients.is_empty() {
            // exportfs warns, and exports the directory to every host with the default options.
            let fact = export(directory.text, Client::Everyone, Vec::new());
            reading.fact(fact, directory.span());
            continue;
        }
        let mut path = Some(directory.span());
        for token in clients {
            match client(token.text) {
                Ok((client, options)) => {
                    reading.fact(export(directory.text, client, options), token.span());
                    let fact = reading.facts.last_mut().expect("a fact was added");
                    fact.spans.extend(path.take());
                }
                Err((kind, reason)) => reading.leave(kind, token.span(), reason),
            }
        }
        if let Some(path) = path {
            reading.leave(RestKind::Lost, path, "lvsgen reads no client of this path");
        }
    }
    reading
}

fn export(directory: &str, client: Client, options: Vec<String>) -> Fact {
    Fact::Export { directory: directory.to_owned(), client, options }
}

type Refusal = (RestKind, &'static str);

fn client(token: &str) -> Result<(Client, Vec<String>), Refusal> {
    let (name, options) = match token.split_once('(') {
        None => (token, Vec::new()),
        Some((name, options)) => {
            let options = options.strip_suffix(')').filter(|options| !options.contains('('));
            let options = options.ok_or((RestKind::Refused, "a bracket is not closed"))?;
            (name, options.split(',').map(str::to_owned).collect())
        }
    };
    let client = match name {
        "" | "*" => Client::Everyone,
        _ if name.starts_with('-') => {
            return Err((RestKind::Lost, "lvsgen does not read default options"));
        }
        _ if name.contains('/') => {
            let net = name.parse().map_err(|_| (RestKind::Refused, "the network is not valid"))?;
            Client::Net(net)
        }
        _ => match name.parse::<IpAddr>() {
            Ok(address) => Client::Net(address.into()),
            Err(_) => return Err((RestKind::Lost, "lvsgen does not resolve names of clients")),
        },
    };
    Ok((client, options))
}
