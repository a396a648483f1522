//! Every case under `golden/` renders to exactly the tree that is committed beside it.
//!
//! `tutorial`, `reference` and `failover` are rendered for every target; any other case for the targets that
//! it names itself, into `rendered/`. Deliveries differ in little but the files that they carry: two
//! targets have them. The programs of `install/` are the same in every tree: one tree has them.

use std::fs;
use std::os::unix::fs::PermissionsExt as _;
use std::path::Path;

use lvsgen::diff;

use super::support::{
    folders, may_overwrite, overwrite, profiles, read_committed_tree, read_tree, repository,
    session,
};

const EVERY_TARGET: [&str; 4] = ["failover", "forwarding", "reference", "tutorial"];
const WITH_DELIVERIES: [&str; 2] = ["openeuler-24.03", "ubuntu-24.04"];
const WITH_PROGRAMS: (&str, &str) = ("tutorial", "openeuler-24.03");

/// Renders a case with the program itself and gives the tree, the plan beside it.
fn render(case: &Path, target: Option<&str>, into: &Path) {
    let model = case.join("cluster.yaml");
    let mut arguments = vec!["render", model.to_str().unwrap(), "-o", into.to_str().unwrap()];
    arguments.extend(target.iter().flat_map(|name| ["--target", name]));
    if target.is_some_and(|name| !WITH_DELIVERIES.contains(&name)) {
        arguments.extend(["--delivery", "none"]);
    }
    let seen = session(case, &arguments);
    assert!(seen.ends_with("[exit 0]\n"), "{} for {target:?}:\n{seen}", case.display());
    let mut arguments = vec!["plan", model.to_str().unwrap()];
    arguments.extend(target.iter().flat_map(|name| ["--target", name]));
    let plan = session(case, &arguments);
    fs::write(into.join("plan.txt"), plan.split("--- stderr").next().unwrap()).unwrap();
}

#[test]
fn every_case_renders_to_its_tree() {
    let targets: Vec<String> = profiles().iter().map(|one| one.name.to_string()).collect();
    let mut told = String::new();
    let cases = folders(&repository().join("golden"));
    assert!(cases.len() >= 4, "the cases are gone");
    for case in cases {
        let name = case.file_name().unwrap().to_str().unwrap().to_owned();
        let renders: Vec<(Option<&str>, &str)> = if EVERY_TARGET.contains(&name.as_str()) {
            targets.iter().map(|target| (Some(target.as_str()), target.as_str())).collect()
        } else {
            vec![(None, "rendered")]
        };
        for (target, folder) in &renders {
            let fresh = tempfile::tempdir().unwrap();
            render(&case, *target, fresh.path());
            if (name.as_str(), *folder) != WITH_PROGRAMS {
                for program in ["install/converge.sh", "install/push", "ansible/library/lvsgen.py"]
                {
                    let _ = fs::remove_file(fresh.path().join(program));
                }
            }
            // No line of compressed bytes can be reviewed; tests/it/install.rs unpacks them.
            for file in
                read_tree(fresh.path()).iter().filter(|file| file.path.ends_with("/user-data"))
            {
                fs::remove_file(fresh.path().join(&file.path)).unwrap();
            }
            let committed = case.join(folder);
            let changes = diff::compare(&read_committed_tree(&committed), &read_tree(fresh.path()));
            if !changes.is_empty() && overwrite() {
                replace(&committed, fresh.path());
                continue;
            }
            for change in changes {
                told += &format!("{name}/{folder}: {}", diff::unified::plain(&change));
            }
        }
        for stale in folders(&case) {
            let folder = stale.file_name().unwrap().to_str().unwrap();
            if renders.iter().any(|(_, known)| *known == folder) {
                continue;
            }
            if overwrite() {
                fs::remove_dir_all(&stale).unwrap();
            } else {
                told += &format!("{name}/{folder}: no target is called so\n");
            }
        }
    }
    assert!(told.is_empty(), "LVSGEN_GOLDEN=overwrite cargo test accepts:\n{told}");
}

fn replace(old: &Path, new: &Path) {
    let _ = fs::remove_dir_all(old);
    for file in read_tree(new) {
        let path = old.join(&file.path);
        fs::create_dir_all(path.parent().unwrap()).unwrap();
        fs::write(path, file.contents.as_bytes()).unwrap();
    }
}

#[test]
fn the_comparison_sees_what_is_extra_missing_and_changed() {
    let case = repository().join("golden/tutorial");
    let fresh = tempfile::tempdir().unwrap();
    render(&case, Some("openeuler"), fresh.path());
    let right = read_tree(fresh.path());
    let path = fresh.path().join("hosts/web1/etc/rc.d/rc.local");
    let text = fs::read_to_string(&path).unwrap();

    fs::write(&path, text.replace("/32", "/24")).unwrap();
    assert_eq!(diff::compare(&right, &read_tree(fresh.path())).len(), 1, "one changed byte");
    fs::write(&path, &text).unwrap();
    assert_eq!(diff::compare(&right, &read_tree(fresh.path())), [], "the same again");
    fs::remove_file(&path).unwrap();
    assert_eq!(diff::compare(&right, &read_tree(fresh.path())).len(), 1, "a missing file");
    fs::write(&path, &text).unwrap();
    fs::set_permissions(&path, fs::Permissions::from_mode(0o755)).unwrap();
    fs::write(fresh.path().join("hosts/extra"), "").unwrap();
    assert_eq!(diff::compare(&right, &read_tree(fresh.path())).len(), 1, "an extra file");

    fs::remove_file(fresh.path().join("hosts/extra")).unwrap();
    fs::set_permissions(&path, fs::Permissions::from_mode(0o644)).unwrap();
    let changes = diff::compare(&right, &read_tree(fresh.path()));
    assert_eq!(changes.len(), 1, "a changed mode");
    assert_eq!(
        diff::unified::plain(&changes[0]),
        "hosts/web1/etc/rc.d/rc.local: mode 0755 becomes 0644\n"
    );
}

#[test]
fn ci_rewrites_nothing() {
    assert!(
        !may_overwrite(false, true) && !may_overwrite(false, false) && may_overwrite(true, false)
    );
    assert!(std::panic::catch_unwind(|| may_overwrite(true, true)).is_err());
}
