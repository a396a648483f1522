//! The install delivery: its steps name every file by its hash, and its script unpacks to the very files.

use std::collections::BTreeSet;
use std::fs;
use std::os::unix::fs::PermissionsExt as _;
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
        let output =
            run(&script(directory.path(), host, "unpack_host . && unpack_program ."), into.path());
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

/// user-data is what cloud-init unpacks: a script, which unpacks to the files of its host.
#[test]
fn user_data_unpacks_to_the_files_of_its_host() {
    let directory = rendered();
    let root = directory.path().join("rendered");
    for host in ["lvs1", "web1", "nfs1"] {
        let path = root.join("cloud-init").join(host).join("user-data");
        let output = Command::new("gzip").arg("-dc").stdin(fs::File::open(path).unwrap()).output();
        let text = String::from_utf8(output.unwrap().stdout).unwrap();
        let text = text.strip_suffix("{ main \"$@\"; }\n").expect("the last line calls main");
        let into = tempfile::tempdir().unwrap();
        let output = run(&format!("{text}unpack_host . && unpack_program ."), into.path());
        assert!(output.status.success(), "{output:?}");
        assert_eq!(read_tree(&into.path().join("hosts")), {
            let mut tree = read_tree(&root.join("hosts").join(host));
            tree.iter_mut().for_each(|file| {
                file.path = format!("{host}/{}", file.path);
                file.mode = lvsgen::file::Mode::of_bits(0o600);
            });
            tree
        });
        let steps = format!("install/{host}.steps");
        let read = |root: &std::path::Path| fs::read_to_string(root.join(&steps)).unwrap();
        assert_eq!(read(into.path()), read(&root));
        // The program lacks only comments and indentation, and the parts that the host does not need.
        let lines = |text: String| -> Vec<String> {
            let lines = text.lines().map(str::trim_start);
            lines
                .filter(|line| !line.is_empty() && !line.starts_with('#'))
                .map(str::to_owned)
                .collect()
        };
        let program = fs::read_to_string(into.path().join("install/converge.sh")).unwrap();
        let wanted = embed::converge_for_first_boot(embed::FirstBoot {
            table: (host == "lvs1").then_some(embed::Table::Edited),
            secrets: false,
        });
        assert!(lines(program) == lines(wanted), "the program of {host}");
    }
}

/// The short form of the program lacks parts. It calls a function of such a part only on a condition that a first boot never meets.
#[test]
fn the_short_form_has_the_functions_that_it_calls() {
    let defined = |program: &str| -> Vec<String> {
        let names = program.lines().filter_map(|line| Some(line.split_once("() {")?.0.to_owned()));
        names.filter(|name| name.chars().all(|c| c.is_ascii_lowercase() || c == '_')).collect()
    };
    let conditional = [
        // `--adopt`, `--confirm` and `--drain` come with the complete program.
        "adopts",
        "adopt_listed",
        "check_list",
        "give_back_adopted",
        "confirm",
        "go_back",
        "drain",
        "give_back",
        // A dry run.
        "planned",
        "show_change",
        // A table, which this kind of host lacks.
        "table_edits",
        "drain_kept",
        "give_back_kept",
        "kept_edits",
        "mend_table",
        "await_checks",
        "ask_kept",
        "test_keepalived",
        "show_change",
        // The program of an image is the complete one.
        "remove_image",
    ];
    let all = defined(&embed::converge());
    for number in 0..embed::FirstBoot::KINDS {
        let program = embed::converge_for_first_boot(embed::FirstBoot::of_number(number));
        let has = defined(&program);
        let code = program.lines().filter(|line| !line.trim_start().starts_with('#'));
        // The first word of each command.
        let commands = code.flat_map(|line| line.split([';', '&', '|', '(', '{', '!']));
        let words: BTreeSet<&str> = commands
            .filter_map(|command| {
                let before = ["if", "then", "else", "while", "do"];
                command.split_whitespace().find(|word| !before.contains(word))
            })
            .collect();
        for name in &all {
            assert!(
                has.contains(name)
                    || !words.contains(name.as_str())
                    || conditional.contains(&name.as_str()),
                "kind {number} calls {name}"
            );
        }
    }
}

