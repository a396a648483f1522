//! The monitoring delivery: its alerts, their faults, and the dashboard. promtool checks the expressions in tests/consumers.

use std::collections::BTreeSet;
use std::fs;
use std::path::Path;
use std::process::Command;

use lvsgen::check;
use lvsgen::delivery::Delivery;
use lvsgen::model::{Cluster, TargetName};
use lvsgen::monitoring::alerts;
use lvsgen::pipeline::{Output, Pipeline};
use lvsgen::source::Source;
use proptest::strategy::Strategy as _;
use proptest::test_runner::TestRunner;
use serde_json::Value;

use super::support::{repository, session};

/// The delivery of the golden case.
fn committed(path: &str) -> String {
    let folder = repository().join("golden/monitoring/rendered/monitoring");
    fs::read_to_string(folder.join(path)).unwrap()
}

/// Every text of a value.
fn texts<'v>(value: &'v Value, found: &mut Vec<&'v str>) {
    match value {
        Value::String(text) => found.push(text),
        Value::Array(items) => items.iter().for_each(|item| texts(item, found)),
        Value::Object(fields) => fields.values().for_each(|item| texts(item, found)),
        _ => {}
    }
}

#[test]
fn every_alert_has_a_test_in_the_golden_case() {
    let (rules, tests) = (committed("rules/lvsgen-shop.yml"), committed("tests/lvsgen-shop.yml"));
    let mut names = BTreeSet::new();
    for alert in alerts::all() {
        assert!(names.insert(alert.name), "{} stands twice", alert.name);
        let rule = format!("      - alert: {}\n", alert.name);
        assert!(rules.contains(&rule), "the golden case lacks {}", alert.name);
        let test = format!("  - name: {}\n", alert.name);
        assert!(tests.contains(&test), "{} has no test", alert.name);
        assert!(alert.name.starts_with("LVS"), "{}", alert.name);
    }
    assert!(
        rules.contains("runbook_url: \"https://wiki.example.org/lvs/LVSVipNowhere\"")
            || rules.contains("runbook_url: https://wiki.example.org/lvs/LVSVipNowhere")
    );
}

#[test]
fn a_dashboard_is_one_that_grafana_takes() {
    let dashboard: Value =
        serde_json::from_str(&committed("grafana/dashboards/lvsgen-shop.json")).unwrap();
    let rules = committed("rules/lvsgen-shop.yml");
    assert_eq!(dashboard["uid"], "lvsgen-shop");
    assert!(dashboard.get("id").is_none() && dashboard.get("__inputs").is_none());
    let (mut numbers, mut cells) = (BTreeSet::new(), BTreeSet::new());
    for panel in dashboard["panels"].as_array().unwrap() {
        let title = panel["title"].as_str().unwrap();
        assert!(numbers.insert(panel["id"].as_u64().unwrap()), "{title}: the number stands twice");
        let place = |key: &str| panel["gridPos"][key].as_u64().unwrap();
        assert!(place("x") + place("w") <= 24, "{title} is too wide");
        for x in place("x")..place("x") + place("w") {
            for y in place("y")..place("y") + place("h") {
                assert!(cells.insert((x, y)), "{title} covers another panel");
            }
        }
        if panel["type"] == "row" {
            continue;
        }
        assert!(!panel["description"].as_str().unwrap().is_empty(), "{title}");
        assert_eq!(panel["datasource"]["uid"], "${datasource}", "{title}");
        let defaults = &panel["fieldConfig"]["defaults"];
        assert!(defaults["unit"].is_string(), "{title}");
        assert!(defaults["thresholds"]["steps"][0]["value"].is_null(), "{title}");
        for target in panel["targets"].as_array().unwrap() {
            expression(title, target["expr"].as_str().unwrap(), &rules);
        }
    }
    let mut all = Vec::new();
    texts(&dashboard, &mut all);
    assert!(all.iter().all(|text| !text.contains("192.168.")), "an address of the model");
}

/// The rules of a query: only this cluster, only recorded series, no counter without a rate, no sum over directors.
fn expression(title: &str, expr: &str, rules: &str) {
    assert!(expr.contains("cluster=\"$cluster\""), "{title}: {expr}");
    let series = expr.split(|c: char| !c.is_ascii_alphanumeric() && c != '_' && c != ':');
    for name in series.filter(|name| name.starts_with("lvs:")) {
        assert!(
            rules.contains(&format!("record: {name}\n"))
                || rules.contains(&format!("record: \"{name}\"\n")),
            "{title}: no rule records {name}"
        );
    }
    for (at, _) in expr.match_indices("_total{") {
        let end = expr[at..].find('}').map(|end| at + end + 1).unwrap();
        assert!(expr[end..].starts_with("[$__rate_interval]"), "{title}: a counter without a rate");
    }
    assert!(!expr.contains("sum by (service)"), "{title}: a sum over directors");
}

#[test]
fn explain_knows_alerts() {
    let seen = session(repository(), &["explain", "lvsviptwice"]);
    assert!(seen.starts_with("### LVSVipTwice\n") && seen.ends_with("[exit 0]\n"), "{seen}");
    let seen = session(repository(), &["explain", "LVSVipTwic"]);
    assert!(seen.contains("did you mean") && seen.contains("LVSVipTwice"), "{seen}");
}

#[test]
fn without_the_key_there_are_no_files() {
    let folder = tempfile::tempdir().unwrap();
    let seen = session(folder.path(), &["render", "--example", "--output", "out"]);
    assert!(seen.ends_with("[exit 0]\n"), "{seen}");
    assert!(!folder.path().join("out/monitoring").exists());
}

