//! What must not happen: a command that exits 0 has replaced, deleted or accepted nothing unasked.

use std::fs;
use std::path::Path;

use lvsgen::delivery::OutputFile;
use lvsgen::embed;

use super::support::{lvsgen, profiles, read_tree, session};

const TREE: &str = "rendered";

/// A folder with a model and its rendered tree.
fn rendered() -> tempfile::TempDir {
    let directory = tempfile::tempdir().unwrap();
    session(directory.path(), &["init"]);
    let seen = session(directory.path(), &["render"]);
    assert!(seen.ends_with("[exit 0]\n"), "{seen}");
    directory
}

fn tree(directory: &Path) -> Vec<OutputFile> {
    read_tree(&directory.join(TREE))
}

#[track_caller]
fn refused(directory: &Path, arguments: &[&str], why: &str) -> String {
    let seen = session(directory, arguments);
    assert!(seen.contains(why) && seen.ends_with("[exit 2]\n"), "{arguments:?}:\n{seen}");
    seen
}

#[test]
fn the_example_never_replaces_a_cluster() {
    let directory = rendered();
    let before = tree(directory.path());
    fs::rename(directory.path().join("cluster.yaml"), directory.path().join("my.yaml")).unwrap();
    refused(directory.path(), &["render"], "`rendered` holds the cluster `web`");
    assert_eq!(tree(directory.path()), before);
    for command in ["check", "diff", "plan"] {
        let seen = refused(directory.path(), &[command], "there is no model");
        assert!(seen.contains("`lvsgen init`") && seen.contains("--example"), "{seen}");
    }
    let seen = session(directory.path(), &["render", "--check"]);
    assert!(!seen.ends_with("[exit 0]\n"), "{seen}");
    // The example itself is a cluster of its own name, which can be rendered again and again.
    let other = tempfile::tempdir().unwrap();
    for _ in 0..2 {
        let seen = session(other.path(), &["render"]);
        assert!(seen.ends_with("[exit 0]\n"), "{seen}");
    }
}

/// In a subfolder of a Git repository, the model and the output directory are those of the parent folder. Above the root of the
/// repository, and without a repository, nothing is looked for.
#[test]
fn the_model_may_lie_in_a_parent_folder() {
    let directory = tempfile::tempdir().unwrap();
    let inner = directory.path().join("site/docs/notes");
    fs::create_dir_all(&inner).unwrap();
    let seen = session(&inner, &["check"]);
    assert!(seen.contains("there is no model"), "{seen}");
    fs::write(directory.path().join("site/cluster.yaml"), embed::EXAMPLE).unwrap();
    let seen = session(&inner, &["check"]);
    assert!(seen.contains("there is no model"), "without a repository: {seen}");
    fs::create_dir(directory.path().join("site/.git")).unwrap();
    let seen = session(&inner, &["check"]);
    assert!(seen.contains("\nnote: the model is ../../cluster.yaml\n"), "{seen}");
    assert!(seen.contains("--> ../../cluster.yaml:"), "{seen}");
    let seen = session(&inner, &["render"]);
    assert!(seen.contains("4 hosts under ../../rendered: files"), "{seen}");
    assert!(directory.path().join("site/rendered/hosts/lvs1").is_dir());
    assert!(!inner.join("rendered").exists());
    let seen = session(&inner, &["diff"]);
    assert!(seen.ends_with("no differences\n[exit 0]\n"), "{seen}");
    // A written path is relative to the working directory, as everywhere.
    session(&inner, &["render", "-o", "here"]);
    assert!(inner.join("here/hosts/lvs1").is_dir());
    fs::rename(directory.path().join("site/.git"), inner.join(".git")).unwrap();
    let seen = session(&inner, &["check"]);
    assert!(seen.contains("there is no model"), "above the root: {seen}");
}

