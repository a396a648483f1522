//! Every rule has its story, and the story's examples behave.

use std::collections::{BTreeMap, BTreeSet};
use std::fs;

use lvsgen::check;
use lvsgen::diagnostic::{Report, Rule, human};
use lvsgen::embed::{self, Files};
use lvsgen::model::{Cluster, TargetName};
use lvsgen::output::RULES;
use lvsgen::profile::ProfileSet;
use lvsgen::source::Source;

use serde_json::Value;

use super::support::{assert_golden, repository, session};

/// The stories show only the keys that matter; this is the rest of their cluster.
const BASE: [(&str, &str); 5] = [
    ("name", "name: web\n"),
    ("network", "network: { interface: ens33, subnet: 192.168.10.0/24, gateway: 192.168.10.2 }\n"),
    ("directors", "directors: [{ name: lvs1, address: 192.168.10.101 }]\n"),
    (
        "real_servers",
        "real_servers:\n  - { name: web1, address: 192.168.10.102 }\n  - { name: web2, address: 192.168.10.103 }\n",
    ),
    ("virtual_services", "virtual_services: [{ name: http, vip: 192.168.10.100, port: 80 }]\n"),
];

/// An example with the profiles that it brings.
struct Example {
    model: String,
    profiles: Files,
}

impl Example {
    /// The YAML blocks of a section of a rule's story: the model, and profiles that say their path.
    fn of(rule: &Rule, heading: &str) -> Self {
        let section = rule.doc.split(&format!("## {heading}\n")).nth(1);
        let section = section.unwrap_or_else(|| panic!("{} has no {heading}", rule.code));
        let section = section.split("\n## ").next().unwrap();
        // The examples know one more target: one that provides nothing.
        let bare =
            "description: a target of one's own that provides nothing\npackage_manager: apt\n";
        let mut profiles = Files::from([("bare.yaml".to_owned(), bare.to_owned())]);
        let mut model = None;
        for block in section.split("```yaml\n").skip(1) {
            let block = block.split("```").next().unwrap();
            match block.strip_prefix("# profiles/") {
                Some(profile) => {
                    let (name, text) = profile.split_once('\n').unwrap();
                    profiles.insert(name.to_owned(), text.to_owned());
                }
                None => model = Some(block.to_owned()),
            }
        }
        let model = model.unwrap_or_else(|| panic!("{} has no YAML under {heading}", rule.code));
        Self { model, profiles }
    }

    /// The example as a whole cluster; its own lines come first.
    fn completed(mut self) -> Self {
        for (key, text) in BASE {
            let has =
                |key: &str| self.model.lines().any(|line| line.starts_with(&format!("{key}:")));
            if !has(key) && (key != "network" || !has("segments")) {
                self.model += text;
            }
        }
        self
    }

    fn report(&self, rule: &Rule) -> (Source, Report) {
        let source = Source::new("model", self.model.as_str());
        let profiles = ProfileSet::load(&embed::profiles(self.profiles.clone())).unwrap();
        let (cluster, mut report) = Cluster::parse(&source);
        let fallback = TargetName::new(lvsgen::profile::DEFAULT_TARGET).unwrap();
        if let Some(cluster) = cluster {
            let found = check::run(&cluster, &profiles, None, &fallback).1;
            report = found;
        }
        // What is true of nearly every example is told by its own.
        for everywhere in ["single-director", "no-health-check"] {
            if rule.code != everywhere {
                report.allow(everywhere, None, "the examples' own");
            }
        }
        (source, report)
    }
}

fn codes(report: &Report) -> Vec<&'static str> {
    report.sorted().iter().map(|finding| finding.rule.code).collect()
}

/// Whether a rule is one of meaning, whose examples show only what matters.
fn of_meaning(rule: &Rule) -> bool {
    check::meaning().any(|one| one.code == rule.code)
}

#[test]
fn codes_are_kebab_case_and_unique() {
    let mut seen = BTreeSet::new();
    for rule in check::rules().into_iter().chain(RULES) {
        let plain = rule.code.bytes().all(|byte| byte.is_ascii_lowercase() || byte == b'-');
        assert!(plain && seen.insert(rule.code), "{}", rule.code);
    }
}

#[test]
fn every_story_has_its_parts() {
    for rule in check::rules().into_iter().chain(RULES) {
        let summary = rule.doc.lines().next().unwrap();
        assert!(summary.ends_with('.') && summary.len() <= 100, "{}: {summary}", rule.code);
        assert!(rule.doc.contains("\n## Why is this bad?\n"), "{}", rule.code);
    }
}

/// A model as a value, without one of its keys, or without one of its hosts and services. Each of them is left out once.
fn with_gaps(model: &Value) -> Vec<Value> {
    let mut models: Vec<Value> = Vec::new();
    for key in model.as_object().into_iter().flat_map(|entries| entries.keys()) {
        let mut gap = model.clone();
        gap.as_object_mut().unwrap().remove(key);
        models.push(gap);
    }
    for list in ["directors", "real_servers", "virtual_services"] {
        let items = model[list].as_array().map_or(0, Vec::len);
        for at in 0..items {
            let mut gap = model.clone();
            gap[list].as_array_mut().unwrap().remove(at);
            models.push(gap);
        }
    }
    models
}