#[test]
fn the_same_cluster_twice_gives_the_same_names() {
    let blackbox = committed("blackbox.yml");
    // The prober has the modules of several clusters in one file: a name says everything about its module.
    for name in [
        "lvsgen_http_200_299:",
        "lvsgen_https_200_200_www_example_org:",
        "lvsgen_dns_www_example_org:",
    ] {
        assert!(blackbox.contains(name), "{name} is not in\n{blackbox}");
    }
}

/// The number of generated models whose rules promtool tests.
const GENERATED: u32 = 6;

#[test]
#[expect(clippy::print_stdout, reason = "the test command collects the tests that did not run")]
fn the_rules_of_generated_models_pass_their_tests() {
    let promtool = repository().join("target/consumers/root/usr/bin/promtool");
    if !promtool.exists() {
        assert!(std::env::var_os("CI").is_none(), "under CI, tests/prepare unpacks promtool");
        println!("not run: promtool on generated models: tests/prepare did not unpack promtool");
        return;
    }
    let pipeline = Pipeline::load(Default::default(), Default::default()).unwrap();
    let fallback = TargetName::new(lvsgen::profile::DEFAULT_TARGET).unwrap();
    let config = crate::random::config(GENERATED);
    let wanted = config.cases;
    let mut runner = TestRunner::new(config);
    let models = crate::fuzz::segments();
    let mut tried = 0;
    while tried < wanted {
        let model = models.new_tree(&mut runner).unwrap();
        let model = proptest::strategy::ValueTree::current(&model);
        let source = Source::new("model", lvsgen::yaml::to_string(&model).unwrap());
        let Some(cluster) = Cluster::parse(&source).0.filter(|one| one.monitoring.is_some()) else {
            continue;
        };
        let Some(checked) = check::run(&cluster, pipeline.profiles(), None, &fallback).0 else {
            continue;
        };
        tried += 1;
        let read_back = pipeline.render(&checked).unwrap();
        let folder = tempfile::tempdir().unwrap();
        for file in Output::new(&checked, &read_back, &[Delivery::Monitoring]).files {
            let path = folder.path().join(&file.path);
            fs::create_dir_all(path.parent().unwrap()).unwrap();
            fs::write(path, file.contents.as_bytes()).unwrap();
        }
        let ran = Command::new(&promtool)
            .args(["test", "rules", "monitoring/tests/lvsgen-p.yml"])
            .current_dir(folder.path())
            .output()
            .unwrap();
        let told = String::from_utf8_lossy(&ran.stdout).into_owned()
            + &String::from_utf8_lossy(&ran.stderr);
        assert!(ran.status.success(), "{told}\n{}", source.main().text());
    }
}

/// The finding or the end of a render of the example with a monitoring.
fn rendered_with(folder: &Path, monitoring: &str) -> String {
    let model = format!("{}\nmonitoring: {monitoring}\n", lvsgen::embed::EXAMPLE);
    fs::write(folder.join("cluster.yaml"), model).unwrap();
    session(folder, &["render", "--target", "debian-12", "--output", "out"])
}

#[test]
fn the_nfs_server_can_be_the_monitoring_server() {
    let folder = tempfile::tempdir().unwrap();
    let server = "{ server: { name: nfs1, address: 192.168.10.104 }, alertmanager: 10.0.0.1:9093 }";
    let seen = rendered_with(folder.path(), server);
    assert!(seen.ends_with("[exit 0]\n"), "{seen}");
    let steps = fs::read_to_string(folder.path().join("out/install/nfs1.steps")).unwrap();
    // The real servers wait for its share.
    assert!(steps.contains("\nwave 1\n"), "{steps}");
    assert!(steps.contains("\nrole nfs-server\nrole monitoring-server\n"), "{steps}");
    let own = folder.path().join("out/hosts/nfs1/etc/prometheus/lvsgen");
    let rules = fs::read_to_string(own.join("rules/lvsgen-web.yml")).unwrap();
    let delivered = folder.path().join("out/monitoring/rules/lvsgen-web.yml");
    let rest = |text: &str| text.split_once('\n').unwrap().1.to_owned();
    assert_eq!(rest(&rules), rest(&fs::read_to_string(delivered).unwrap()));
    // It scrapes itself too.
    let nodes = fs::read_to_string(own.join("file_sd/lvsgen-web-node.json")).unwrap();
    assert_eq!(nodes.matches("\"instance\"").count(), 4, "{nodes}");
}

#[test]
fn a_monitoring_server_has_its_own_place() {
    let folder = tempfile::tempdir().unwrap();
    for (monitoring, wanted) in [
        ("{ server: { name: web1, address: 192.168.10.102 } }", "error[prober-in-cluster]"),
        ("{ server: { name: lvs1, address: 192.168.10.101 } }", "error[prober-in-cluster]"),
        ("{ server: { name: web1, address: 192.168.10.110 } }", "error[duplicate-name]"),
        ("{ server: { name: mon1, address: 192.168.10.102 } }", "error[prober-in-cluster]"),
        (
            "{ server: { name: mon1, address: 192.168.10.110 }, from: 192.168.10.1 }",
            "`monitoring` with a `server` cannot have the key `from`",
        ),
        ("{ external: false, from: 192.168.10.110 }", "write `server` in the place of `external`"),
        (
            "{ server: { name: mon1, address: 192.168.10.110, target: rocky-9 } }",
            "error[need-not-provided]",
        ),
        (
            "{ server: { name: nfs1, address: 192.168.10.104, target: debian-13 } }",
            "the second entry of `nfs1` has a `target`",
        ),
    ] {
        let seen = rendered_with(folder.path(), monitoring);
        assert!(seen.contains(wanted) && seen.ends_with("[exit 1]\n"), "{monitoring}: {seen}");
    }
}
