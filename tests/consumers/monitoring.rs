//! The monitoring delivery, given to promtool, amtool and blackbox_exporter.
//!
//! The tests of the rules come with the delivery, so they are tested themselves: a rule that is wrong must fail its test.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

/// The models whose delivery is checked.
const MODELS: [&str; 5] = ["monitoring", "tutorial", "failover", "forwarding", "two-box"];

const KEY: &str =
    "\nmonitoring: { external: true, from: [192.168.10.250, \"2001:db8:10::250\"] }\n";

fn repository() -> &'static Path {
    Path::new(env!("CARGO_MANIFEST_DIR"))
}

fn program(name: &str, arguments: &[&str], folder: &Path) -> Result<(), String> {
    let path = repository().join("target/consumers/root/usr/bin").join(name);
    let ran = Command::new(path).args(arguments).current_dir(folder).output();
    let ran = ran.map_err(|error| format!("{name}: {error}"))?;
    if ran.status.success() {
        return Ok(());
    }
    let told = [ran.stdout, ran.stderr].concat();
    Err(format!("{name} {arguments:?}: {}", String::from_utf8_lossy(&told)))
}

/// The delivery of a golden model.
fn delivery(case: &str) -> Result<(tempfile::TempDir, PathBuf), String> {
    let folder = tempfile::tempdir().map_err(|error| error.to_string())?;
    let mut model =
        fs::read_to_string(repository().join("golden").join(case).join("cluster.yaml")).unwrap();
    if !model.contains("\nmonitoring:") {
        model.push_str(KEY);
    }
    fs::write(folder.path().join("cluster.yaml"), model).unwrap();
    let ran = Command::new(env!("CARGO_BIN_EXE_lvsgen"))
        .args(["render", "--target", "debian-12", "--delivery", "monitoring", "--output", "out"])
        .current_dir(folder.path())
        .output()
        .unwrap();
    if !ran.status.success() {
        return Err(format!("{case}: {}", String::from_utf8_lossy(&ran.stderr)));
    }
    let out = folder.path().join("out/monitoring");
    Ok((folder, out))
}

/// The only file of a folder.
fn only(folder: &Path) -> PathBuf {
    let mut files = fs::read_dir(folder).unwrap().map(|entry| entry.unwrap().path());
    let first = files.next().unwrap();
    assert!(files.next().is_none(), "{}", folder.display());
    first
}

pub fn every_file_of_the_delivery() -> Result<(), String> {
    for case in MODELS {
        let (_kept, out) = delivery(case)?;
        let rules = only(&out.join("rules"));
        let rules = rules.to_str().unwrap();
        program("promtool", &["check", "rules", "--lint=all", "--lint-fatal", rules], &out)?;
        program("promtool", &["test", "rules", only(&out.join("tests")).to_str().unwrap()], &out)
            .map_err(|told| format!("{case}: {told}"))?;
        program("amtool", &["check-config", "alertmanager.yml"], &out)?;
        let blackbox = ["--config.check", "--config.file=blackbox.yml"];
        program("prometheus-blackbox-exporter", &blackbox, &out)?;
        configuration(&out)?;
    }
    Ok(())
}

/// The whole configuration with its files, which lie in another folder here.
fn configuration(out: &Path) -> Result<(), String> {
    let here = |text: String| text.replace("/etc/prometheus/lvsgen", out.to_str().unwrap());
    let whole = here(fs::read_to_string(out.join("prometheus.yml")).unwrap());
    fs::write(out.join("whole.yml"), whole).unwrap();
    program("promtool", &["check", "config", "whole.yml"], out)
}

/// A rule of the file: its lines, and the name of its alert or series.
struct Rule {
    name: String,
    alert: bool,
    lines: std::ops::Range<usize>,
}

fn rules(lines: &[&str]) -> Vec<Rule> {
    let mut rules: Vec<Rule> = Vec::new();
    for (at, line) in lines.iter().enumerate() {
        for (kind, alert) in [("      - record: ", false), ("      - alert: ", true)] {
            if let Some(name) = line.strip_prefix(kind) {
                rules.push(Rule {
                    name: name.trim_matches('"').to_owned(),
                    alert,
                    lines: at..lines.len(),
                });
            }
        }
        let group = line.starts_with("  - name: ");
        let open = rules.len().checked_sub(2 - usize::from(group));
        let begins = line.starts_with("      - ") || group;
        if let Some(before) = open.filter(|_| begins) {
            let end = rules[before].lines.end;
            if end == lines.len() && rules[before].lines.start < at {
                rules[before].lines.end = at;
            }
        }
    }
    rules
}

