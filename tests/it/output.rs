//! What lvsgen does to a directory: everything or nothing, and never somebody else's work.

use std::fs;
use std::os::unix::fs::{PermissionsExt as _, symlink};
use std::path::Path;

use lvsgen::delivery::OutputFile;

use super::support::{read_tree, session};

fn example() -> tempfile::TempDir {
    let directory = tempfile::tempdir().unwrap();
    let seen = session(directory.path(), &["init"]);
    assert!(seen.ends_with("[exit 0]\n"), "{seen}");
    directory
}

fn edit(directory: &Path, from: &str, to: &str) {
    let path = directory.join("cluster.yaml");
    let text = fs::read_to_string(&path).unwrap();
    assert!(text.contains(from), "{from}");
    fs::write(path, text.replace(from, to)).unwrap();
}

#[track_caller]
fn render(directory: &Path, more: &[&str], end: &str) {
    let seen = session(directory, &[&["render", "--delivery", "none"], more].concat());
    assert!(seen.ends_with(end), "{seen}\nshould end in\n{end}");
}

#[test]
fn modes_are_what_the_manifest_says() {
    let directory = example();
    render(directory.path(), &[], "files 27 added\n[exit 0]\n");
    let root = directory.path().join("rendered");
    let manifest = fs::read_to_string(root.join(".lvsgen-manifest.json")).unwrap();
    let manifest: serde_json::Value = serde_json::from_str(&manifest).unwrap();
    let files = manifest["files"].as_array().unwrap();
    assert_eq!(files.len(), 27);
    for file in files {
        let path = root.join(file["path"].as_str().unwrap());
        let mode = fs::metadata(&path).unwrap().permissions().mode() & 0o7777;
        assert_eq!(format!("{mode:04o}"), file["mode"].as_str().unwrap(), "{}", path.display());
    }
}

#[test]
fn a_way_back_from_a_missing_directory_is_refused() {
    let directory = example();
    let dry = session(directory.path(), &["render", "-o", "missing/../other", "--dry-run", "-q"]);
    assert!(dry.ends_with("[exit 2]\n"), "{dry}");
    let seen = session(directory.path(), &["render", "-o", "missing/../other"]);
    assert!(seen.contains("`missing/..` goes back from a directory that does not exist"), "{seen}");
    assert!(!directory.path().join("missing").exists() && !directory.path().join("other").exists());
    fs::create_dir(directory.path().join("present")).unwrap();
    let seen = session(directory.path(), &["render", "-o", "present/../other", "-q"]);
    assert_eq!(seen, "[exit 0]\n");
}

#[test]
fn a_second_render_writes_nothing() {
    let directory = example();
    render(directory.path(), &[], "files 27 added\n[exit 0]\n");
    let path = directory.path().join("rendered/hosts/lvs1/etc/sysconfig/ipvsadm");
    let before = fs::metadata(&path).unwrap();
    render(directory.path(), &[], "files 27 unchanged\n[exit 0]\n");
    let after = fs::metadata(&path).unwrap();
    use std::os::unix::fs::MetadataExt as _;
    assert_eq!((before.ino(), before.mtime_nsec()), (after.ino(), after.mtime_nsec()));
}

#[test]
fn a_mode_that_git_lost_is_mended() {
    let directory = example();
    render(directory.path(), &[], "[exit 0]\n");
    let path = directory.path().join("rendered/hosts/lvs1/etc/sysconfig/ipvsadm");
    fs::set_permissions(&path, fs::Permissions::from_mode(0o644)).unwrap();
    render(directory.path(), &[], "files 1 changed, 26 unchanged\n[exit 0]\n");
    assert_eq!(fs::metadata(&path).unwrap().permissions().mode() & 0o777, 0o600);
}

#[test]
fn what_is_stale_goes_and_nothing_else() {
    let directory = example();
    render(directory.path(), &[], "[exit 0]\n");
    let root = directory.path().join("rendered");
    fs::write(root.join("hosts/web2/NOTES"), "mine\n").unwrap();
    edit(directory.path(), "name: web2,", "name: web3,");
    render(directory.path(), &[], "files 7 added, 1 changed, 7 removed, 19 unchanged\n[exit 0]\n");
    let left: Vec<_> =
        read_tree(&root.join("hosts/web2")).into_iter().map(|one| one.path).collect();
    assert_eq!(left, ["NOTES"]);
    assert!(!root.join("hosts/web2/etc").exists(), "empty directories go too");
}