/// A host's own part stays readable while the whole is small; a large table is reported.
#[test]
fn user_data_has_a_limit() {
    let directory = tempfile::tempdir().unwrap();
    fs::write(directory.path().join("cluster.yaml"), embed::EXAMPLE).unwrap();
    session(directory.path(), &["render"]);
    let bytes = fs::read(directory.path().join("rendered/cloud-init/nfs1/user-data")).unwrap();
    for host in ["lvs1", "web1", "web2", "nfs1"] {
        let path = directory.path().join("rendered/cloud-init").join(host).join("user-data");
        assert!(fs::metadata(path).unwrap().len() <= 16_384, "{host}");
    }
    let readable = b"/etc/exports.d/lvsgen-web.exports";
    assert!(bytes.windows(readable.len()).any(|window| window == readable));
    let servers = "real_servers:\n  - { name: 'web[1-2000]', address: 10.0.0.1-10.0.7.208 }\n";
    let own = "real_servers:\n  - { name: web1, address: 192.168.10.102 }\n  - { name: web2, address: 192.168.10.103 }\n";
    let large = embed::EXAMPLE
        .replace(own, servers)
        .replace("192.168.10.0/24", "10.0.0.0/16")
        .replace("192.168.10", "10.0.9");
    fs::write(directory.path().join("cluster.yaml"), large).unwrap();
    let seen = session(directory.path(), &["render", "--host", "lvs1"]);
    assert!(seen.contains("note: the user-data of `lvs1` has "), "{seen}");
    assert!(
        seen.contains("accept at most 16384: there, set up this host with `install/push`"),
        "{seen}"
    );
}

