//! The user-data of cloud-init, in the form that begins with `#cloud-config`. lvsgen reads the files of `write_files` and the commands of
//! `runcmd` and `bootcmd`, each as a file of its own.

use super::Format;
use super::lines::{Line, lines};
use super::written::{self, READ_APART, WrittenFile};
use crate::facts::{Reading, RestKind};
use crate::source::Source;
use crate::yaml::{self, Node};

/// The first line by which cloud-init knows the form (cloudinit/handlers/cloud_config.py).
pub const HEAD: &str = "#cloud-config";

/// The script into which cloud-init writes the commands of `runcmd`.
const RUNCMD: &str = "/var/lib/cloud/instance/scripts/runcmd";

/// Reads the keys. The files are in [`written`].
pub fn read(text: &str) -> Reading {
    let mut reading = Reading::default();
    let root = match root(text) {
        Ok(root) => root,
        Err((at, reason)) => {
            refuse(text, at, &reason, &mut reading);
            return reading;
        }
    };
    if !text.starts_with(HEAD) {
        let reason = "cloud-init reads this form only if the first line is `#cloud-config`, and lvsgen fills in no template";
        refuse(text, 0, reason, &mut reading);
        return reading;
    }
    let mut keys: Vec<(usize, RestKind, String)> = Vec::new();
    for (key, name, value) in root.iter().flat_map(Node::entries) {
        match name {
            "write_files" => {
                keys.push((key.span.start, RestKind::Unused, READ_APART.to_owned()));
                keys.extend(value.items().iter().map(|item| {
                    let read = || (RestKind::Unused, READ_APART.to_owned());
                    let (kind, reason) = unreadable(item).unwrap_or_else(read);
                    (item.anchor().start, kind, reason)
                }));
            }
            "runcmd" | "bootcmd" => {
                keys.push((key.span.start, RestKind::Unused, READ_APART.to_owned()));
            }
            "hostname" | "fqdn" | "preserve_hostname" | "manage_etc_hosts" => {
                keys.push((key.span.start, RestKind::Unused, "the name of the host".to_owned()));
            }
            _ => {
                let reason = "lvsgen reads only `write_files`, `runcmd` and `bootcmd`";
                keys.push((key.span.start, RestKind::Lost, reason.to_owned()));
            }
        }
    }
    fill(text, &keys, &mut reading);
    reading
}

/// The files of `write_files`, and the commands as a script.
pub fn written(text: &str) -> Vec<WrittenFile> {
    let Ok(Some(root)) = root(text) else { return Vec::new() };
    if !text.starts_with(HEAD) {
        return Vec::new();
    }
    let (mut files, mut script) = (Vec::new(), String::new());
    for (_, name, value) in root.entries() {
        match name {
            "write_files" => {
                for item in value.items().iter().filter(|item| unreadable(item).is_none()) {
                    let (path, content) = (value_of(item, "path"), value_of(item, "content"));
                    let append = value_of(item, "append").is_some_and(|one| one == "true");
                    let (path, content) = (path.unwrap_or_default(), content.unwrap_or_default());
                    written::write(&mut files, path, content, append);
                }
            }
            "runcmd" | "bootcmd" => script.extend(value.items().iter().map(command)),
            _ => {}
        }
    }
    if !script.is_empty() {
        let text = format!("#!/bin/sh\n{script}");
        files.push(WrittenFile { path: RUNCMD.to_owned(), format: Format::Shell, text });
    }
    files
}

/// The name of the host in the user-data.
pub fn host_name(text: &str) -> Option<String> {
    let root = root(text).ok().flatten()?;
    ["fqdn", "hostname"].into_iter().find_map(|key| value_of(&root, key).map(str::to_owned))
}

/// The document. The error has the position of the fault.
fn root(text: &str) -> Result<Option<Node>, (usize, String)> {
    let source = Source::new("user-data", text);
    yaml::parse_file(source.main())
        .map_err(|finding| (finding.place.map_or(0, |place| place.span.start), finding.message))
}

/// The reason why lvsgen does not read an entry of `write_files`.
fn unreadable(item: &Node) -> Option<(RestKind, String)> {
    let Some(path) = value_of(item, "path") else {
        return Some((RestKind::Refused, "the entry has no `path`".to_owned()));
    };
    if !matches!(value_of(item, "encoding"), None | Some("text/plain" | "")) {
        return Some((RestKind::Unread, format!("lvsgen does not decode the text of `{path}`")));
    }
    match Format::of_own_file(path) {
        Some(_) => None,
        None => Some((RestKind::Lost, format!("lvsgen does not read `{path}`"))),
    }
}

/// A command as a line of a script: cloud-init runs a list without a shell.
fn command(item: &Node) -> String {
    match item.text() {
        Some(text) => format!("{}\n", text.trim_end()),
        None => {
            let words = item.items().iter().filter_map(Node::text);
            let words = words.map(|word| format!("'{}'", word.replace('\'', "'\\''")));
            format!("{}\n", words.collect::<Vec<_>>().join(" "))
        }
    }
}

/// The text of a key.
fn value_of<'a>(node: &'a Node, wanted: &str) -> Option<&'a str> {
    node.entries().find_map(|(_, name, value)| value.text().filter(|_| name == wanted))
}

/// Leaves the whole text, with the reason at the line of a position.
fn refuse(text: &str, at: usize, reason: &str, reading: &mut Reading) {
    let all: Vec<Line<'_>> = lines(text).collect();
    let wrong = all.iter().rposition(|line| line.start <= at).unwrap_or(0);
    for (number, line) in all.iter().enumerate() {
        let (kind, reason) = match number == wrong {
            true => (RestKind::Refused, reason),
            false => (RestKind::Unused, "cloud-init ignores the whole file"),
        };
        reading.leave(kind, line.span(), reason);
    }
}

/// Gives each line to the statement that begins on the line, or before it.
fn fill(text: &str, statements: &[(usize, RestKind, String)], reading: &mut Reading) {
    let mut now = (RestKind::Unused, READ_APART);
    let mut waiting = statements.iter().peekable();
    for line in lines(text) {
        let mut begins = false;
        while let Some((_, kind, reason)) = waiting.next_if(|(at, ..)| *at < line.span().end) {
            now = (*kind, reason);
            begins = true;
        }
        match (begins, now) {
            _ if line.text.starts_with('#') => reading.comments.push(line.span()),
            (true, (kind, reason)) => reading.leave(kind, line.span(), reason),
            (false, (kind, reason)) => reading.leave_inside(kind, line.span(), reason),
        }
    }
}