/// What a change of the model leaves behind goes, and what a person put beside it stays.
#[test]
fn every_change_takes_its_stale_files_along() {
    let https = "  - { name: https, vip: 192.168.10.110, port: 443 }\n";
    let changes: [(&str, &str, &[&str]); 4] = [
        ("name: web2,", "name: node2,", &["hosts/web2/etc/rc.d/rc.local", "install/web2.steps"]),
        (https, "", &["hosts/lvs1/etc/sysconfig/network-scripts/ifcfg-ens33:1"]),
        (
            "target: openeuler",
            "target: debian",
            &["hosts/lvs1/etc/sysconfig/ipvsadm", "hosts/web1/etc/rc.d/rc.local"],
        ),
        (
            "\nnfs:",
            "\n# nfs:",
            &["hosts/nfs1/etc/exports.d/lvsgen-web.exports", "install/nfs1.steps"],
        ),
    ];
    for (from, to, stale) in changes {
        let directory = example();
        let path = directory.path().join("cluster.yaml");
        let text = fs::read_to_string(&path).unwrap();
        fs::write(&path, text.replace("scheduler: rr }\n", &format!("scheduler: rr }}\n{https}")))
            .unwrap();
        let all = |end: &str| {
            let seen = session(directory.path(), &["render"]);
            assert!(seen.ends_with(end), "{seen}");
        };
        all("[exit 0]\n");
        let root = directory.path().join("rendered");
        for path in stale {
            assert!(root.join(path).exists(), "{path}");
        }
        let mine = ["hosts/web2/NOTES", "hosts/lvs1/etc/sysconfig/mine", "mine", "verify/mine.sh"];
        let mine = mine.map(|path| root.join(path));
        mine.iter().for_each(|path| fs::write(path, "mine\n").unwrap());
        if from == "\nnfs:" {
            let text = fs::read_to_string(&path).unwrap();
            let (before, after) = text.split_once(from).unwrap();
            let after: String =
                after.split_inclusive('\n').filter(|line| !line.starts_with("  ")).collect();
            fs::write(&path, format!("{before}\n#{after}")).unwrap();
        } else {
            edit(directory.path(), from, to);
        }
        all("[exit 0]\n");
        for path in stale {
            assert!(!root.join(path).exists(), "{from}: {path} is left");
        }
        assert!(mine.iter().all(|path| path.exists()), "{from}");
        let seen = session(directory.path(), &["render", "--check"]);
        assert!(seen.ends_with("[exit 0]\n"), "{seen}");
    }
}

#[test]
fn a_stale_directory_is_told_and_left_alone() {
    let directory = example();
    let check = |end: &str| {
        let seen = session(directory.path(), &["render", "--check"]);
        assert!(seen.ends_with(end), "{seen}");
    };
    check("files would be 51 added; `lvsgen diff` shows the changes\n[exit 1]\n");
    assert!(!directory.path().join("rendered").exists());
    session(directory.path(), &["render"]);
    check("rendered is up to date: a render changes nothing\n[exit 0]\n");
    edit(directory.path(), "scheduler: rr", "scheduler: wrr");
    let before = read_tree(&directory.path().join("rendered"));
    check("files would be 5 changed, 46 unchanged; `lvsgen diff` shows the changes\n[exit 1]\n");
    assert_eq!(read_tree(&directory.path().join("rendered")), before);
}

#[test]
fn one_host_leaves_the_others_alone() {
    let directory = example();
    render(directory.path(), &[], "[exit 0]\n");
    edit(directory.path(), "port: 80", "port: 8080");
    // Without a service on port 80 no real server has a web server: web1 loses two files.
    render(
        directory.path(),
        &["--host", "web1"],
        "1 host under rendered: files 1 changed, 2 removed, 4 unchanged\n[exit 0]\n",
    );
    let root = directory.path().join("rendered/hosts");
    assert!(!root.join("web1/etc/httpd").exists());
    assert!(root.join("web2/etc/httpd").exists());
    render(
        directory.path(),
        &[],
        "files 5 changed, 2 removed, 18 unchanged\nnote: your own programs must answer `http` (8080); for pages, add the port \
         to `web: { ports: … }`\n[exit 0]\n",
    );
}

