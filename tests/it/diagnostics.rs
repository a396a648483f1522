//! What `lvsgen check` prints, to the letter: each `tests/diagnostics/NAME.yaml` beside its text.

use std::fs;

use super::support::{assert_golden, lvsgen, repository, session};

#[test]
fn findings_read_as_committed() {
    let folder = repository().join("tests/diagnostics");
    let mut tried = 0;
    for entry in fs::read_dir(&folder).unwrap() {
        let path = entry.unwrap().path();
        if path.extension().is_some_and(|ending| ending == "yaml") {
            let name = path.file_name().unwrap().to_str().unwrap();
            let seen = session(&folder, &["check", name]);
            assert_golden(&path.with_extension("txt"), &seen);
            every_finding_has_a_help(name);
            tried += 1;
        }
    }
    assert!(tried >= 4, "the cases are gone");
}

fn every_finding_has_a_help(model: &str) {
    let folder = repository().join("tests/diagnostics");
    let seen = lvsgen(&folder, &["check", model, "--format", "json"]).output().unwrap();
    let seen: serde_json::Value = serde_json::from_slice(&seen.stdout).unwrap();
    for finding in seen["findings"].as_array().unwrap() {
        assert!(finding["help"].is_string(), "{model}: {finding:#}");
    }
}

#[test]
fn twenty_faults_are_found_on_their_lines_and_no_others() {
    let folder = repository().join("tests/diagnostics");
    let model = fs::read_to_string(folder.join("twenty.yaml")).unwrap();
    let mut wanted: Vec<(u64, String)> = Vec::new();
    for (at, line) in model.lines().enumerate() {
        let codes = line.split("# finds: ").nth(1).into_iter().flat_map(|rest| rest.split(", "));
        wanted.extend(codes.map(|code| (at as u64 + 1, code.to_owned())));
    }
    let ran = lvsgen(&folder, &["check", "twenty.yaml", "--format", "json"]).output().unwrap();
    let seen: serde_json::Value = serde_json::from_slice(&ran.stdout).unwrap();
    let mut seen: Vec<(u64, String)> = seen["findings"]
        .as_array()
        .unwrap()
        .iter()
        .map(|one| {
            (one["place"]["line"].as_u64().unwrap(), one["code"].as_str().unwrap().to_owned())
        })
        .collect();
    wanted.sort();
    seen.sort();
    assert_eq!(seen, wanted);
    assert!(wanted.len() >= 20);
}

#[test]
fn findings_are_for_programs_too() {
    let folder = repository().join("tests/diagnostics");
    for format in ["json", "sarif", "github"] {
        let arguments = ["check", "allowed.yaml", "--format", format];
        let seen = lvsgen(&folder, &arguments).output().unwrap();
        let text = String::from_utf8(seen.stdout).unwrap();
        if format == "sarif" {
            let read: serde_sarif::sarif::Sarif = serde_json::from_str(&text).unwrap();
            let run = &read.runs[0];
            let results = run.results.as_ref().unwrap();
            let rules = run.tool.driver.rules.as_ref().unwrap();
            for result in results {
                let rule = &rules[usize::try_from(result.rule_index.unwrap()).unwrap()];
                assert_eq!(Some(&rule.id), result.rule_id.as_ref());
            }
            assert_eq!(results.iter().filter(|one| one.suppressions.is_some()).count(), 1);
            // The rules' stories are the book's.
            let mut document: serde_json::Value = serde_json::from_str(&text).unwrap();
            document["runs"][0]["tool"]["driver"]["rules"].take();
            assert_golden(&folder.join("allowed.sarif.out"), &format!("{document:#}\n"));
        } else {
            assert_golden(&folder.join(format!("allowed.{format}.out")), &text);
        }
    }
}

#[test]
fn warnings_are_denied_on_demand() {
    let folder = repository().join("tests/diagnostics");
    let code = |arguments: &[&str]| {
        let all = [&["check", "allowed.yaml"], arguments].concat();
        lvsgen(&folder, &all).output().unwrap().status.code()
    };
    assert_eq!(code(&[]), Some(0));
    assert_eq!(code(&["--deny", "warnings"]), Some(1));
    assert_eq!(code(&["--deny", "warnings", "--allow", "no-health-check"]), Some(1));
    let both = ["--allow", "no-health-check", "--allow", "weights-ignored", "--deny", "warnings"];
    assert_eq!(code(&both), Some(0));
    let seen = session(&folder, &["check", "--allow", "gateway-is-director"]);
    assert!(
        seen.ends_with("[exit 2]\n") && seen.contains("this is not the code of a warning"),
        "{seen}"
    );
    let seen = session(&folder, &["check", "--allow", "single-directer"]);
    assert!(seen.contains("did you mean `single-director`?"), "{seen}");
}