/// A model whose shape is wrong is checked without the faulty entries. No check may report the gap.
#[test]
fn a_gap_is_no_finding_of_a_part() {
    let profiles = ProfileSet::built_in();
    let fallback = TargetName::new(lvsgen::profile::DEFAULT_TARGET).unwrap();
    let found = |model: &Value| -> BTreeMap<&'static str, usize> {
        let source = Source::new("model", model.to_string());
        // A model without directors or services is no cluster, but its rest can be read.
        let cluster = Cluster::parse(&source).0.or_else(|| Cluster::readable_part(&source));
        let Some(cluster) = cluster else { return BTreeMap::new() };
        let mut counts = BTreeMap::new();
        for code in codes(&check::of_part(&cluster, &profiles, &fallback)) {
            *counts.entry(code).or_default() += 1;
        }
        counts
    };
    let examples = check::meaning()
        .flat_map(|rule| ["Bad", "Good"].map(|of| Example::of(rule, of).completed().model));
    let golden = super::support::folders(&repository().join("golden"));
    let golden =
        golden.iter().filter_map(|folder| fs::read_to_string(folder.join("cluster.yaml")).ok());
    let models =
        examples.chain(golden).chain(embed::Example::all().map(|one| one.model.to_owned()));
    let (mut gaps, mut wrong) = (0, BTreeSet::new());
    for model in models {
        let Ok(model) = lvsgen::yaml::from_str::<Value>(&model) else { continue };
        let whole = found(&model);
        for gap in with_gaps(&model) {
            gaps += 1;
            for (code, count) in found(&gap) {
                if count > whole.get(code).copied().unwrap_or(0) {
                    wrong.insert(code);
                }
            }
        }
    }
    assert!(gaps > 1000, "{gaps} gaps are too few");
    assert!(wrong.is_empty(), "{wrong:?}");
}

/// The codes that `check` reports for a model, each once.
fn codes_of(model: &str) -> Vec<String> {
    let directory = tempfile::tempdir().unwrap();
    fs::write(directory.path().join("cluster.yaml"), model).unwrap();
    let seen = session(directory.path(), &["check", "--format", "json"]);
    let parts = seen.split("\"code\": \"").skip(1);
    let found: BTreeSet<&str> = parts.filter_map(|part| part.split('"').next()).collect();
    found.into_iter().map(str::to_owned).collect()
}

/// The only service of a small model has a fault of shape: the faults of the rest are reported.
#[test]
fn a_fault_of_the_only_service_hides_no_fault_of_meaning() {
    let found = codes_of(
        "name: web\nnetwork: { interface: ens33, subnet: 192.168.10.0/24, gateway: 192.168.10.2 }\n\
         directors: [{ name: lvs1, address: 192.168.10.101 }]\n\
         real_servers:\n  - { name: web1, address: 192.168.10.102 }\n  - { name: web2, address: 192.168.10.102 }\n\
         virtual_services: [{ name: http, vip: 192.168.10.100, port: 80, scheduler: round-robin }]\n",
    );
    assert_eq!(found, ["bad-value", "duplicate-address"]);
}

/// One round shows the faults of shape and the faults of meaning. The rest of a host or a service stays when one value is wrong.
#[test]
fn a_fault_of_shape_hides_no_fault_of_meaning() {
    let model = "name: web\nnetwork: { interface: ens33, subnet: 192.168.10.0/24 }\nhealht: { tcp: true }\n\
        directors: [{ name: lvs1, address: 192.168.10.101 }]\n\
        real_servers:\n  - { name: web1, address: 192.168.10.102 }\n  - { name: web2, address: 192.168.10.102 }\n  \
        - { name: web3, address: 192.168.10.104, wieght: 3 }\n  - { address: 192.168.10.9 }\n\
        virtual_services:\n  - { name: http, vip: 192.168.10.101, port: 80 }\n  \
        - { name: https, vip: 192.168.10.101, port: 443, scheduler: round-robin }\n";
    assert_eq!(
        codes_of(model),
        ["bad-value", "duplicate-address", "missing-key", "unknown-key", "vip-is-host-address"]
    );
}

#[test]
fn bad_examples_break_their_rule_and_good_ones_none() {
    let mut all = String::new();
    for rule in check::rules() {
        let example = |heading| match Example::of(rule, heading) {
            example if of_meaning(rule) => example.completed(),
            example => example,
        };
        let (source, report) = example("Bad").report(rule);
        let bad = codes(&report);
        assert!(!bad.is_empty(), "{} finds nothing in its bad example", rule.code);
        assert!(bad.iter().all(|code| *code == rule.code), "{}: {bad:?}", rule.code);
        let sorted = report.sorted();
        let helpless = sorted.iter().find(|finding| finding.help.is_none());
        assert!(helpless.is_none(), "{}: {helpless:?}", rule.code);
        all += &human::report(&report, Some(&source), human::View::Whole, human::WIDTH);
        let (_, report) = example("Good").report(rule);
        let clean = if of_meaning(rule) { report.is_empty() } else { !report.has_errors() };
        assert!(clean, "{}: {:?}", rule.code, codes(&report));
    }
    let plain = anstream::adapter::strip_str(&all).to_string();
    assert_golden(&repository().join("tests/diagnostics/every-bad-example.out"), &plain);
}

#[test]
fn the_list_of_checks_is_the_folder() {
    let folder = fs::read_dir(repository().join("src/check/rules")).unwrap();
    let names = folder.map(|entry| entry.unwrap().file_name().into_string().unwrap());
    let names: BTreeSet<String> = names.collect();
    let code = check::ALL.iter().map(|check| format!("{}.rs", check.rule.code.replace('-', "_")));
    let docs = check::ALL.iter().map(|check| format!("{}.md", check.rule.code));
    assert_eq!(code.chain(docs).collect::<BTreeSet<_>>(), names);
    assert!(check::ALL.is_sorted_by_key(|check| check.rule.code));
}
