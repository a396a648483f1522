//! The jobs of docs/review.md for code hosts: they are YAML, and their commands do what they are there for.

use std::fs;
use std::os::unix::fs::PermissionsExt as _;
use std::path::Path;
use std::process::Command;

use lvsgen::source::Source;
use lvsgen::yaml::{self, Content, Node};

use super::support::{git, repository, session};

/// The YAML that the page shows for a file.
fn shown(name: &str) -> Node {
    let page = fs::read_to_string(repository().join("docs/review.md")).unwrap();
    let marked = format!("<!-- yaml: {name} -->\n```yaml\n");
    let block = page.split(&marked).nth(1).unwrap_or_else(|| panic!("{name} is not shown"));
    yaml::parse(&Source::new(name, block.split("```").next().unwrap())).unwrap()
}

fn get<'a>(node: &'a Node, path: &str) -> &'a Node {
    path.split('.').fold(node, |node, key| match &node.content {
        Content::Mapping(entries) => {
            let found = entries.iter().find(|(name, _)| text(name) == key);
            &found.unwrap_or_else(|| panic!("no `{key}` of `{path}`")).1
        }
        Content::Sequence(items) => &items[key.parse::<usize>().unwrap()],
        Content::Scalar { text, .. } => panic!("`{text}` has no `{key}`"),
    })
}

fn text(node: &Node) -> &str {
    match &node.content {
        Content::Scalar { text, .. } => text,
        other => panic!("{other:?}"),
    }
}

fn items(node: &Node) -> &[Node] {
    match &node.content {
        Content::Sequence(items) => items,
        other => panic!("{other:?}"),
    }
}

/// The archive of a release, which holds the program below a folder.
const RELEASE: &str =
    "mkdir -p release && cp \"$(command -v lvsgen)\" release/ && tar -c release | gzip -1";

/// A repository of a model and what was rendered from it, with itself as its remote.
fn project() -> tempfile::TempDir {
    let directory = tempfile::tempdir().unwrap();
    let at = directory.path();
    session(at, &["init"]);
    let path = at.join("cluster.yaml");
    let allowed = "allow:\n  - { check: single-director, reason: x }\n  - { check: no-health-check, reason: x }\n";
    fs::write(&path, fs::read_to_string(&path).unwrap() + allowed).unwrap();
    session(at, &["render"]);
    // What the runner has, and a test does not reach.
    fs::create_dir(at.join("bin")).unwrap();
    for (name, does) in [("cargo", "exit 0"), ("gh", "exit 0"), ("curl", RELEASE)] {
        let tool = at.join("bin").join(name);
        fs::write(&tool, format!("#!/bin/sh\n{does}\n")).unwrap();
        fs::set_permissions(&tool, fs::Permissions::from_mode(0o755)).unwrap();
    }
    run(
        at,
        &[
            "git init -q -b main",
            "git add cluster.yaml rendered",
            "git -c user.name=t -c user.email=t commit -qm model",
            "git remote add origin .",
            "git fetch -q origin",
        ],
    )
    .unwrap();
    directory
}

/// Runs commands one after the other, as a runner does.
fn run(at: &Path, commands: &[&str]) -> Result<String, String> {
    let program = Path::new(env!("CARGO_BIN_EXE_lvsgen")).parent().unwrap();
    let path = format!("{}:{}:/usr/bin:/bin", at.join("bin").display(), program.display());
    let mut seen = String::new();
    for command in commands {
        // GitHub fills these in before the shell sees them.
        let command = command.replace("${{ vars.LVSGEN }}", "lvsgen");
        let ran = Command::new("sh")
            .args(["-ec", &command])
            .current_dir(at)
            .env_clear()
            .env("PATH", &path)
            .env("HOME", at)
            .env("BASE", "origin/main")
            .env("NUMBER", "1")
            .env("GITHUB_PATH", at.join("path"))
            .env("CI_MERGE_REQUEST_TARGET_BRANCH_NAME", "main")
            .output()
            .unwrap();
        seen += &String::from_utf8_lossy(&ran.stdout);
        if !ran.status.success() {
            return Err(format!("{command}: {}", String::from_utf8_lossy(&ran.stderr)));
        }
    }
    Ok(seen)
}