#[test]
fn a_change_by_hand_is_not_overwritten() {
    let directory = example();
    render(directory.path(), &[], "[exit 0]\n");
    let rules = directory.path().join("rendered/hosts/lvs1/etc/sysconfig/ipvsadm");
    fs::write(&rules, "# mine\n").unwrap();
    edit(directory.path(), "scheduler: rr", "scheduler: wrr");
    let before = read_tree(&directory.path().join("rendered"));
    let seen = session(directory.path(), &["render", "--delivery", "none"]);
    assert_eq!(
        seen,
        "--- stderr ---\n\
         cluster.yaml: 2 warnings; `lvsgen check` shows more\n\
         error[edited-by-hand]: `rendered/hosts/lvs1/etc/sysconfig/ipvsadm` was changed by hand since lvsgen wrote it\n \
         |\n \
         = help: move the change into the model, or overwrite the file with `--force`\n\n\
         1 error; `lvsgen explain CODE` explains each\n\
         [exit 1]\n"
    );
    assert_eq!(read_tree(&directory.path().join("rendered")), before, "nothing at all is written");
    render(directory.path(), &["--force"], "files 3 changed, 24 unchanged\n[exit 0]\n");
    assert!(fs::read_to_string(&rules).unwrap().contains("-s wrr"));
}

#[test]
fn a_stale_file_that_was_changed_by_hand_is_not_removed() {
    let directory = example();
    render(directory.path(), &[], "[exit 0]\n");
    let path = directory.path().join("rendered/hosts/web2/etc/rc.d/rc.local");
    fs::write(&path, "mine\n").unwrap();
    edit(directory.path(), "name: web2,", "name: web3,");
    render(directory.path(), &[], "explains each\n[exit 1]\n");
    assert!(path.exists() && !directory.path().join("rendered/hosts/web3").exists());
}

#[test]
fn somebody_elses_file_in_the_way_is_refused() {
    let directory = example();
    render(directory.path(), &["--host", "lvs1"], "[exit 0]\n");
    let path = directory.path().join("rendered/hosts/nfs1/etc/exports.d/lvsgen-web.exports");
    fs::create_dir_all(path.parent().unwrap()).unwrap();
    fs::write(&path, "mine\n").unwrap();
    let seen = session(directory.path(), &["render", "--delivery", "none"]);
    assert!(seen.contains("error[not-ours]") && seen.ends_with("[exit 1]\n"), "{seen}");
    assert_eq!(fs::read_to_string(&path).unwrap(), "mine\n");
}

#[test]
fn a_directory_of_somebody_else_is_refused() {
    let directory = example();
    let seen = session(directory.path(), &["render", "--delivery", "none", "-o", "."]);
    assert_eq!(
        seen,
        "--- stderr ---\n\
         cluster.yaml: 2 warnings; `lvsgen check` shows more\n\
         error: `.` is not empty, and lvsgen did not make it\n\
         help: name an empty or a new directory with `-o`, or write to this directory with `--force`\n\
         [exit 2]\n"
    );
}

#[test]
fn no_symbolic_link_leads_out() {
    let directory = example();
    render(directory.path(), &[], "[exit 0]\n");
    let outside = tempfile::tempdir().unwrap();
    let etc = directory.path().join("rendered/hosts/lvs1/etc");
    fs::rename(&etc, outside.path().join("etc")).unwrap();
    symlink(outside.path().join("etc"), &etc).unwrap();
    let before = read_tree(outside.path());
    edit(directory.path(), "scheduler: rr", "scheduler: wrr");
    let seen = session(directory.path(), &["render", "--delivery", "none", "--force"]);
    assert!(seen.contains("is a symbolic link") && seen.ends_with("[exit 2]\n"), "{seen}");
    assert_eq!(read_tree(outside.path()), before);
}

