//! `lvsgen diff`: what a reviewer sees of a change, in every form.

use std::fmt::Write as _;
use std::fs;
use std::os::unix::fs::{PermissionsExt as _, symlink};
use std::path::Path;

use super::support::{assert_golden, git, lvsgen, repository, session};

/// A hundred real servers.
fn fleet() -> String {
    let mut model = String::from(
        "name: shop\ntarget: openeuler\n\
         network: { interface: ens33, subnet: 10.0.0.0/16, gateway: 10.0.255.254 }\n\
         directors: [{ name: lvs1, address: 10.0.255.1 }]\n\
         allow:\n\
         \x20 - { check: single-director, reason: a test }\n\
         \x20 - { check: no-health-check, reason: a test }\n\
         nfs: { server: { name: nfs1, address: 10.0.255.2 }, export: /opt/wwwroot, mount: /var/www/html }\n\
         virtual_services:\n\
         \x20 - name: http\n    vip: 10.0.255.100\n    port: 80\n    scheduler: wrr\n    real_servers:\n",
    );
    for at in 1..=100 {
        writeln!(model, "      - {{ name: web{at}, weight: 1 }}").unwrap();
    }
    model += "real_servers:\n";
    for at in 1..=100 {
        writeln!(model, "  - {{ name: web{at}, address: 10.0.0.{at} }}").unwrap();
    }
    model
}

const HTTPS: &str =
    "  - { name: https, vip: 10.0.255.101, port: 443, scheduler: wlc }\nreal_servers:\n";

/// A folder with a rendered model, and then another model.
fn folder(before: &str, after: &str) -> tempfile::TempDir {
    let directory = tempfile::tempdir().unwrap();
    fs::write(directory.path().join("cluster.yaml"), before).unwrap();
    let seen = session(directory.path(), &["render"]);
    assert!(seen.ends_with("[exit 0]\n"), "{seen}");
    fs::write(directory.path().join("cluster.yaml"), after).unwrap();
    directory
}

fn diff(directory: &Path, arguments: &[&str]) -> String {
    session(directory, &[&["diff"], arguments].concat())
}

fn assert_forms(name: &str, directory: &Path, forms: &[(&str, &[&str])]) {
    for (form, arguments) in forms {
        let path = repository().join(format!("tests/diff/{name}.{form}"));
        assert_golden(&path, &diff(directory, arguments));
    }
}

#[test]
fn one_weight_of_a_hundred_hosts_is_read_at_a_glance() {
    let model = fleet();
    let after = model.replace("{ name: web2, weight: 1 }", "{ name: web2, weight: 3 }");
    let directory = folder(&model, &after);
    assert_forms(
        "weight",
        directory.path(),
        &[
            ("patch", &[]),
            ("all.patch", &["--all"]),
            ("stat", &["--stat"]),
            ("names", &["--name-only"]),
            ("json", &["--format", "json"]),
            ("md", &["--format", "markdown"]),
            ("semantic", &["--semantic"]),
            ("semantic.json", &["--semantic", "--format", "json"]),
            ("semantic.md", &["--semantic", "--format", "markdown"]),
        ],
    );
    let patch = diff(directory.path(), &[]);
    assert_eq!(patch.matches("\n@@ ").count(), 1, "one hunk in one file");
    let meaning = diff(directory.path(), &["--semantic"]);
    assert_eq!(meaning.lines().count(), 3, "the change, its rollout and the exit code: {meaning}");
}

#[test]
fn what_a_hundred_hosts_have_alike_is_told_once() {
    let model = fleet();
    let after =
        model.replace("real_servers:\n  - { name: web1,", &format!("{HTTPS}  - {{ name: web1,"));
    let after = after.replace("name: web7, address", "name: web7, title: Seven, address");
    let directory = folder(&model, &after);
    assert_forms(
        "vip",
        directory.path(),
        &[("md", &["--format", "markdown"]), ("semantic", &["--semantic"])],
    );
    let comment = diff(directory.path(), &["--format", "markdown"]);
    assert!(comment.contains("web\\[1-100\\]"), "{comment}");
    assert!(comment.len() < 12_000, "{}", comment.len());
}

#[test]
fn a_comment_fits_where_it_goes() {
    let model = fleet();
    let mut after = model.clone();
    for at in 1..=100 {
        let (old, new) = (format!("web{at}, address"), format!("web{at}, title: T{at}, address"));
        after = after.replace(&old, &new);
    }
    let after = after.replace("target: openeuler", "target: debian-13");
    let directory = folder(&model, &after);
    let comment = diff(directory.path(), &["--format", "markdown"]);
    assert!(comment.len() < 65_000, "{comment}");
    assert!(comment.contains("more groups, not shown here"), "{comment}");
    assert_eq!(comment.matches("<details").count(), comment.matches("</details>").count());
}