/// A job passes on a fresh render, and fails on a stale one at its last command and at no other.
fn job(commands: &[&str]) -> (tempfile::TempDir, String) {
    let project = project();
    run(project.path(), commands).unwrap();
    let path = project.path().join("cluster.yaml");
    let model = fs::read_to_string(&path).unwrap().replace("scheduler: rr", "scheduler: wrr");
    fs::write(&path, model).unwrap();
    let (last, before) = commands.split_last().unwrap();
    let seen = run(project.path(), before).unwrap();
    let told = run(project.path(), &[last]).unwrap_err();
    assert!(told.contains("`lvsgen diff` shows the changes"), "{told}");
    (project, seen)
}

#[test]
fn the_github_job_reviews_and_gates() {
    let workflow = shown(".github/workflows/cluster.yml");
    assert_eq!(text(get(&workflow, "on")), "pull_request");
    let steps = items(get(&workflow, "jobs.review.steps"));
    assert_eq!(text(get(&steps[0], "with.fetch-depth")), "0", "revisions need their history");
    let commands: Vec<&str> = steps[1..].iter().map(|step| text(get(step, "run"))).collect();
    let (project, _) = job(&commands);
    let comment = fs::read_to_string(project.path().join("review.md")).unwrap();
    assert!(comment.contains("**http: scheduler rr → wrr**"), "{comment}");
}

#[test]
fn the_gitlab_job_reviews_and_gates() {
    let job_of = shown(".gitlab-ci.yml");
    let script = items(get(&job_of, "cluster.script"));
    let commands: Vec<&str> = script.iter().map(text).collect();
    let (_, seen) = job(&commands);
    assert!(seen.contains("http: scheduler rr → wrr"), "{seen}");
}

#[test]
fn the_hooks_that_are_shown_are_there_and_work() {
    let hooks = fs::read_to_string(repository().join(".pre-commit-hooks.yaml")).unwrap();
    let hooks = yaml::parse(&Source::new("hooks", hooks)).unwrap();
    let asked = shown(".pre-commit-config.yaml");
    for asked in items(get(&asked, "repos.0.hooks")) {
        let id = text(get(asked, "id"));
        let hook = items(&hooks).iter().find(|hook| text(get(hook, "id")) == id).unwrap();
        let args: Vec<&str> = items(get(hook, "args")).iter().map(text).collect();
        let command = format!("{} {}", text(get(hook, "entry")), args.join(" "));
        let project = project();
        run(project.path(), &[&command]).unwrap();
        fs::write(project.path().join("cluster.yaml"), "name: x\n").unwrap();
        assert!(run(project.path(), &[&command]).is_err(), "{command}");
    }
}

/// The pull request that adds the model has no older model to compare with.
#[test]
fn a_revision_before_the_model_shows_all_as_new() {
    let folder = tempfile::tempdir().unwrap();
    let at = folder.path();
    git(at, &["init", "-q"]);
    git(at, &["commit", "-q", "--allow-empty", "-m", "empty"]);
    session(at, &["init"]);
    for form in [&["--semantic"][..], &["--format", "markdown"], &["--stat"], &["--format", "json"]]
    {
        let seen = session(at, &[&["diff", "--from", "HEAD"], form].concat());
        assert!(seen.contains("note: `HEAD` has no model yet"), "{seen}");
        assert!(seen.contains("web1") && seen.ends_with("[exit 1]\n"), "{seen}");
    }
    let seen = session(at, &["diff", "--from", "nowhere"]);
    assert!(seen.contains("git has no") && seen.ends_with("[exit 2]\n"), "{seen}");
}
