//! fstab(5): the shares of NFS that the host mounts at boot.

use std::net::IpAddr;

use super::lines::statements;
use crate::facts::{Fact, Reading, RestKind};

/// Reads the file. lvsgen does not write it: the mounts of lvsgen are units of systemd.
pub fn read(text: &str) -> Reading {
    let mut reading = Reading::default();
    for line in statements(text, &['#'], &mut reading) {
        let tokens: Vec<&str> = line.tokens().map(|token| token.text).collect();
        let [what, at, kind, ..] = tokens.as_slice() else {
            reading.leave(
                RestKind::Refused,
                line.span(),
                "a line has a source, a folder and a type",
            );
            continue;
        };
        if !matches!(*kind, "nfs" | "nfs4") {
            reading.leave(RestKind::Unused, line.span(), "no share of NFS");
            continue;
        }
        match share(what) {
            Some((address, directory)) => {
                let fact = Fact::Mount { address, directory, at: (*at).to_owned() };
                reading.fact(fact, line.span());
            }
            None => {
                let reason = "lvsgen does not resolve the name of the server";
                reading.leave(RestKind::Lost, line.span(), reason);
            }
        }
    }
    reading
}

/// The address and the directory of `ADDRESS:/PATH`. An IPv6 address has brackets.
fn share(what: &str) -> Option<(IpAddr, String)> {
    let (server, path) = what.split_once(":/")?;
    let server = server.strip_prefix('[').and_then(|one| one.strip_suffix(']')).unwrap_or(server);
    Some((server.parse().ok()?, format!("/{path}")))
}
