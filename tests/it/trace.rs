//! `lvsgen trace`: the way of a packet, from rendered files and from copies of hosts.
//!
//! Each folder of tests/trace has a `command`, and perhaps the files of hosts; the trace is beside them. The faults of the lab
//! (tests/lab/faults.tsv) show the same symptoms in a trace as with real packets.

use std::fs;
use std::path::Path;
use std::process::Command;

use serde_json::Value;

use super::support::{assert_golden, folders, lvsgen, repository, session};

#[test]
fn every_case_gives_its_trace() {
    let cases = folders(&repository().join("tests/trace"));
    assert!(cases.len() > 4);
    for case in cases {
        let command = fs::read_to_string(case.join("command")).unwrap();
        let words: Vec<&str> = command.split_ascii_whitespace().skip(1).collect();
        assert_golden(&case.join("session"), &session(&case, &words));
    }
}

/// The page shows two of these sessions.
#[test]
fn the_page_shows_sessions() {
    let mut page = fs::read_to_string(repository().join("docs/trace.md")).unwrap();
    for (case, command) in
        [("tutorial", "--example"), ("debian-trees", "--root d1 --root r1 --root r2 10.9.0.100:80")]
    {
        let seen = fs::read_to_string(repository().join("tests/trace").join(case).join("session"));
        let seen = seen.unwrap();
        let (seen, _) = seen.rsplit_once("[exit").unwrap();
        let begin = format!("$ lvsgen trace {command}\n");
        let (before, rest) = page.split_once(&begin).unwrap();
        let after = rest.split_once("```\n").unwrap().1;
        page = format!("{before}{begin}{}\n```\n{after}", seen.trim_end());
    }
    assert_golden(&repository().join("docs/trace.md"), &page);
}

/// The trace of a model, with the tree of one host in the place of its rendered files.
fn trace_json(folder: &Path, arguments: &[&str]) -> Value {
    let words = [&["trace", "--format", "json", "192.168.10.100:80"][..], arguments].concat();
    let ran = lvsgen(folder, &words).output().unwrap();
    serde_json::from_slice(&ran.stdout)
        .unwrap_or_else(|_| panic!("{}", String::from_utf8_lossy(&ran.stderr)))
}

/// The outcome of a client: `answered`, `risky` or `broken`.
fn outcome<'v>(trace: &'v Value, client: &str) -> &'v str {
    let paths = trace["paths"].as_array().unwrap();
    let own = paths.iter().filter(|path| path["client"] == client);
    let worst = |path: &&Value| {
        ["answered", "risky", "broken"].iter().position(|one| path["outcome"] == *one)
    };
    own.max_by_key(worst).unwrap()["outcome"].as_str().unwrap()
}

/// The events of all steps, as `HOST EVENT`, and the files that decided them.
fn events(trace: &Value) -> (Vec<String>, Vec<String>) {
    let (mut events, mut files) = (Vec::new(), Vec::new());
    for path in trace["paths"].as_array().unwrap() {
        let servers = path["servers"].as_array().unwrap().iter();
        let of_servers = servers.flat_map(|server| server["steps"].as_array().unwrap());
        for step in path["steps"].as_array().unwrap().iter().chain(of_servers) {
            events.push(format!(
                "{} {}",
                step["host"].as_str().unwrap(),
                step["event"].as_str().unwrap()
            ));
            let because = step["because"].as_array().unwrap().iter();
            files.extend(because.filter_map(|one| Some(one["file"].as_str()?.to_owned())));
        }
    }
    (events, files)
}

/// The columns of a fault: name, host, file, change, symptom.
fn faults() -> Vec<[String; 5]> {
    let table = fs::read_to_string(repository().join("tests/lab/faults.tsv")).unwrap();
    let rows = table.lines().filter(|line| !line.starts_with('#'));
    rows.map(|line| {
        let columns: Vec<String> = line.split('\t').map(str::to_owned).collect();
        columns.try_into().unwrap()
    })
    .collect()
}

#[test]
fn every_fault_of_the_lab_shows_in_a_trace() {
    let folder = tempfile::tempdir().unwrap();
    assert!(session(folder.path(), &["init"]).contains("[exit 0]"));
    assert!(session(folder.path(), &["render"]).contains("[exit 0]"));
    let good = trace_json(folder.path(), &[]);
    assert_eq!((outcome(&good, "outside"), outcome(&good, "on-link")), ("answered", "answered"));
    let mut seen = 0;
    for [name, host, file, change, symptom] in faults() {
        let tree = folder.path().join(&name);
        let copied = Command::new("cp")
            .arg("-r")
            .arg(folder.path().join("rendered/hosts").join(&host))
            .arg(&tree)
            .status();
        assert!(copied.unwrap().success());
        match change.as_str() {
            "remove" => fs::remove_file(tree.join(&file)).unwrap(),
            script => {
                let ran = Command::new("sed").arg("-i").arg(script).arg(tree.join(&file)).status();
                assert!(ran.unwrap().success());
            }
        }
        let root = format!("--root={host}={}", tree.display());
        let trace = trace_json(folder.path(), &[&root]);
        let (events, files) = events(&trace);
        let has = |event: &str| events.iter().any(|one| one == event);
        let (outside, on_link) = (outcome(&trace, "outside"), outcome(&trace, "on-link"));
        let decided = || files.iter().any(|one| one.ends_with(&file));
        let shows = match (symptom.as_str(), name.as_str()) {
            ("two-answers", _) => has("web1 answers") && has("lvs1 answers") && outside == "risky",
            ("poisons", _) => decided() && on_link == "risky" && has("web1 asks-as"),
            ("some-lost", "vip-24-on-lo") => {
                decided() && on_link == "broken" && outside == "answered"
            }
            ("some-lost", "masquerading") => has("web1 misses-director") && outside == "broken",
            // The program that answers is right; its answers only lack a mark.
            ("some-lost", "no-node-mark") | ("page-missing", _) => outside == "answered",
            ("some-lost", _) => outside == "broken" && on_link == "broken",
            ("outside-lost", _) => decided() && outside == "broken" && on_link == "answered",
            ("all-lost", _) => outside == "broken" && !has("lvs1 answers"),
            ("table-differs", _) => trace.to_string().contains("the kernel ignores the port 8080"),
            ("one-node", _) => {
                !has("web1 takes") || !events.iter().any(|one| one == "web1 replies")
            }
            _ => panic!("no trace for the symptom {symptom}"),
        };
        assert!(shows, "{name}: outside {outside}, on-link {on_link}, {events:?}, {files:?}");
        seen += 1;
    }
    assert!(seen > 12);
}