#[test]
fn a_damaged_manifest_is_told() {
    let directory = example();
    render(directory.path(), &[], "[exit 0]\n");
    fs::write(directory.path().join("rendered/.lvsgen-manifest.json"), "{").unwrap();
    let seen = session(directory.path(), &["render", "--delivery", "none"]);
    assert!(seen.contains("is damaged") && seen.ends_with("[exit 2]\n"), "{seen}");
}

#[test]
fn another_clusters_directory_is_refused() {
    let directory = example();
    render(directory.path(), &[], "[exit 0]\n");
    edit(directory.path(), "name: web\n", "name: shop\n");
    let before = read_tree(&directory.path().join("rendered"));
    render(directory.path(), &[], "or replace the cluster in it with `--force`\n[exit 2]\n");
    assert_eq!(read_tree(&directory.path().join("rendered")), before);
    render(directory.path(), &["--force"], "files 16 added, 11 changed, 16 removed\n[exit 0]\n");
}

/// A newcomer renders the example first, and then writes a model in the same folder.
#[test]
fn the_example_in_the_way_is_named() {
    let directory = tempfile::tempdir().unwrap();
    render(directory.path(), &[], "[exit 0]\n");
    session(directory.path(), &["init"]);
    render(
        directory.path(),
        &[],
        "replace the example with `--force`, or name another directory with `-o`\n[exit 2]\n",
    );
    render(directory.path(), &["--force"], "[exit 0]\n");
}

#[test]
fn a_repositorys_own_files_are_nobodys_work() {
    let directory = example();
    let root = directory.path().join("rendered");
    fs::create_dir_all(root.join(".git")).unwrap();
    fs::write(root.join(".gitkeep"), "").unwrap();
    render(directory.path(), &[], "files 27 added\n[exit 0]\n");
}

/// What a write leaves that is killed after some of its renames: the journal, some files new, some
/// old, some beside their places.
#[test]
fn a_write_that_was_cut_off_is_finished() {
    let directory = example();
    render(directory.path(), &[], "[exit 0]\n");
    let root = directory.path().join("rendered");
    let old = read_tree(&root);
    edit(directory.path(), "scheduler: rr", "scheduler: wrr");
    edit(directory.path(), "name: web2,", "name: web3,");
    render(directory.path(), &[], "[exit 0]\n");
    let new = read_tree(&root);
    let contents = |files: &[OutputFile], path: &str| {
        files.iter().find(|file| file.path == path).map(|file| file.contents.text().into_owned())
    };
    let manifest = ".lvsgen-manifest.json";
    let old_lines = contents(&old, manifest).unwrap();
    let mut journal =
        contents(&new, manifest).unwrap().replace("\"files\"", "\"under_way\": true, \"files\"");
    let rules = "hosts/lvs1/etc/sysconfig/ipvsadm";
    let hash = |text: &str, path: &str| {
        let line = text.lines().find(|line| line.contains(&format!("\"{path}\""))).unwrap();
        line.split("sha256\":\"").nth(1).unwrap().split('"').next().unwrap().to_owned()
    };
    let (was, is) = (hash(&old_lines, rules), hash(&journal, rules));
    journal = journal.replace(&format!("\"{is}\""), &format!("\"{is}\",\"was\":\"{was}\""));
    let gone = old_lines.lines().filter(|line| line.contains("hosts/web2/"));
    let gone: Vec<String> = gone.map(|line| format!("{},", line.trim_end_matches(','))).collect();
    journal = journal.replace("\"files\": [\n", &format!("\"files\": [\n{}\n", gone.join("\n")));
    fs::write(root.join(manifest), journal).unwrap();
    fs::write(root.join(rules), contents(&old, rules).unwrap()).unwrap();
    let local = "hosts/web2/etc/rc.d/rc.local";
    fs::create_dir_all(root.join(local).parent().unwrap()).unwrap();
    fs::write(root.join(local), contents(&old, local).unwrap()).unwrap();
    fs::remove_file(root.join("hosts/web3/etc/rc.d/rc.local")).unwrap();
    fs::write(root.join("hosts/web3/etc/rc.d/.rc.local.lvsgen-new"), "half").unwrap();

    let seen = session(directory.path(), &["render", "--delivery", "none"]);
    assert!(
        seen.contains("note: the last render here was interrupted; this render finished it\n"),
        "{seen}"
    );
    assert!(
        seen.ends_with("files 1 added, 1 changed, 1 removed, 25 unchanged\n[exit 0]\n"),
        "{seen}"
    );
    assert_eq!(read_tree(&root), new);
}

