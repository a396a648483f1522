//! The README shows what the program prints: each block under `<!-- $ COMMAND -->` is that
//! command's output, run in the README's order in one empty folder.

use std::collections::BTreeSet;
use std::fs;
use std::path::Path;
use std::process::Command;

use lvsgen::check;
use lvsgen::model::Need;
use lvsgen::model::schema::schema;
use serde_json::Value;

use super::support::{assert_golden, profiles, repository};

const MARK: &str = "<!-- $ ";

fn output_of(command: &str, directory: &Path) -> String {
    let program = Path::new(env!("CARGO_BIN_EXE_lvsgen")).parent().unwrap();
    let path = format!("{}:/usr/bin:/bin", program.display());
    let ran = Command::new("sh")
        .args(["-c", &format!("exec 2>&1; {command}")])
        .current_dir(directory)
        .env_clear()
        .env("PATH", path)
        .env("LC_ALL", "C")
        .output()
        .unwrap();
    let output = String::from_utf8(ran.stdout).unwrap();
    assert!(!output.contains("this is a fault of lvsgen"), "{command}: {output}");
    output
}

/// The last line of a command that failed.
const FAILED: &str = "the command failed";

#[test]
fn every_block_is_what_the_program_prints() {
    let path = repository().join("README.md");
    let written = fs::read_to_string(&path).unwrap();
    let directory = tempfile::tempdir().unwrap();
    let mut fresh = String::new();
    let mut lines = written.lines();
    let mut blocks = 0;
    while let Some(line) = lines.next() {
        fresh += &format!("{line}\n");
        let Some(command) = line.strip_prefix(MARK).and_then(|line| line.strip_suffix(" -->"))
        else {
            continue;
        };
        blocks += 1;
        let output = output_of(command, directory.path());
        if command.ends_with("--markdown") {
            fresh += &format!("{output}<!-- end -->\n");
            lines.by_ref().find(|line| *line == "<!-- end -->").unwrap();
            continue;
        }
        let fence = lines.next().unwrap();
        assert!(fence.starts_with("```"), "no block follows: {line}");
        fresh += &format!("{fence}\n{}\n```\n", output.trim_end());
        lines.by_ref().find(|line| *line == "```").unwrap();
    }
    assert!(blocks >= 8, "the README shows less than it did");
    assert_golden(&path, &with_last_run(&fresh));
}

/// Puts the last run of the benchmark where the README shows it, and no better one.
fn with_last_run(readme: &str) -> String {
    let results = fs::read_to_string(repository().join("benches/RESULTS.md")).unwrap();
    let table = results.split("\nAt 10,000").nth(1).unwrap().split("\n\n").nth(1).unwrap();
    let (before, rest) = readme.split_once("<!-- results -->\n").unwrap();
    let (_, after) = rest.split_once("<!-- end -->").unwrap();
    format!("{before}<!-- results -->\n{}\n<!-- end -->{after}", table.trim_end())
}

#[test]
fn the_book_of_checks_is_what_the_program_tells() {
    let folder = repository().join("docs");
    for (page, command) in [
        ("checks.md", "explain --all"),
        ("profiles.md", "schema --profile --format markdown"),
        ("alerts.md", "explain --alerts"),
    ] {
        let output = output_of(&format!("lvsgen {command} || echo '{FAILED}'"), &folder);
        assert!(!output.contains(FAILED), "{command}: {output}");
        assert_golden(&folder.join(page), &output);
    }
    let pitfalls = fs::read_to_string(folder.join("pitfalls.md")).unwrap();
    let book = fs::read_to_string(folder.join("checks.md")).unwrap();
    let links = pitfalls.split("(checks.md#").skip(1).map(|rest| rest.split(')').next().unwrap());
    let mut linked = 0;
    for code in links {
        assert!(book.contains(&format!("\n## {code}\n")), "{code} is in no book");
        linked += 1;
    }
    assert!(linked > 20);
}

#[test]
fn every_key_of_the_model_is_in_the_reference() {
    let readme = fs::read_to_string(repository().join("README.md")).unwrap();
    let reference = readme.split("\n## The model\n").nth(1).unwrap();
    let reference = reference.split("\n## ").next().unwrap();
    let codes = check::meaning().map(|rule| rule.code);
    let schema = schema(profiles().names(), codes);
    let mut keys = BTreeSet::new();
    properties(&schema, &mut keys);
    // The table of targets has the needs.
    let is_need = |key: &&String| Need::ALL.iter().any(|need| need.as_str() == **key);
    for key in keys.iter().filter(|key| !is_need(key)) {
        assert!(reference.contains(&format!("`{key}`")), "`{key}` is not in the README");
    }
    assert!(keys.len() > 30);
}

/// The names of all properties of a schema.
fn properties(schema: &Value, keys: &mut BTreeSet<String>) {
    match schema {
        Value::Object(entries) => {
            if let Some(Value::Object(named)) = entries.get("properties") {
                keys.extend(named.keys().cloned());
            }
            entries.values().for_each(|inner| properties(inner, keys));
        }
        Value::Array(items) => items.iter().for_each(|item| properties(item, keys)),
        _ => {}
    }
}