/// network-config is written only where the model knows the whole NIC.
#[test]
fn a_network_config_needs_the_whole_nic() {
    let directory = tempfile::tempdir().unwrap();
    let path = directory.path().join("cluster.yaml");
    let config = directory.path().join("rendered/cloud-init/web1/network-config");
    fs::write(&path, embed::EXAMPLE).unwrap();
    let seen = session(directory.path(), &["render", "--delivery", "cloud-init"]);
    let why = "configure their NICs by the image: `network` has no `dns`\n";
    assert!(seen.contains(why), "{seen}");
    assert!(!config.exists());
    fs::write(&path, embed::EXAMPLE.replace("network:\n", "network:\n  dns: 192.168.10.2\n"))
        .unwrap();
    let seen = session(directory.path(), &["render", "--delivery", "cloud-init"]);
    assert!(!seen.contains("network-config"), "{seen}");
    let text = fs::read_to_string(config).unwrap();
    assert!(text.contains("gateway4: \"192.168.10.2\"") && text.contains("nameservers:"), "{text}");
    // A file with one NIC would take the other NIC away.
    let other = embed::EXAMPLE.replace("network:\n", "network:\n  dns: 192.168.10.2\n").replace(
        "web1, address: 192.168.10.102 }",
        "web1, address: 192.168.10.102, management_address: 10.9.0.1 }",
    );
    fs::write(&path, other).unwrap();
    let seen = session(directory.path(), &["render", "--delivery", "cloud-init"]);
    assert!(seen.contains("a host has a NIC that the model does not describe"), "{seen}");
    let config =
        |host| directory.path().join("rendered/cloud-init").join(host).join("network-config");
    assert!(!config("web1").exists() && config("web2").exists());
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

/// `push` and Ansible reach a host by its management address, in a range of hosts too.
#[test]
fn a_management_address_is_the_destination() {
    let directory = tempfile::tempdir().unwrap();
    let servers = "real_servers:\n  - { name: 'web[1-2]', address: 192.168.10.102-192.168.10.103, management_address: 10.9.0.1-10.9.0.2 }\n";
    let own = "real_servers:\n  - { name: web1, address: 192.168.10.102 }\n  - { name: web2, address: 192.168.10.103 }\n";
    assert!(embed::EXAMPLE.contains(own));
    fs::write(directory.path().join("cluster.yaml"), embed::EXAMPLE.replace(own, servers)).unwrap();
    session(directory.path(), &["render"]);
    let read =
        |path: &str| fs::read_to_string(directory.path().join("rendered").join(path)).unwrap();
    assert!(read("ansible/inventory.yml").contains("web2:\n          ansible_host: \"10.9.0.2\""));
    assert!(read("install/web2.steps").contains("\nmanagement 10.9.0.2\n"));
    let print = Command::new(directory.path().join("rendered/install/push"))
        .args(["web2"])
        .env("LVSGEN_SSH", "echo")
        .output()
        .unwrap();
    assert!(String::from_utf8_lossy(&print.stdout).starts_with("root@10.9.0.2 "), "{print:?}");
}

/// ssh ends with 255 if it does not reach a host, and does not say which host of the list it was.
#[test]
fn push_names_the_host_that_ssh_does_not_reach() {
    let directory = rendered();
    session(directory.path(), &["render", "--delivery", "install", "--force"]);
    let unreachable = directory.path().join("unreachable");
    fs::write(&unreachable, "#!/bin/sh\nexit 255\n").unwrap();
    fs::set_permissions(&unreachable, fs::Permissions::from_mode(0o755)).unwrap();
    let ran = Command::new(directory.path().join("rendered/install/push"))
        .arg("--all")
        .env("LVSGEN_SSH", &unreachable)
        .output()
        .unwrap();
    let said = String::from_utf8_lossy(&ran.stderr);
    assert!(said.contains("push: ssh did not reach nfs1"), "{said}");
    assert!(said.contains("`ssh root@192.168.10.106 true` must work"), "{said}");
    assert!(!said.contains("== web1"), "{said}");
    assert_eq!(ran.status.code(), Some(255));
}

/// A VIP is no management address, and two hosts share none.
#[test]
fn a_management_address_belongs_to_one_host() {
    let directory = tempfile::tempdir().unwrap();
    for (address, code) in
        [("192.168.10.100", "vip-is-host-address"), ("192.168.10.103", "duplicate-address")]
    {
        let own = format!("web1, address: 192.168.10.102, management_address: {address} }}");
        let model = embed::EXAMPLE.replace("web1, address: 192.168.10.102 }", &own);
        fs::write(directory.path().join("cluster.yaml"), model).unwrap();
        let seen = session(directory.path(), &["check"]);
        assert!(seen.contains(&format!("error[{code}]")), "{seen}");
    }
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

/// A host that left is named with the line to add, and `retired` keeps the steps that undo it.
#[test]
fn a_host_that_left_is_retired() {
    let directory = tempfile::tempdir().unwrap();
    let path = directory.path().join("cluster.yaml");
    fs::write(&path, embed::EXAMPLE).unwrap();
    session(directory.path(), &["render"]);
    let without = embed::EXAMPLE.replace("  - { name: web2, address: 192.168.10.103 }\n", "");
    let managed = embed::EXAMPLE
        .replace("192.168.10.103 }", "192.168.10.103, management_address: 10.9.0.2 }");
    fs::write(&path, managed).unwrap();
    session(directory.path(), &["render"]);
    fs::write(&path, &without).unwrap();
    let seen = session(directory.path(), &["diff"]);
    assert!(seen.contains("{ name: web2, address: \"10.9.0.2\" }"), "{seen}");
    fs::write(&path, embed::EXAMPLE).unwrap();
    session(directory.path(), &["render"]);
    fs::write(&path, &without).unwrap();
    let line = "retired:\n  - { name: web2, address: \"192.168.10.103\" }\n";
    for command in [&["diff"][..], &["diff", "--semantic"], &["render"]] {
        let seen = session(directory.path(), command);
        assert!(
            seen.contains("note: 1 host left the model, but the files and VIPs stay there"),
            "{seen}"
        );
        assert!(seen.contains(line), "{seen}");
    }
    fs::write(&path, without + line).unwrap();
    let seen = session(directory.path(), &["render"]);
    assert!(!seen.contains("left the model"), "{seen}");
    let root = directory.path().join("rendered");
    let steps = fs::read_to_string(root.join("install/web2.steps")).unwrap();
    assert!(steps.contains("\nwave 3\n") && steps.ends_with("\nretired yes\n"), "{steps}");
    let inventory = fs::read_to_string(root.join("ansible/inventory.yml")).unwrap();
    assert!(inventory.contains("lvsgen_web_retired:\n      hosts:\n        web2:"), "{inventory}");
    assert!(!root.join("hosts/web2").exists());
    let twice = embed::EXAMPLE.to_owned() + line;
    fs::write(&path, twice).unwrap();
    let seen = session(directory.path(), &["check"]);
    assert!(seen.contains("error[duplicate-name]: two hosts are called `web2`"), "{seen}");
}