#[test]
fn a_failure_on_the_way_takes_everything_back() {
    let directory = example();
    render(directory.path(), &[], "[exit 0]\n");
    let root = directory.path().join("rendered");
    edit(directory.path(), "name: web2,", "name: web3,");
    // A directory where the second of the new files is staged: root may write anywhere, so that
    // permissions would stop nobody here.
    let in_the_way = root.join("hosts/web3/etc/sysctl.d/.99-zz-lvsgen-web.conf.lvsgen-new/x");
    fs::create_dir_all(&in_the_way).unwrap();
    let before = read_tree(&root);
    let seen = session(directory.path(), &["render", "--delivery", "none"]);
    assert!(seen.ends_with("[exit 2]\n"), "{seen}");
    assert_eq!(read_tree(&root), before);
    assert!(!root.join("hosts/web3/etc/httpd").exists());
    assert!(in_the_way.exists());
}

/// Whoever comes second while somebody writes is told so, and the tree is one model's.
#[test]
fn two_renders_at_once_make_no_third_tree() {
    let directory = tempfile::tempdir().unwrap();
    let at = directory.path();
    let trees = FLEETS.map(|(vip, hosts)| whole(at, vip, hosts).0);
    for (vip, hosts) in FLEETS {
        fs::write(at.join(format!("{hosts}.yaml")), fleet(vip, hosts)).unwrap();
    }
    session(at, &["render"]);
    for _ in 0..6 {
        let both = ["90.yaml", "60.yaml"].map(|model| {
            let mut running = super::support::lvsgen(at, &["render", model]);
            running.stderr(std::process::Stdio::piped()).spawn().unwrap()
        });
        for one in both {
            let ended = one.wait_with_output().unwrap();
            let told = String::from_utf8(ended.stderr).unwrap();
            let busy = told.contains("another render writes to `rendered`");
            assert!(ended.status.success() || busy, "{told}");
        }
        assert!(trees.contains(&read_tree(&at.join("rendered"))));
    }
}

/// Modes do not depend on who renders.
#[test]
fn a_umask_takes_nothing() {
    let directory = example();
    let script = format!("umask 077; exec {} render -o deep/down", env!("CARGO_BIN_EXE_lvsgen"));
    let mut shell = std::process::Command::new("sh");
    assert!(
        shell
            .args(["-c", &script])
            .current_dir(directory.path())
            .output()
            .unwrap()
            .status
            .success()
    );
    for path in ["deep", "deep/down", "deep/down/hosts/web1/etc"] {
        let mode = fs::metadata(directory.path().join(path)).unwrap().permissions().mode();
        assert_eq!(mode & 0o777, 0o755, "{path}");
    }
    let seen = session(directory.path(), &["render", "-o", "deep/down"]);
    assert!(seen.ends_with("files 51 unchanged\n[exit 0]\n"), "{seen}");
}

/// A model of many hosts, on one VIP or another.
fn fleet(vip: &str, hosts: usize) -> String {
    format!(
        "name: fleet\ntarget: openeuler\nnetwork: {{ interface: ens33, subnet: 10.0.0.0/16 }}\n\
         directors: [{{ name: lvs1, address: 10.0.255.1 }}]\n\
         real_servers: [{{ name: 'web[1-{hosts}]', address: 10.0.0.1-10.0.0.{hosts} }}]\n\
         virtual_services: [{{ name: http, vip: {vip}, port: 80 }}]\n"
    )
}

/// Two that differ in every file.
const FLEETS: [(&str, usize); 2] = [("10.0.255.100", 90), ("10.0.255.101", 60)];

/// The tree of a fleet that nobody disturbs, and how long it takes.
fn whole(at: &Path, vip: &str, hosts: usize) -> (Vec<OutputFile>, std::time::Duration) {
    fs::write(at.join("cluster.yaml"), fleet(vip, hosts)).unwrap();
    let start = std::time::Instant::now();
    assert!(session(at, &["render", "-o", "whole"]).ends_with("[exit 0]\n"));
    let took = start.elapsed();
    let tree = read_tree(&at.join("whole"));
    fs::remove_dir_all(at.join("whole")).unwrap();
    (tree, took)
}