/// Every kind of statement, from one model and its changes.
#[test]
fn a_change_is_told_by_its_meaning() {
    let path = repository().join("tests/diff/meaning.yaml");
    let model = fs::read_to_string(&path).unwrap();
    let mut told = String::new();
    for edit in fs::read_to_string(repository().join("tests/diff/meaning.edits")).unwrap().lines() {
        let mut after = model.clone();
        for part in edit.split(" ;; ") {
            let (from, to) = part.split_once(" => ").unwrap();
            let to = &to.replace("\\n", "\n");
            assert!(after.contains(from), "{from}");
            after = after.replace(from, to);
        }
        let directory = folder(&model, &after);
        told += &format!("# {edit}\n{}\n", diff(directory.path(), &["--semantic"]));
    }
    assert_golden(&repository().join("tests/diff/meaning.out"), &told);
}

#[test]
fn nothing_to_tell_is_told_and_exits_clean() {
    let directory = folder(&fleet(), &fleet());
    for arguments in [&[][..], &["--semantic"], &["--stat"], &["--name-only"]] {
        let seen = diff(directory.path(), arguments);
        assert_eq!(seen, "--- stderr ---\nno differences\n[exit 0]\n", "{arguments:?}");
    }
    let json = diff(directory.path(), &["--format", "json"]);
    assert!(json.starts_with("{\n  \"format\": 1,\n  \"changes\": []\n}\n"), "{json}");
}

#[test]
fn a_terminal_gets_colours_and_marked_words() {
    let model = fleet();
    let after = model.replace("{ name: web2, weight: 1 }", "{ name: web2, weight: 3 }");
    let directory = folder(&model, &after);
    let ran = lvsgen(directory.path(), &["diff"]).env("CLICOLOR_FORCE", "1").output().unwrap();
    let seen = String::from_utf8(ran.stdout).unwrap();
    assert!(seen.contains("\u{1b}[7m\u{1b}[32m3\u{1b}[0m"), "{seen:?}");
    let plain = String::from_utf8(lvsgen(directory.path(), &["diff"]).output().unwrap().stdout);
    assert!(!plain.unwrap().contains('\u{1b}'));
}

/// A hundred renamed hosts are one line; a host that breaks the row has its own.
#[test]
fn a_renamed_range_is_one_line() {
    let model = fleet();
    let after = model.replace("name: web", "name: node").replace("name: node50,", "name: middle,");
    let directory = folder(&model, &after);
    let seen = diff(directory.path(), &["--semantic"]);
    let renamed: Vec<&str> = seen.lines().take(3).collect();
    let wanted = [
        "web[1-49] are called node[1-49]",
        "web50 is called middle",
        "web[51-100] are called node[51-100]",
    ];
    assert_eq!(renamed, wanted, "{seen}");
    let colored = diff(directory.path(), &["--semantic", "--color", "always"]);
    assert!(colored.contains("\u{1b}[1mweb50 is called middle"), "{colored}");
}

#[test]
fn a_diff_is_taken_by_git_and_gives_what_a_render_gives() {
    let model = fleet();
    let after =
        model.replace("10.0.255.100", "10.0.255.110").replace("name: web9,", "name: node9,");
    let directory = folder(&model, &after);
    let patch = lvsgen(directory.path(), &["diff", "--all"]).output().unwrap().stdout;
    fs::write(directory.path().join("patch"), patch).unwrap();
    git(directory.path(), &["apply", "--directory=rendered", "patch"]);
    let left = diff(directory.path(), &["--name-only"]);
    // A diff has neither the modes of new files nor compressed contents.
    let left = left.lines().filter(|line| !line.starts_with(['[', '-']));
    let left: Vec<&str> = left.filter(|line| !line.ends_with("/user-data")).collect();
    assert_eq!(left, ["hosts/node9/etc/rc.d/rc.local"]);
}