#[test]
fn a_model_may_be_called_cluster_yml() {
    let directory = rendered();
    fs::rename(directory.path().join("cluster.yaml"), directory.path().join("cluster.yml"))
        .unwrap();
    let seen = session(directory.path(), &["render", "--check"]);
    assert!(seen.contains("cluster.yml: 2 warnings") && seen.ends_with("[exit 0]\n"), "{seen}");
}

#[test]
fn a_delivery_stays_until_it_is_pruned() {
    let directory = rendered();
    let at = |folder: &str| directory.path().join(TREE).join(folder).exists();
    let seen = session(directory.path(), &["render", "--delivery", "tar"]);
    let kept = "note: kept the old files of `install`, `ansible`, `cloud-init`, `verify`; `--prune` removes them\n[exit 0]\n";
    assert!(seen.ends_with(kept), "{seen}");
    assert!(at("ansible") && at("cloud-init") && at("verify") && at("tar"));

    // A render without `--delivery` renders those of the directory again.
    let model = directory.path().join("cluster.yaml");
    let text = fs::read_to_string(&model).unwrap();
    fs::write(&model, text.replace("scheduler: rr", "scheduler: wrr")).unwrap();
    let stale = tree(directory.path());
    let seen = session(directory.path(), &["render"]);
    assert!(seen.ends_with("[exit 0]\n") && !seen.contains("note: kept"), "{seen}");
    let fresh = tree(directory.path());
    for path in ["cloud-init/lvs1/user-data", "install/lvs1.steps", "tar/lvs1.tar"] {
        let of = |files: &[OutputFile]| {
            files.iter().find(|file| file.path == path).map(|file| file.contents.clone())
        };
        assert!(of(&fresh).is_some_and(|now| of(&stale) != Some(now)), "{path} is stale");
    }

    // What was changed by hand is not pruned either.
    let inventory = directory.path().join(TREE).join("ansible/inventory.yml");
    let whole = fs::read_to_string(&inventory).unwrap();
    fs::write(&inventory, format!("{whole}# mine\n")).unwrap();
    let prune = ["render", "--delivery", "verify", "--prune"];
    let seen = session(directory.path(), &prune);
    assert!(seen.contains("error[edited-by-hand]") && seen.ends_with("[exit 1]\n"), "{seen}");
    assert!(at("ansible") && at("tar"));
    fs::write(&inventory, whole).unwrap();
    let seen = session(directory.path(), &prune);
    assert!(seen.ends_with("[exit 0]\n"), "{seen}");
    assert!(at("verify") && !at("ansible") && !at("cloud-init") && !at("tar"));
}

/// A profile whose kernel settings come from a template of the user's own.
fn own_template(directory: &Path, path: &str, text: &str) {
    fs::create_dir_all(directory.join("profiles")).unwrap();
    fs::create_dir_all(directory.join("templates/mine")).unwrap();
    let profile = format!(
        "description: ours\nextends: openeuler-24.03\nneeds:\n  kernel_settings:\n  - mechanism: ours\n    \
         files: [{{ path: {path}, template: mine/arp.j2 }}]\n"
    );
    fs::write(directory.join("profiles/ours.yaml"), profile).unwrap();
    fs::write(directory.join("templates/mine/arp.j2"), text).unwrap();
}

const OURS: [&str; 6] = ["--profiles", "profiles", "--templates", "templates", "--target", "ours"];

