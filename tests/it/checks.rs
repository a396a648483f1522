//! Every rule has its story, and the story's examples behave.

use std::collections::BTreeSet;
use std::fs;

use lvsgen::check;
use lvsgen::diagnostic::{Report, Rule};
use lvsgen::embed::{self, Files};
use lvsgen::model::{Cluster, TargetName};
use lvsgen::output::RULES;
use lvsgen::profile::ProfileSet;
use lvsgen::source::Source;

use super::support::repository;

/// The examples know one more target: one that provides nothing.
fn profiles() -> ProfileSet {
    let bare = "description: a target of one's own that provides nothing\n";
    ProfileSet::load(&embed::profiles(Files::from([("bare.yaml".into(), bare.into())]))).unwrap()
}

fn findings(model: &str) -> Vec<&'static str> {
    let (cluster, mut report) = Cluster::parse(&Source::new("model", model));
    let fallback = TargetName::new("openeuler").unwrap();
    if let Some(cluster) = cluster {
        let checked: Report = check::run(&cluster, &profiles(), None, &fallback).1;
        report = checked;
    }
    report.sorted().iter().map(|finding| finding.rule.code).collect()
}

/// The YAML of a section of a rule's story.
fn example(rule: &Rule, heading: &str) -> String {
    let section = rule.doc.split(&format!("## {heading}\n")).nth(1);
    let section = section.unwrap_or_else(|| panic!("{} has no {heading}", rule.code));
    let yaml = section.split("```yaml\n").nth(1).and_then(|rest| rest.split("```").next());
    yaml.unwrap_or_else(|| panic!("{} has no YAML under {heading}", rule.code)).to_owned()
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

#[test]
fn bad_examples_break_their_rule_and_good_ones_none() {
    for rule in check::rules() {
        let bad = findings(&example(rule, "Bad"));
        assert!(
            !bad.is_empty() && bad.iter().all(|code| *code == rule.code),
            "{}: {bad:?}",
            rule.code
        );
        let good = findings(&example(rule, "Good"));
        assert!(good.is_empty(), "{}: {good:?}", rule.code);
    }
}

#[test]
fn the_list_of_checks_is_the_folder() {
    let folder = fs::read_dir(repository().join("src/check")).unwrap();
    let files = folder.map(|entry| entry.unwrap().path().file_stem().unwrap().to_owned());
    let files: BTreeSet<String> = files.map(|stem| stem.into_string().unwrap()).collect();
    let codes = check::ALL.iter().map(|check| check.rule.code.replace('-', "_"));
    assert_eq!(codes.collect::<BTreeSet<_>>(), files);
    assert!(check::ALL.is_sorted_by_key(|check| check.rule.code));
}
