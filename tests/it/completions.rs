//! `lvsgen completions` and `lvsgen man`: the scripts ask lvsgen for candidates, and each command has a page.

use std::process::Command;

use super::support::{lvsgen, session};

/// The candidates for the last word of a command line, as the script of bash asks for them.
fn candidates(directory: &std::path::Path, line: &[&str]) -> Vec<String> {
    let mut words = vec!["--", "lvsgen"];
    words.extend(line);
    let mut asked = lvsgen(directory, &words);
    asked.env("COMPLETE", "bash").env("_CLAP_IFS", "\n");
    asked.env("_CLAP_COMPLETE_INDEX", line.len().to_string());
    let ran = asked.output().unwrap();
    assert!(ran.status.success());
    String::from_utf8(ran.stdout).unwrap().lines().map(str::to_owned).collect()
}

#[test]
fn candidates_come_from_targets_codes_examples_and_the_model() {
    let folder = tempfile::tempdir().unwrap();
    let at = folder.path();
    session(at, &["init"]);
    assert!(
        candidates(at, &["render", "--target", "openeuler-"]).contains(&"openeuler-24.03".into())
    );
    assert!(candidates(at, &["explain", "arp"]).contains(&"arp-reply-for-vip".into()));
    assert!(candidates(at, &["init", "--example", "two"]).contains(&"two-boxes".into()));
    assert_eq!(candidates(at, &["plan", "--host", "web"]), ["web1", "web2"]);
    // A model with a mistake has no hosts, and the shell shows no message.
    std::fs::write(at.join("cluster.yaml"), "name: [").unwrap();
    assert_eq!(candidates(at, &["plan", "--host", "web"]), [""; 0]);
}

#[test]
fn each_shell_has_a_script() {
    let folder = tempfile::tempdir().unwrap();
    for shell in ["bash", "elvish", "fish", "powershell", "zsh"] {
        let seen = session(folder.path(), &["completions", shell]);
        assert!(seen.contains("COMPLETE") && seen.ends_with("[exit 0]\n"), "{shell}: {seen}");
    }
    let script = lvsgen(folder.path(), &["completions", "bash"]).output().unwrap().stdout;
    let path = folder.path().join("script");
    std::fs::write(&path, script).unwrap();
    assert!(Command::new("bash").arg("-n").arg(&path).status().unwrap().success());
}

#[test]
fn each_command_has_a_page() {
    let folder = tempfile::tempdir().unwrap();
    let help = session(folder.path(), &["--help"]);
    let commands = help.split("Commands:\n").nth(1).unwrap().split("\n\n").next().unwrap();
    let names = commands.lines().filter_map(|line| line.split_whitespace().next());
    let names: Vec<&str> = names.filter(|name| *name != "help").collect();
    assert!(names.len() >= 13, "{names:?}");
    for name in names {
        let page = session(folder.path(), &["man", name]);
        assert!(page.contains(&format!(".TH lvsgen-{name} 1")), "{page}");
        assert!(page.ends_with("[exit 0]\n"));
    }
    assert!(session(folder.path(), &["man", "rendr"]).contains("did you mean `render`?"));
}