#[test]
fn a_template_of_any_name_is_read_back() {
    let directory = rendered();
    let before = tree(directory.path());
    let wrong = "# {{ banner }}\nnet.ipv4.conf.all.arp_ignore = 0\nnet.ipv4.conf.*.send_redirects = 0\n\
                 net.ipv4.conf.all.arp_announce = 2\n";
    own_template(directory.path(), "/etc/sysctl.d/99-zz-lvsgen-web.conf", wrong);
    let model = directory.path().join("cluster.yaml");
    let text = fs::read_to_string(&model).unwrap().replace("target: openeuler\n", "");
    fs::write(&model, text).unwrap();
    // The same pipeline for every command that shows or writes files.
    for command in ["render", "plan", "diff"] {
        let why = "host `web1`, file `/etc/sysctl.d/99-zz-lvsgen-web.conf`, template `mine/arp.j2`: \
                   `arp_ignore` is 0 after a boot, and must be 1 or 2";
        refused(directory.path(), &[&[command], &OURS[..]].concat(), why);
    }
    assert_eq!(tree(directory.path()), before);

    // A file at a path that names no format is counted, unless the profile names its format.
    let right = wrong.replace("arp_ignore = 0", "arp_ignore = 1");
    own_template(directory.path(), "/etc/site/kernel.txt", &right);
    let arguments = [&["render", "-o", "other"], &OURS[..]].concat();
    let seen = session(directory.path(), &arguments);
    let counted = "; 3 files not read back: no reader for /etc/site/kernel.txt\n[exit 0]\n";
    assert!(seen.ends_with(counted), "{seen}");
    own_template(directory.path(), "/etc/site/kernel.txt, format: sysctl", &right);
    let seen = session(directory.path(), &arguments);
    assert!(seen.ends_with("unchanged\n[exit 0]\n"), "{seen}");
}

#[test]
fn a_newer_manifest_or_summary_is_said_to_be_newer() {
    for (file, commands) in [
        (".lvsgen-manifest.json", &[&["render"][..], &["diff"], &["render", "--check"]][..]),
        ("summary.json", &[&["diff", "--semantic"][..]]),
    ] {
        let directory = rendered();
        let path = directory.path().join(TREE).join(file);
        let text = fs::read_to_string(&path).unwrap();
        let newer = text.replacen("\"format\": 1", "\"format\": 2, \"new\": true", 1);
        assert_ne!(text, newer, "{file} has no format");
        fs::write(&path, newer).unwrap();
        let before = tree(directory.path());
        for command in commands {
            let why = format!("{file}` was written by a newer lvsgen (format 2)");
            let seen = refused(directory.path(), command, &why);
            assert!(!seen.contains("--force"), "{seen}");
        }
        assert_eq!(tree(directory.path()), before);
    }
}

#[test]
fn a_damaged_summary_is_a_mistake_with_its_path() {
    let directory = rendered();
    fs::write(directory.path().join("rendered/summary.json"), "{\"format\": 1}\n").unwrap();
    refused(directory.path(), &["diff", "--semantic"], "`rendered/summary.json` is damaged: ");
}

#[test]
fn former_spellings_get_the_present_one() {
    let directory = rendered();
    for (arguments, hint) in [
        (&["render", "--format", "ansible"][..], "write `--delivery ansible`"),
        (&["render", "--output", "json"], "write `--format json`"),
        (&["diff", "--format", "ansible"], "write `--delivery ansible`"),
        (&["diff", "--output", "markdown"], "write `--format markdown`"),
        (&["diff", "--rendered", "here"], "write `--output here`"),
        (&["check", "--output", "json"], "write `--format json`"),
        (&["plan", "--output", "json"], "write `--format json`"),
    ] {
        let seen = session(directory.path(), arguments);
        assert!(seen.contains(hint) && seen.ends_with("[exit 2]\n"), "{arguments:?}:\n{seen}");
    }
    assert!(!directory.path().join("json").exists());
}

#[test]
fn former_needs_get_the_present_one() {
    let directory = rendered();
    let path = directory.path().join("cluster.yaml");
    let model = fs::read_to_string(&path).unwrap();
    for need in ["arp_suppression", "redirects_off"] {
        fs::write(&path, format!("{model}mechanisms: {{ {need}: sysctl }}\n")).unwrap();
        let seen = session(directory.path(), &["check"]);
        assert!(seen.contains("kernel_settings") && seen.ends_with("[exit 1]\n"), "{seen}");
    }
}