/// Killed at any moment, a render leaves each file old or new, and the next one finishes it.
#[test]
fn a_killed_render_leaves_no_half_file() {
    let directory = tempfile::tempdir().unwrap();
    let at = directory.path();
    let [old, new] = &FLEETS.map(|(vip, hosts)| whole(at, vip, hosts));
    let root = at.join("rendered");
    let mut cut_off = 0;
    // The delays are spread over the run, and reach into whatever part of it writes.
    for round in 0_u32..60 {
        let (vip, hosts) = FLEETS[(round % 2) as usize];
        fs::write(at.join("cluster.yaml"), fleet(vip, hosts)).unwrap();
        let (target, took) = if round % 2 == 0 { old } else { new };
        let mut running = super::support::lvsgen(at, &["render"])
            .stderr(std::process::Stdio::null())
            .spawn()
            .unwrap();
        std::thread::sleep(*took * (round * 37 % 60) / 60);
        let _ = running.kill();
        running.wait().unwrap();
        if !root.exists() {
            continue;
        }
        let manifest = root.join(".lvsgen-manifest.json");
        let under_way = fs::read_to_string(&manifest).is_ok_and(|text| text.contains("under_way"));
        cut_off += u32::from(under_way);
        for file in read_tree(&root) {
            let beside = file.path.contains(".lvsgen-new") || file.path.starts_with('.');
            let whole = |tree: &[OutputFile]| {
                tree.iter().any(|one| one.path == file.path && one.contents == file.contents)
            };
            assert!(beside || whole(&old.0) || whole(&new.0), "{} is half a file", file.path);
        }
        let seen = session(at, &["render"]);
        assert!(seen.ends_with("[exit 0]\n"), "{seen}");
        assert_eq!(seen.contains("this render finished it"), under_way, "{seen}");
        assert_eq!(&read_tree(&root), target, "round {round}");
        if cut_off == 8 {
            return;
        }
    }
    assert!(cut_off > 0, "no run was cut off while it wrote");
}

/// Git keeps neither 0600 nor 0644: a check counts only what a review can see.
#[test]
fn a_check_counts_no_mode_that_git_lost() {
    let directory = example();
    render(directory.path(), &[], "[exit 0]\n");
    let path = directory.path().join("rendered/hosts/lvs1/etc/sysconfig/ipvsadm");
    fs::set_permissions(&path, fs::Permissions::from_mode(0o644)).unwrap();
    edit(directory.path(), "name: http,", "name: www,");
    let seen = session(directory.path(), &["render", "--delivery", "none", "--check"]);
    assert!(seen.contains("files would be 1 changed, 26 unchanged;"), "{seen}");
    let seen = session(directory.path(), &["diff", "--delivery", "none", "--stat"]);
    assert!(seen.contains("1 file changed"), "{seen}");
}

/// A user reads once that a target has statements without a proof: at each check, and at the first render for the target.
#[test]
fn statements_that_nobody_verified_are_noted_once() {
    let directory = tempfile::tempdir().unwrap();
    session(directory.path(), &["init"]);
    let note = "statements are not verified for `openeuler-24.03`; `lvsgen targets openeuler-24.03` shows them";
    assert_eq!(session(directory.path(), &["check"]).matches(note).count(), 1);
    assert!(!session(directory.path(), &["check", "-q"]).contains("not verified"));
    assert_eq!(session(directory.path(), &["render"]).matches(note).count(), 1);
    assert!(!session(directory.path(), &["render"]).contains("not verified"));
    // Another target is new in the directory.
    let seen = session(directory.path(), &["render", "--target", "rocky-9"]);
    let shown = session(directory.path(), &["targets", "rocky-9"]);
    assert_eq!(
        seen.contains("not verified for `rocky-9`"),
        shown.contains("unverified:"),
        "{seen}"
    );
    assert!(
        !session(directory.path(), &["check", "--target", "debian-12"]).contains("not verified")
    );
}
