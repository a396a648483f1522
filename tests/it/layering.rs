//! Imports run one way: each room knows only those before it in the flow.

use std::fs;

use super::support::repository;

/// The modules in the order in which data passes through them; each may use those before it.
pub const FLOW: [&str; 25] = [
    "source",
    "diagnostic",
    "yaml",
    "keyword",
    "ipvs",
    "facts",
    "file",
    "kernel",
    "formats",
    "model",
    "embed",
    "template",
    "profile",
    "resolve",
    "check",
    "plan",
    "render",
    "summary",
    "readback",
    "rollout",
    "delivery",
    "diff",
    "output",
    "pipeline",
    "cli",
];

fn room_of(path: &str) -> Option<usize> {
    let first = path.split(['/', '.']).next()?;
    FLOW.iter().position(|room| *room == first)
}

#[test]
fn every_room_uses_only_those_before_it() {
    let src = repository().join("src");
    let mut seen = vec![false; FLOW.len()];
    for path in lvsgen::output::files_below(&src).unwrap() {
        if !path.ends_with(".rs") || ["lib.rs", "main.rs", "build.rs"].contains(&path.as_str()) {
            continue;
        }
        let room = room_of(&path).unwrap_or_else(|| panic!("{path} is in no room of the flow"));
        seen[room] = true;
        let text = fs::read_to_string(src.join(&path)).unwrap();
        let depth = path.matches('/').count() + 1;
        let climbs = format!("{}cli", "super::".repeat(depth));
        assert!(!text.contains(&climbs) || path.starts_with("cli"), "{path} climbs to cli");
        for (at, _) in text.match_indices("crate::") {
            let rest = &text[at + "crate::".len()..];
            let named: &str =
                rest.split(|c: char| !c.is_alphanumeric() && c != '_').next().unwrap();
            if named.is_empty() {
                panic!("{path}: `use crate::{{…}}` hides which rooms are used; write a line each");
            }
            let used = room_of(named).unwrap_or_else(|| panic!("{path} uses crate::{named}"));
            assert!(used <= room, "{path} uses {named}, which comes after it in the flow");
        }
    }
    assert_eq!(seen, vec![true; FLOW.len()], "a room of the flow is gone");
}

#[test]
fn no_file_is_past_four_hundred_lines() {
    let src = repository().join("src");
    for path in lvsgen::output::files_below(&src).unwrap() {
        let lines = fs::read_to_string(src.join(&path)).unwrap().lines().count();
        assert!(lines <= 400, "{path} has {lines} lines: where is its seam?");
    }
}
