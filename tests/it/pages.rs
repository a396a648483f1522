//! The pages for people show what the program prints. Each page is a session of its own in an empty folder, in the order
//! of its marks: `<!-- $ COMMAND -->` shows the output of a command, and `<!-- ! COMMAND -->` runs a command without a word.
//! Every link leads somewhere.

use std::collections::BTreeSet;
use std::fs;
use std::path::Path;
use std::process::Command;

use lvsgen::check;
use lvsgen::model::schema::schema;
use lvsgen::output::files_below;
use serde_json::Value;

use super::support::{assert_golden, profiles, repository};

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

/// The pages, as paths in the repository.
fn pages() -> Vec<String> {
    let root = repository();
    let top =
        fs::read_dir(root).unwrap().map(|entry| entry.unwrap().file_name().into_string().unwrap());
    let below =
        files_below(&root.join("docs")).unwrap().into_iter().map(|path| format!("docs/{path}"));
    let mut pages: Vec<String> = top.chain(below).filter(|path| path.ends_with(".md")).collect();
    pages.sort();
    pages
}

fn text_of(page: &str) -> String {
    fs::read_to_string(repository().join(page)).unwrap()
}

/// The command of a line with a mark.
fn marked<'a>(line: &'a str, mark: &str) -> Option<&'a str> {
    line.strip_prefix("<!-- ")?.strip_prefix(mark)?.strip_prefix(' ')?.strip_suffix(" -->")
}

/// A page with the output that its commands have now, and the number of its blocks.
fn fresh(page: &str) -> (String, usize) {
    let directory = tempfile::tempdir().unwrap();
    let text = text_of(page);
    let (mut fresh, mut blocks) = (String::new(), 0);
    let mut lines = text.lines();
    while let Some(line) = lines.next() {
        fresh += &format!("{line}\n");
        if let Some(command) = marked(line, "!") {
            output_of(command, directory.path());
        }
        let Some(command) = marked(line, "$") else { continue };
        blocks += 1;
        let output = output_of(command, directory.path());
        // Markdown stands in the page as it is.
        let (open, close) = if command.ends_with("markdown") {
            (String::new(), "<!-- end -->")
        } else {
            let fence = lines.next().unwrap();
            assert!(fence.starts_with("```"), "{page}: no block follows: {line}");
            (format!("{fence}\n"), "```")
        };
        fresh += &format!("{open}{}\n{close}\n", output.trim_end());
        lines.by_ref().find(|line| *line == close).unwrap();
    }
    (fresh, blocks)
}

#[test]
fn every_block_is_what_the_program_prints() {
    let mut all = 0;
    for page in pages() {
        let (mut fresh, blocks) = fresh(&page);
        if page == "docs/benchmarks.md" {
            fresh = with_last_run(&fresh);
        }
        all += blocks;
        assert_golden(&repository().join(&page), &fresh);
    }
    assert!(all >= 30, "the pages show {all} blocks, which are less than before");
}

#[test]
fn the_first_page_is_short() {
    for page in ["README.md", "README.zh-CN.md"] {
        assert!(text_of(page).lines().count() <= 200, "{page} has more than 200 lines");
    }
}

/// The anchors of a page's headings, as code hosts make them.
fn anchors(text: &str) -> BTreeSet<String> {
    let mut anchors = BTreeSet::new();
    let mut fenced = false;
    for line in text.lines() {
        fenced ^= line.starts_with("```");
        if fenced || !line.starts_with('#') {
            continue;
        }
        let heading = line.trim_start_matches('#').trim().to_lowercase();
        let kept = heading.chars().filter(|c| c.is_alphanumeric() || matches!(c, ' ' | '-' | '_'));
        anchors.insert(kept.map(|c| if c == ' ' { '-' } else { c }).collect());
    }
    anchors
}

/// The links of a page, without those in blocks and in code.
fn links(text: &str) -> Vec<String> {
    let mut links = Vec::new();
    let mut fenced = false;
    for line in text.lines() {
        fenced ^= line.starts_with("```");
        let prose = line.split('`').step_by(2).collect::<Vec<_>>().join("`");
        let found = prose.split("](").skip(1).filter_map(|rest| rest.split(')').next());
        links.extend(found.filter(|_| !fenced).map(str::to_owned));
    }
    links
}

#[test]
fn every_link_leads_somewhere() {
    let mut seen = 0;
    let mut dead = Vec::new();
    for page in pages() {
        let folder = Path::new(&page).parent().unwrap();
        for link in links(&text_of(&page)).into_iter().filter(|link| !link.contains("://")) {
            seen += 1;
            let (path, anchor) = link.split_once('#').unwrap_or((&link, ""));
            let target = match path {
                "" => page.clone(),
                path => folder.join(path).to_str().unwrap().to_owned(),
            };
            let text = fs::read_to_string(repository().join(&target)).unwrap_or_default();
            let there = repository().join(&target).exists();
            if !there || !(anchor.is_empty() || anchors(&text).contains(anchor)) {
                dead.push(format!("{page}: {link}"));
            }
        }
    }
    assert!(dead.is_empty(), "{}", dead.join("\n"));
    assert!(seen > 200, "{seen}");
}

#[test]
fn the_table_of_contents_has_every_page() {
    let contents = text_of("docs/SUMMARY.md");
    for page in pages().iter().filter_map(|page| page.strip_prefix("docs/")) {
        let listed = contents.contains(&format!("]({page})"));
        assert!(listed || page == "SUMMARY.md", "docs/SUMMARY.md has no {page}");
    }
}

/// Puts the last run of the benchmark where the page shows it, and no better one.
fn with_last_run(page: &str) -> String {
    let results = fs::read_to_string(repository().join("benches/RESULTS.md")).unwrap();
    let table = results.split("\nAt 10,000").nth(1).unwrap().split("\n\n").nth(1).unwrap();
    let (before, rest) = page.split_once("<!-- results -->\n").unwrap();
    let (_, after) = rest.split_once("<!-- end -->").unwrap();
    format!("{before}<!-- results -->\n{}\n<!-- end -->{after}", table.trim_end())
}

#[test]
fn the_generated_pages_are_what_the_program_prints() {
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
    let reference = text_of("docs/model.md");
    let codes = check::allowable().map(|rule| (rule.code, rule.summary()));
    let schema = schema(profiles().names(), codes);
    let mut keys = BTreeSet::new();
    properties(&schema, &mut keys);
    for key in &keys {
        assert!(reference.contains(&format!("| `{key}` |")), "`{key}` is not in docs/model.md");
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