#[test]
fn a_revision_is_read_through_git() {
    let model = fleet();
    let directory = folder(&model, &model);
    let git = |arguments: &[&str]| git(directory.path(), arguments);
    let folder = directory.path().join("site");
    fs::create_dir(&folder).unwrap();
    fs::write(folder.join("cluster.yaml"), &model).unwrap();
    git(&["init", "--quiet"]);
    git(&["add", "cluster.yaml", "site"]);
    git(&["commit", "--quiet", "--message", "model"]);
    fs::write(folder.join("cluster.yaml"), model.replace("wrr", "wlc")).unwrap();
    let told =
        "http: scheduler wrr → wlc; open connections stay, new ones are spread by the new rule\n";
    for (place, arguments) in [
        (directory.path(), &["site/cluster.yaml", "--from", "main", "--semantic"][..]),
        (&folder, &["--from", "HEAD", "--semantic"]),
    ] {
        let seen = diff(place, arguments);
        assert!(seen.starts_with(told) && seen.ends_with("[exit 1]\n"), "{seen}");
    }
    let seen = diff(&folder, &["--from", "main", "--stat"]);
    assert!(seen.contains(" hosts/lvs1/etc/sysconfig/ipvsadm "), "{seen}");
    git(&["commit", "--quiet", "--all", "--message", "wlc"]);
    let both = diff(&folder, &["--from", "HEAD~1", "--to", "HEAD", "--semantic"]);
    assert!(both.starts_with(told) && both.ends_with("[exit 1]\n"), "{both}");
    let back = diff(&folder, &["--from", "HEAD", "--to", "HEAD~1", "--semantic"]);
    assert!(back.starts_with("http: scheduler wlc → wrr"), "{back}");
    let unknown = diff(&folder, &["--from", "nowhere"]);
    assert!(
        unknown.contains("git has no `nowhere:cluster.yaml`") && unknown.ends_with("[exit 2]\n")
    );
    let option = diff(&folder, &["--from=--textconv"]);
    assert!(option.contains("is no revision") && option.ends_with("[exit 2]\n"), "{option}");

    fs::write(folder.join("other.yaml"), model.replace("port: 80", "port: 8080")).unwrap();
    let other = diff(&folder, &["--from-model", "other.yaml", "--semantic"]);
    assert!(other.contains("http: 10.0.255.100:8080 (TCP) → 10.0.255.100:80 (TCP)"), "{other}");
    fs::write(folder.join("wrong.yaml"), "name: x\n").unwrap();
    let wrong = diff(&folder, &["--from-model", "wrong.yaml"]);
    assert!(wrong.contains("`wrong.yaml` has errors") && wrong.ends_with("[exit 2]\n"), "{wrong}");
}

#[test]
fn a_change_by_hand_is_told_apart() {
    let directory = folder(&fleet(), &fleet());
    let path = directory.path().join("rendered/hosts/lvs1/etc/sysconfig/ipvsadm");
    fs::write(&path, fs::read_to_string(&path).unwrap() + "# mine\n").unwrap();
    let seen = diff(directory.path(), &[]);
    assert!(
        seen.starts_with(
            "hosts/lvs1/etc/sysconfig/ipvsadm: changed by hand since lvsgen wrote it\n"
        ),
        "{seen}"
    );
    let json = diff(directory.path(), &["--format", "json"]);
    assert!(json.contains("\"changed_by_hand\": true"), "{json}");
    let meaning = diff(directory.path(), &["--semantic"]);
    assert!(
        meaning.contains("the cluster does not change, but 1 file changed: hosts/"),
        "{meaning}"
    );
    let check = session(directory.path(), &["render", "--check"]);
    assert!(check.contains("would refuse to write, because a person made or changed 1"), "{check}");
}

#[test]
fn modes_that_git_does_not_keep_are_no_difference() {
    let directory = folder(&fleet(), &fleet());
    let root = directory.path().join("rendered");
    let set = |path: &str, mode| {
        fs::set_permissions(root.join(path), fs::Permissions::from_mode(mode)).unwrap();
    };
    set("hosts/lvs1/etc/sysconfig/ipvsadm", 0o644);
    set("install/push", 0o775);
    assert!(diff(directory.path(), &[]).ends_with("no differences\n[exit 0]\n"));
    assert!(session(directory.path(), &["render", "--check"]).ends_with("[exit 0]\n"));
    set("install/push", 0o644);
    assert!(diff(directory.path(), &[]).starts_with("install/push: mode 0644 becomes 0755\n"));
    assert!(session(directory.path(), &["render", "--check"]).ends_with("[exit 1]\n"));
}

