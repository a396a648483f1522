//! The install delivery: its steps name every file by its hash, and its script unpacks to the very files.

use std::fs;
use std::process::Command;

use lvsgen::embed;

use super::support::{lvsgen, read_tree, session};

/// The reference model in a folder, rendered.
fn rendered() -> tempfile::TempDir {
    let directory = tempfile::tempdir().unwrap();
    let model = include_str!("../../golden/reference/cluster.yaml");
    fs::write(directory.path().join("cluster.yaml"), model).unwrap();
    let seen = session(directory.path(), &["render"]);
    assert!(seen.ends_with("[exit 0]\n"), "{seen}");
    directory
}

/// The script of a host, with another last line.
fn script(directory: &std::path::Path, host: &str, last: &str) -> String {
    let arguments = ["render", "--host", host, "--stdout", "--delivery", "install"];
    let output = lvsgen(directory, &arguments).output().unwrap();
    let text = String::from_utf8(output.stdout).unwrap();
    text.strip_suffix("{ main \"$@\"; }\n").expect("the last line calls main").to_owned() + last
}

fn run(script: &str, into: &std::path::Path) -> std::process::Output {
    let path = into.join("script");
    fs::write(&path, script).unwrap();
    let output = Command::new("sh").arg(&path).current_dir(into).output().unwrap();
    fs::remove_file(path).unwrap();
    output
}

#[test]
fn a_script_unpacks_to_the_files_of_its_host() {
    let directory = rendered();
    for host in ["lvs1", "web1", "nfs1"] {
        let into = tempfile::tempdir().unwrap();
        let output = run(&script(directory.path(), host, "unpack ."), into.path());
        assert!(output.status.success(), "{output:?}");
        for folder in [format!("hosts/{host}"), "install".to_owned()] {
            let wanted = read_tree(&directory.path().join("rendered").join(&folder));
            let found = read_tree(&into.path().join(&folder));
            let found = |path: &str| found.iter().find(|file| file.path == path);
            for file in wanted {
                // The script brings neither `push` nor the steps of other hosts.
                let of_others =
                    file.path.ends_with(".steps") && file.path != format!("{host}.steps");
                if file.path == "push" || of_others {
                    continue;
                }
                let found = found(&file.path).unwrap_or_else(|| panic!("no {}", file.path));
                assert_eq!(found.contents, file.contents, "{}", file.path);
            }
        }
    }
}

/// A connection that breaks while the script is sent runs nothing of it.
#[test]
fn a_part_of_a_script_runs_nothing() {
    let directory = rendered();
    let whole = script(directory.path(), "web1", "main\n");
    let whole = whole.strip_suffix("main\n").unwrap();
    let lines: Vec<usize> = whole.match_indices('\n').map(|(at, _)| at + 1).collect();
    for end in lines.iter().step_by(lines.len() / 40) {
        let into = tempfile::tempdir().unwrap();
        run(&whole[..*end], into.path());
        assert!(read_tree(into.path()).is_empty(), "{end} bytes of the script wrote files");
    }
}

#[test]
fn the_steps_name_every_file_by_its_hash() {
    let directory = rendered();
    let root = directory.path().join("rendered");
    let mut files = 0;
    for host in ["lvs1", "web1", "nfs1"] {
        let steps = fs::read_to_string(root.join(format!("install/{host}.steps"))).unwrap();
        let named: Vec<(&str, &str)> = steps
            .lines()
            .filter_map(|line| line.strip_prefix("file "))
            .map(|rest| {
                let mut fields = rest.split(' ').skip(1);
                (fields.next().unwrap(), fields.next().unwrap())
            })
            .collect();
        let tree = read_tree(&root.join("hosts").join(host));
        let blocks = steps.lines().filter(|line| line.starts_with("block ")).count();
        assert_eq!(named.len() + blocks, tree.len(), "{host}");
        for (hash, path) in named {
            let file = tree.iter().find(|file| path.strip_prefix('/') == Some(&file.path)).unwrap();
            assert_eq!(file.contents.sha256().to_string(), hash, "{host} {path}");
            files += 1;
        }
    }
    assert!(files > 10, "{files}");
}

/// A script is for one host.
#[test]
fn a_script_needs_one_host() {
    let directory = rendered();
    let seen = session(directory.path(), &["render", "--stdout", "--delivery", "install"]);
    assert!(seen.contains("select one of them with `--host`"), "{seen}");
    assert!(seen.ends_with("[exit 2]\n"), "{seen}");
}

/// The playbooks run the program of `install/`, so a render of `ansible` renders it too.
#[test]
fn ansible_brings_the_program() {
    let directory = tempfile::tempdir().unwrap();
    fs::write(directory.path().join("cluster.yaml"), embed::EXAMPLE).unwrap();
    session(directory.path(), &["render", "--delivery", "ansible"]);
    assert!(directory.path().join("rendered/install/converge.sh").exists());
    let seen = session(directory.path(), &["render", "--check"]);
    assert!(seen.ends_with("[exit 0]\n"), "{seen}");
}
