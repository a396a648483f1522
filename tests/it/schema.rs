//! The schema says what the model's own reader says: what it takes, an editor takes, and what is
//! not of its shape is marked there too.

use std::fs;

use lvsgen::check;
use lvsgen::embed;
use lvsgen::model::schema::schema;
use serde_json::Value;

use super::support::{folders, profiles, repository};

fn validator() -> jsonschema::Validator {
    let profiles = profiles();
    let codes = check::allowable().map(|rule| (rule.code, rule.summary()));
    jsonschema::validator_for(&schema(profiles.names(), codes)).unwrap()
}

fn faults(validator: &jsonschema::Validator, model: &str) -> Vec<String> {
    let model: Value = lvsgen::yaml::from_str(model).unwrap();
    validator
        .iter_errors(&model)
        .map(|error| format!("{}: {error}", error.instance_path()))
        .collect()
}

#[test]
fn every_model_that_stands_here_fits() {
    let validator = validator();
    let mut tried = 0;
    for folder in ["golden", "tests/lab/cases"] {
        for case in folders(&repository().join(folder)) {
            if let Ok(model) = fs::read_to_string(case.join("cluster.yaml")) {
                assert_eq!(faults(&validator, &model), [""; 0], "{}", case.display());
                tried += 1;
            }
        }
    }
    assert!(tried >= 5);
}

#[test]
fn a_fleet_fits() {
    let validator = validator();
    let host = "- { name: web1, address: 192.168.10.102 }";
    let model =
        lvsgen::embed::EXAMPLE.replace("scheduler: rr }", "scheduler: rr, real_servers: [REAL] }");
    for (entry, listed, fits) in [
        ("{ name: 'web[1-3]', address: 10.0.0.1-10.0.0.3 }", "'web[1-3]'", true),
        ("{ name: 'a[01-03].b', address: [10.0.0.1 - 10.0.0.3, 'fd00::1-fd00::3'] }", "web2", true),
        ("{ include: hosts/a.csv }", "{ include: b.yaml }", true),
        ("{ name: web1, address: 10.0.0.1 }", "{ name: 'web[1-3]', weight: 3 }", true),
        ("{ include: hosts/a.txt }", "web2", false),
        ("{ include: a.csv, name: x }", "web2", false),
        ("{ name: 'web[1-3', address: 10.0.0.1 }", "web2", false),
        ("{ name: web1, address: 10.0.0.1 }", "'web[1-3'", false),
        ("{ name: web1, address: 10.0.0.1- }", "web2", false),
    ] {
        let model = model.replace(host, &format!("- {entry}")).replace("REAL", listed);
        assert_eq!(faults(&validator, &model).is_empty(), fits, "{entry} {listed}");
    }
}

#[test]
fn what_is_not_of_the_models_shape_does_not_fit() {
    let validator = validator();
    for (old, new) in [
        ("interface: ens33", "interface: 'ens33:0'"),
        ("interface: ens33", "interface: lo"),
        ("interface: ens33", "interface: [ens33]"),
        ("subnet: 192.168.10.0/24", "subnet: 192.168.10.0"),
        ("subnet: 192.168.10.0/24", "subnett: 192.168.10.0/24"),
        ("name: lvs1", "name: LVS1"),
        ("address: 192.168.10.102", "address: 192.168.10.300"),
        ("address: 192.168.10.102", "address: 192.168.10.102/24"),
        ("address: 192.168.10.102", "title: Hello"),
        ("name: lvs1,", "name: lvs1, title: Hello,"),
        ("port: 80", "port: 0"),
        ("port: 80", "port: '80'"),
        ("port: 80", "port: []"),
        (", port: 80", ""),
        ("scheduler: rr", "scheduler: rrr"),
        ("scheduler: rr", "schedular: rr"),
        ("scheduler: rr", "persistence: 0"),
        ("scheduler: rr", "persistence: { netmask: 33 }"),
        ("scheduler: rr", "real_servers: [{ name: web1, weight: 70000 }]"),
        ("scheduler: rr", "scheduler: null"),
        ("export: /opt/wwwroot", "export: opt/wwwroot"),
        ("export: /opt/wwwroot", "export: /opt/../etc"),
        ("name: web\n", "name: web\nallow: [{ check: single-director }]\n"),
        ("name: web\n", "name: web\nallow: [{ check: single-directer, reason: x }]\n"),
        ("name: web\n", "name: web\nmechanisms: { real_server_vips: x }\n"),
        ("name: web\n", ""),
    ] {
        let model = embed::EXAMPLE.replacen(old, new, 1);
        assert_ne!(model, embed::EXAMPLE);
        assert!(!faults(&validator, &model).is_empty(), "`{new}` fits");
    }
}