/// A host's own file system: only what lvsgen would own, and every trouble told.
#[test]
fn a_host_is_held_against_its_files() {
    let directory = folder(&fleet(), &fleet());
    let root = directory.path().join("rendered/hosts/web1");
    let seen = |arguments: &[&str]| {
        let all = [&["--root", "rendered/hosts/web1", "--host", "web1"], arguments].concat();
        diff(directory.path(), &all)
    };
    assert_eq!(seen(&[]), "var/www/html/: the directory is missing\n[exit 1]\n");
    fs::create_dir(root.join("var/www/html")).unwrap();
    assert_eq!(seen(&[]), "--- stderr ---\nno differences\n[exit 0]\n");
    // What is not lvsgen's is not looked at, also within a shared file.
    fs::write(root.join("etc/motd"), "hello\n").unwrap();
    let local = root.join("etc/rc.d/rc.local");
    let text = fs::read_to_string(&local).unwrap();
    fs::write(&local, text.replace("#!/bin/bash\n", "#!/bin/bash\nmine\n")).unwrap();
    assert_eq!(seen(&[]), "--- stderr ---\nno differences\n[exit 0]\n");

    // Of two blocks a shell runs both.
    let block = text.split_once("# BEGIN").map(|(_, rest)| rest.split_once("exit 0").unwrap().0);
    let twice = format!("#!/bin/bash\n# BEGIN{0}mine\n# BEGIN{0}exit 0\n", block.unwrap());
    fs::write(&local, twice).unwrap();
    assert!(seen(&[]).contains("\n-ip address replace"), "{}", seen(&[]));

    fs::write(&local, "#!/bin/bash\nmine\nexit 0\n").unwrap();
    fs::set_permissions(root.join("var/www/lvs-node-shop"), fs::Permissions::from_mode(0o700))
        .unwrap();
    fs::remove_file(root.join("etc/sysctl.d/99-zz-lvsgen-shop.conf")).unwrap();
    fs::set_permissions(
        root.join("etc/httpd/conf.d/lvsgen-shop.conf"),
        fs::Permissions::from_mode(0o600),
    )
    .unwrap();
    let page = root.join("var/www/lvs-node-shop/index.html");
    fs::write(&page, "other\n").unwrap();
    // A link that leads out of the root leads to a place within it.
    fs::remove_file(root.join("etc/systemd/system/var-www-html.mount")).unwrap();
    fs::write(root.join("unit"), "Where=/mnt\n").unwrap();
    symlink("/unit", root.join("etc/systemd/system/var-www-html.mount")).unwrap();
    assert_golden(&repository().join("tests/diff/root.patch"), &seen(&[]));
    assert_golden(&repository().join("tests/diff/root.json"), &seen(&["--format", "json"]));

    fs::remove_file(&page).unwrap();
    symlink("index.html", &page).unwrap();
    let troubled = seen(&["--stat"]);
    assert!(
        troubled
            .contains("error: cannot read `rendered/hosts/web1/var/www/lvs-node-shop/index.html`"),
        "{troubled}"
    );
    assert!(
        troubled.contains("etc/rc.d/rc.local") && troubled.ends_with("[exit 2]\n"),
        "{troubled}"
    );
}

/// What is no difference must not look like one, nor a mistake like a clean run.
#[test]
fn a_mistake_exits_otherwise_than_a_difference() {
    let directory = folder(&fleet(), &fleet().replace("port: 80", "port: 80000"));
    let wrong = diff(directory.path(), &["--format", "markdown"]);
    assert!(
        wrong.contains("`cluster.yaml` has errors") && wrong.ends_with("[exit 2]\n"),
        "{wrong}"
    );
    fs::write(directory.path().join("cluster.yaml"), fleet()).unwrap();
    for revision in ["", ":0", "-p"] {
        let seen = diff(directory.path(), &[&format!("--from={revision}")]);
        assert!(seen.contains("is no revision") && seen.ends_with("[exit 2]\n"), "{seen}");
    }
    fs::write(directory.path().join("rendered/summary.json"), "{}").unwrap();
    let damaged = diff(directory.path(), &["--semantic"]);
    assert!(damaged.contains("is damaged") && damaged.ends_with("[exit 2]\n"), "{damaged}");
    let one = diff(directory.path(), &["--semantic", "--host", "web1"]);
    assert!(one.ends_with("[exit 2]\n"), "{one}");
}

/// A patch carries every byte; what people and terminals see cannot deceive them.
#[test]
fn what_hides_is_kept_in_a_patch_and_shown_to_people() {
    let directory = folder(&fleet(), &fleet());
    let path = directory.path().join("rendered/hosts/lvs1/etc/sysconfig/ipvsadm");
    let text = fs::read_to_string(&path).unwrap();
    fs::write(&path, text.clone() + "# \u{1b}[31m \u{202e}x\n").unwrap();
    let plain = lvsgen(directory.path(), &["diff"]).output().unwrap().stdout;
    assert!(String::from_utf8(plain).unwrap().contains("-# \u{1b}[31m \u{202e}x\n"));
    let styled = lvsgen(directory.path(), &["diff"]).env("CLICOLOR_FORCE", "1").output().unwrap();
    let styled = String::from_utf8(styled.stdout).unwrap();
    assert!(styled.contains("# \\u{1b}[31m \\u{202e}x"), "{styled:?}");
    fs::write(&path, "\0\u{1}").unwrap();
    let binary = diff(directory.path(), &[]);
    assert!(binary.contains("ipvsadm: the contents differ and are not text\n"), "{binary}");
}