/// A profile's commands never run text that they cut out of a file: that file may hold lines of the
/// administrator.
#[test]
fn no_command_of_a_profile_runs_a_file_through_a_shell() {
    let mut commands = 0;
    for profile in profiles().iter() {
        for mechanism in profile.needs.values().flatten() {
            let all = [&mechanism.apply, &mechanism.undo.before, &mechanism.undo.after];
            for command in all.into_iter().flatten() {
                commands += 1;
                let run = command.run.source();
                let piped = run.split('|').skip(1).any(|part| part.trim_start().starts_with("sh"));
                assert!(!piped && !run.contains("eval"), "{}: {run}", profile.name);
            }
        }
    }
    assert!(commands > 100);
}

#[test]
fn pruning_is_for_the_whole_cluster() {
    let directory = rendered();
    let before = tree(directory.path());
    let prune = ["render", "--host", "web1", "--delivery", "verify", "--prune"];
    refused(directory.path(), &prune, "cannot be used with");
    refused(directory.path(), &["render", "--delivery", "none,tar"], "`none` and a delivery");
    assert_eq!(tree(directory.path()), before);
}

#[test]
fn a_replaced_cluster_leaves_nothing() {
    let directory = rendered();
    let model = fs::read_to_string(directory.path().join("cluster.yaml")).unwrap();
    fs::write(directory.path().join("b.yaml"), model.replace("name: web\n", "name: other\n"))
        .unwrap();
    let arguments = ["render", "b.yaml", "--delivery", "ansible", "--force"];
    let seen = session(directory.path(), &arguments);
    assert!(seen.ends_with("[exit 0]\n") && !seen.contains("kept"), "{seen}");
    let paths: Vec<String> = tree(directory.path()).into_iter().map(|file| file.path).collect();
    assert!(!paths.iter().any(|path| path.starts_with("cloud-init") || path.starts_with("verify")));
    let seen = session(directory.path(), &["render", "b.yaml", "--check"]);
    assert!(seen.ends_with("[exit 0]\n"), "{seen}");
}

#[test]
fn findings_that_cannot_be_printed_are_no_findings() {
    let directory = rendered();
    fs::write(directory.path().join("bad.yaml"), "name: web\n").unwrap();
    let full = fs::File::options().write(true).open("/dev/full").unwrap();
    let ran = lvsgen(directory.path(), &["check", "bad.yaml"]).stdout(full).status().unwrap();
    assert_eq!(ran.code(), Some(2));
}

#[test]
fn a_profile_with_braces_of_its_own_renders() {
    let directory = rendered();
    let profiles = directory.path().join("profiles");
    fs::create_dir_all(&profiles).unwrap();
    let profile = "description: ours\nextends: openeuler-24.03\nneeds:\n  ipvs_modules:\n  - mechanism: ours\n    \
                   values: { file: /etc/modules-load.d/x.conf }\n    \
                   files: [{ path: '{{ values.file }}', template: modules-load/ipvs.conf.j2 }]\n    \
                   apply: [\"awk '{ print }' {{ values.file }}\"]\n";
    fs::write(profiles.join("ours.yaml"), profile).unwrap();
    let arguments = ["plan", "--example", "--profiles", "profiles", "--target", "ours"];
    let seen = session(directory.path(), &arguments);
    assert!(seen.contains("\n    > awk '{ print }' /etc/modules-load.d/x.conf"), "{seen}");

    // Two files of which one lies below the other fit on no host.
    let below = profile.replace(
        "    apply:",
        "    - { path: '{{ values.file }}/y', template: modules-load/ipvs.conf.j2 }\n    apply:",
    );
    let below =
        below.replace("files: [{ path", "files:\n    - { path").replace("j2 }]\n", "j2 }\n");
    fs::write(profiles.join("ours.yaml"), below).unwrap();
    refused(directory.path(), &arguments, "makes it below `/etc/modules-load.d/x.conf`");
}