/// The stories' own examples: all that is of shape, and the good ones of all checks.
#[test]
fn the_examples_of_shape_are_told_apart() {
    let validator = validator();
    for rule in lvsgen::model::shape::ALL {
        let example = |heading: &str| {
            let section = rule.doc.split(&format!("## {heading}\n")).nth(1).unwrap();
            section.split("```yaml\n").nth(1).unwrap().split("```").next().unwrap()
        };
        assert_eq!(faults(&validator, example("Good")), [""; 0], "{}", rule.code);
        // Of two keys alike, a validator never sees the first.
        if rule.code != "duplicate-key" {
            assert!(!faults(&validator, example("Bad")).is_empty(), "{}", rule.code);
        }
    }
}

/// Every built-in profile is of the schema that `lvsgen schema --profile` prints, and mistakes are not.
#[test]
fn profiles_fit_their_schema() {
    let validator = jsonschema::validator_for(&lvsgen::profile::schema()).unwrap();
    let profiles = embed::profiles(embed::Files::new());
    assert!(profiles.len() >= 12);
    for (name, text) in &profiles {
        assert_eq!(faults(&validator, text), [""; 0], "{name}");
    }
    let mechanism = "description: x\nneeds: { web_server: [{ mechanism: m, files: [FILE] }] }\n";
    for (file, fits) in [
        ("{ path: /etc/x, template: web/x.j2 }", true),
        ("{ path: /etc/x, document: ipvsadm, format: ipvsadm }", true),
        ("{ path: /etc/x, template: web/x.j2, mode: '0600' }", true),
        ("{ path: /etc/x, tmplate: web/x.j2 }", false),
        ("{ path: /etc/x, template: web/x.j2, format: nothing }", false),
        ("{ template: web/x.j2 }", false),
    ] {
        let found = faults(&validator, &mechanism.replace("FILE", file));
        assert_eq!(found.is_empty(), fits, "{file}: {found:?}");
    }
    for profile in
        ["needs: {}\n", "description: x\nneeds: { web_servr: [] }\n", "description: x\nextra: 1\n"]
    {
        assert_ne!(faults(&validator, profile), [""; 0], "{profile}");
    }
}

/// An editor prints a message, and not a regular expression; and it offers only codes that `allow` may name.
#[test]
fn the_schema_speaks_to_people() {
    fn silent(node: &Value, found: &mut Vec<String>) {
        if node["pattern"].is_string() && !node["patternErrorMessage"].is_string() {
            found.push(node.to_string());
        }
        match node {
            Value::Object(fields) => fields.values().for_each(|value| silent(value, found)),
            Value::Array(items) => items.iter().for_each(|item| silent(item, found)),
            _ => {}
        }
    }
    let profiles = profiles();
    let codes = check::allowable().map(|rule| (rule.code, rule.summary()));
    let schema = schema(profiles.names(), codes);
    let mut found = Vec::new();
    silent(&schema, &mut found);
    assert_eq!(found, [""; 0]);
    let codes = schema["definitions"]["CheckCode"]["oneOf"].as_array().unwrap();
    assert!(codes.iter().any(|code| code["const"] == "single-director"));
    assert!(codes.iter().all(|code| code["const"] != "duplicate-address"));
}