/// Only some tests of a file of tests, by name. A test may use an anchor of a test before it, so each alias becomes its series.
fn some_tests(text: &str, names: &[&str]) -> String {
    let mut series = std::collections::BTreeMap::new();
    let (mut kept, mut wanted) = (String::new(), true);
    for line in text.lines() {
        if let Some(name) = line.strip_prefix("  - name: ") {
            wanted = names.contains(&name);
        }
        let mut line = line.to_owned();
        if let Some((anchor, one)) =
            line.strip_prefix("      - &").and_then(|rest| rest.split_once(' '))
        {
            series.insert(anchor.to_owned(), one.to_owned());
            line = format!("      - {one}");
        } else if let Some(alias) = line.strip_prefix("      - *") {
            line = format!("      - {}", series[alias]);
        }
        if wanted {
            kept += &line;
            kept.push('\n');
        }
    }
    kept
}

/// The lines without some rules.
fn without<'l, 'r>(lines: &[&'l str], gone: impl Iterator<Item = &'r Rule>) -> Vec<&'l str> {
    let gone: Vec<&Rule> = gone.collect();
    let kept = lines.iter().enumerate();
    let kept = kept.filter(|(at, _)| !gone.iter().any(|rule| rule.lines.contains(at)));
    kept.map(|(_, line)| *line).collect()
}

/// The alerts that read a series, also by way of other series.
fn readers<'r>(lines: &[&str], rules: &'r [Rule], series: &'r str) -> Vec<&'r str> {
    let mut known = vec![series];
    let (mut at, mut alerts) = (0, Vec::new());
    while let Some(name) = known.get(at).copied() {
        at += 1;
        let reads = |rule: &&Rule| {
            let mut own = lines[rule.lines.clone()].iter().skip(1);
            own.any(|line| line.contains(&format!("{name}{{")))
        };
        for rule in rules.iter().filter(reads) {
            let list = if rule.alert { &mut alerts } else { &mut known };
            if !list.contains(&rule.name.as_str()) {
                list.push(&rule.name);
            }
        }
    }
    alerts
}

pub fn a_wrong_rule_fails_its_test() -> Result<(), String> {
    let (_kept, out) = delivery("monitoring")?;
    let (file, tests) = (only(&out.join("rules")), only(&out.join("tests")));
    let (text, all) = (fs::read_to_string(&file).unwrap(), fs::read_to_string(&tests).unwrap());
    let lines: Vec<&str> = text.lines().collect();
    let trial = |mutant: &[&str], names: Option<&[&str]>| {
        fs::write(&file, mutant.join("\n") + "\n").unwrap();
        fs::write(&tests, names.map_or_else(|| all.clone(), |names| some_tests(&all, names)))
            .unwrap();
        program("promtool", &["test", "rules", tests.to_str().unwrap()], &out)
    };
    trial(&lines, None)?;
    let mut tried = std::collections::BTreeSet::new();
    let mut alerts = 0;
    let all_rules = rules(&lines);
    for rule in &all_rules {
        let part = &lines[rule.lines.clone()];
        let gone = |one: &&Rule| one.name == rule.name;
        let without = without(&lines, all_rules.iter().filter(gone));
        if rule.alert {
            alerts += 1;
            // An alert that never fires, and one that always does.
            if trial(&without, Some(&[&rule.name])).is_ok() {
                return Err(format!("no test misses the alert {}", rule.name));
            }
            let head = [part[0], "        expr: vector(1)"];
            let always = [&lines[..rule.lines.start], &head, &lines[rule.lines.end..]].concat();
            if trial(&always, Some(&["healthy"])).is_ok() {
                return Err(format!("no test sees that {} fires", rule.name));
            }
        } else if tried.insert(rule.name.clone()) {
            let readers = readers(&lines, &all_rules, &rule.name);
            if trial(&without, Some(&readers)).is_ok() {
                return Err(format!("no test misses the series {}", rule.name));
            }
        }
    }
    assert!(alerts > 30, "only {alerts} alerts were tried");
    Ok(())
}
