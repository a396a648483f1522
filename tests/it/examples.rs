//! The built-in examples: each one checks without a finding, renders, and names its purpose in its first line.

use lvsgen::embed::Example;

use super::support::session;

/// The findings that an example says in its own text.
const SAID: [(&str, &str); 1] = [("tutorial", "2 warnings")];

#[test]
fn each_example_checks_and_renders() {
    assert!(Example::all().count() >= 10);
    for example in Example::all() {
        let name = example.name;
        let folder = tempfile::tempdir().unwrap();
        let at = folder.path();
        let seen = session(at, &["init", "--example", name]);
        assert!(seen.ends_with("[exit 0]\n"), "{seen}");
        let checked = session(at, &["check"]);
        match SAID.iter().find(|(said, _)| *said == name) {
            Some((_, findings)) => {
                assert!(checked.contains(findings), "{checked}");
                assert!(example.model.contains("two warnings"), "{name} does not say {findings}");
            }
            None => assert!(checked.contains("cluster.yaml: no findings\n[exit 0]\n"), "{checked}"),
        }
        let rendered = session(at, &["render"]);
        assert!(rendered.ends_with("[exit 0]\n"), "{name}: {rendered}");
        // The built-in model is the same cluster with another name.
        let built_in = session(at, &["show", &format!("--example={name}")]);
        let own = session(at, &["show"]);
        let rest = |text: &str| text.split_once(": ").unwrap().1.to_owned();
        assert_eq!(rest(&built_in), rest(&own));
    }
}

#[test]
fn each_example_has_a_purpose() {
    for example in Example::all() {
        let purpose = example.purpose();
        assert!(purpose.ends_with('.') && purpose.len() < 94, "{}: {purpose}", example.name);
    }
}

#[test]
fn init_writes_the_target_that_is_asked_for() {
    let folder = tempfile::tempdir().unwrap();
    let words = ["init", "--example", "two-boxes", "--target", "rocky-9", "-"];
    assert!(session(folder.path(), &words).contains("\ntarget: rocky-9\n"));
    let seen = session(folder.path(), &["init", "--target", "rocky9"]);
    assert!(
        seen.contains("there is no target `rocky9`") && seen.contains("did you mean"),
        "{seen}"
    );
}

#[test]
fn init_overwrites_a_model_with_force_alone() {
    let folder = tempfile::tempdir().unwrap();
    session(folder.path(), &["init", "--example", "sixty-hosts"]);
    let model = std::fs::read_to_string(folder.path().join("cluster.yaml")).unwrap();
    let refused = session(folder.path(), &["init", "--example", "sixty-hosts"]);
    assert!(refused.contains("`api.csv` already exists"), "{refused}");
    let seen = session(folder.path(), &["init", "--force"]);
    assert!(seen.ends_with("[exit 0]\n"), "{seen}");
    assert_ne!(std::fs::read_to_string(folder.path().join("cluster.yaml")).unwrap(), model);
}
