//! `lvsgen import`: hand-made clusters become models, and every line that a model lacks is in the report.
//!
//! Each folder of tests/import has the files of a cluster and a `command`; the model and the report are beside them.

use std::fs;
use std::path::Path;

use lvsgen::formats::Format;
use lvsgen::given::{GivenFile, GivenHost, GivenName};
use lvsgen::import::{Answers, Verified, import};
use lvsgen::pipeline::Pipeline;
use proptest::prelude::*;

use super::support::{assert_golden, folders, repository, session};

/// The arguments of a case: the model goes to stdout.
fn arguments(case: &Path) -> Vec<String> {
    let command = fs::read_to_string(case.join("command")).unwrap();
    let words = command.split_ascii_whitespace().skip(1).map(str::to_owned);
    words.chain(["--model".to_owned(), "-".to_owned()]).collect()
}

#[test]
fn every_case_gives_its_model_and_its_report() {
    let cases = folders(&repository().join("tests/import"));
    assert!(cases.len() > 8);
    for case in cases {
        // The results are no files of a host.
        let folder = tempfile::tempdir().unwrap();
        copy(&case, folder.path());
        let arguments = arguments(&case);
        let words: Vec<&str> = arguments.iter().map(String::as_str).collect();
        let seen = session(folder.path(), &words);
        let command = words.join(" ");
        assert!(!seen.contains("s3cr3t77"), "{command} shows a password:\n{seen}");
        assert!(!seen.contains("fault of lvsgen"), "{command}:\n{seen}");
        assert_golden(&case.join("session"), &seen);
        // The list stands beside a model that is written.
        let words: Vec<&str> = words[..words.len() - 2].to_vec();
        session(folder.path(), &words);
        let list = fs::read_to_string(folder.path().join("adopt.tsv")).unwrap_or_default();
        let golden = case.join("adopt.tsv");
        if golden.exists() || !list.is_empty() {
            assert_golden(&golden, &list);
        }
    }
}

/// A list is not overwritten, and nothing else is written then.
#[test]
fn a_list_is_never_overwritten_unasked() {
    let folder = tempfile::tempdir().unwrap();
    copy(&repository().join("tests/import/tutorial-trees"), folder.path());
    fs::write(folder.path().join("adopt.tsv"), "mine\n").unwrap();
    let seen = session(folder.path(), &["import", "."]);
    assert!(seen.contains("`adopt.tsv` already exists") && seen.ends_with("[exit 2]\n"), "{seen}");
    assert!(!folder.path().join("cluster.yaml").exists());
    assert_eq!(fs::read_to_string(folder.path().join("adopt.tsv")).unwrap(), "mine\n");
    let seen = session(folder.path(), &["import", ".", "--force"]);
    assert!(seen.contains("wrote adopt.tsv: 17 things"), "{seen}");
    assert!(folder.path().join("cluster.yaml").exists());
}

/// The page shows the session of the tutorial's cluster.
#[test]
fn the_page_shows_a_session() {
    let seen =
        fs::read_to_string(repository().join("tests/import/tutorial-trees/session")).unwrap();
    let (model, told) = seen.split_once("--- stderr ---\n").unwrap();
    let told = told.rsplit_once("[exit").unwrap().0.trim_end();
    let page = fs::read_to_string(repository().join("docs/import.md")).unwrap();
    let block = |begin: &str, page: &str, text: &str| {
        let (before, rest) = page.split_once(begin).unwrap();
        let (_, after) = rest.split_once("\n```\n").unwrap();
        format!("{before}{begin}{}\n```\n{after}", text.trim_end())
    };
    let page_now = block("$ lvsgen import .\n", &page, told);
    let page_now = block("```yaml\n", &page_now, model);
    assert_golden(&repository().join("docs/import.md"), &page_now);
}

fn copy(from: &Path, to: &Path) {
    for entry in fs::read_dir(from).unwrap() {
        let entry = entry.unwrap();
        let target = to.join(entry.file_name());
        if entry.file_type().unwrap().is_dir() {
            fs::create_dir(&target).unwrap();
            copy(&entry.path(), &target);
        } else if entry.file_name() != "session" && entry.file_name() != "adopt.tsv" {
            fs::copy(entry.path(), target).unwrap();
        }
    }
}

/// The trees that lvsgen renders are read again, and give the same table.
#[test]
fn rendered_trees_give_the_same_table() {
    let mut same = 0;
    for case in ["tutorial", "failover", "two-vips", "two-box", "authentication", "mixed", "tuned"]
    {
        for tree in folders(&repository().join("golden").join(case)) {
            let seen = session(&tree, &["import", "hosts", "--model", "-"]);
            assert!(seen.contains("rendered again: "), "{}:\n{seen}", tree.display());
            same += 1;
        }
    }
    assert!(same > 25, "{same}");
}

/// The trees of the tutorial's cluster, on every target, become a model that gives the same trees again.
#[test]
fn an_import_of_rendered_trees_renders_them_again() {
    let trees = folders(&repository().join("golden/tutorial"));
    assert!(trees.len() > 11);
    for tree in trees {
        let target = tree.file_name().unwrap().to_str().unwrap();
        let folder = tempfile::tempdir().unwrap();
        let hosts = tree.join("hosts");
        let target = format!("--set=target={target}");
        let words = [
            "import",
            hosts.to_str().unwrap(),
            "--set=name=web",
            &target,
            "--set=network.gateway=192.168.10.2",
            "--set=directors.lvs1.address=192.168.10.101",
            "--set=real_servers.web1.address=192.168.10.102",
            "--set=real_servers.web2.address=192.168.10.103",
        ];
        let seen = session(folder.path(), &words);
        assert!(seen.contains("wrote cluster.yaml"), "{target}:\n{seen}");
        let seen = session(folder.path(), &["render", "--delivery=none"]);
        assert!(seen.ends_with("[exit 0]\n"), "{target}:\n{seen}");
        let again = folder.path().join("rendered/hosts");
        let files = lvsgen::output::files_below(&again).unwrap();
        assert_eq!(files, lvsgen::output::files_below(&hosts).unwrap(), "{target}");
        for file in files {
            let [old, new] = [&hosts, &again].map(|root| fs::read(root.join(&file)).unwrap());
            assert!(old == new, "{target}: {file} differs");
        }
    }
}

#[test]
fn a_model_is_never_overwritten_unasked() {
    let folder = tempfile::tempdir().unwrap();
    copy(&repository().join("tests/import/saved-rules"), folder.path());
    let words = ["import", "lb=ipvsadm.rules"];
    assert!(session(folder.path(), &words).contains("wrote cluster.yaml: 1 director"));
    let first = fs::read_to_string(folder.path().join("cluster.yaml")).unwrap();
    fs::write(folder.path().join("cluster.yaml"), "mine\n").unwrap();
    let seen = session(folder.path(), &words);
    assert!(
        seen.contains("`cluster.yaml` already exists") && seen.ends_with("[exit 2]\n"),
        "{seen}"
    );
    assert_eq!(fs::read_to_string(folder.path().join("cluster.yaml")).unwrap(), "mine\n");
    let seen = session(folder.path(), &[&words[..], &["--force"]].concat());
    assert!(seen.ends_with("[exit 1]\n"), "{seen}");
    assert_eq!(fs::read_to_string(folder.path().join("cluster.yaml")).unwrap(), first);
    let seen = session(folder.path(), &["check"]);
    let open = ["`network.interface`", "`network.gateway`", "`directors.address`"];
    for place in open {
        assert!(seen.contains(&format!("error[needs-answer]: {place} is not answered")), "{seen}");
    }
    let answered = [
        "--set=network.interface=ens3",
        "--set=network.gateway=203.0.113.1",
        "--set=directors.lb.address=203.0.113.2,2001:db8:5::2",
        "--force",
    ];
    let seen = session(folder.path(), &[&words[..], &answered].concat());
    assert!(seen.contains("rendered again: 5 services with 7 real servers"), "{seen}");
    let seen =
        session(folder.path(), &[&words[..], &["--set=network.gatway=203.0.113.1"]].concat());
    assert!(
        seen.contains("`--set network.gatway` answers no question") && seen.ends_with("[exit 2]\n"),
        "{seen}"
    );
}

#[test]
fn links_do_not_lead_out_of_a_tree() {
    let folder = tempfile::tempdir().unwrap();
    let etc = folder.path().join("lvs1/etc");
    fs::create_dir_all(&etc).unwrap();
    fs::write(folder.path().join("secret"), "-A -t 10.0.0.1:80 -s rr\n").unwrap();
    std::os::unix::fs::symlink(folder.path().join("secret"), etc.join("ipvsadm.rules")).unwrap();
    let seen = session(folder.path(), &["import", "lvs1", "--model", "-"]);
    assert!(
        seen.contains("no file has a service of IPVS") && seen.ends_with("[exit 2]\n"),
        "{seen}"
    );
}

/// Texts that look like the formats.
fn text() -> impl Strategy<Value = String> {
    let word = prop_oneof![
        Just("virtual_server"),
        Just("real_server"),
        Just("vrrp_instance"),
        Just("{"),
        Just("}"),
        Just("\n"),
        Just("10.0.0.1"),
        Just("10.0.0.2"),
        Just("80"),
        Just("0"),
        Just("fwmark"),
        Just("-A"),
        Just("-a"),
        Just("-t"),
        Just("10.0.0.1:80"),
        Just("-r"),
        Just("-s"),
        Just("rr"),
        Just("-g"),
        Just("lb_kind"),
        Just("DR"),
        Just("weight"),
        Just("virtual_server_group"),
        Just("10.0.0.1-300"),
        Just("::1/0"),
        Just("auth_pass"),
        Just("s3cr3t77"),
        Just("authentication"),
        Just("interface"),
        Just("eth0"),
        Just("virtual_router_id"),
        Just("7"),
        Just("\""),
        Just("é"),
        Just("ip addr add 10.0.0.1/32 dev lo"),
        Just("net.ipv4.conf.all.arp_ignore = 1"),
        Just("X=$("),
        Just("unicast_peer"),
    ];
    proptest::collection::vec(word, 0..40).prop_map(|words| words.join(" ").replace(" \n ", "\n"))
}

#[test]
fn no_text_is_a_panic_or_a_lie() {
    let pipeline = Pipeline::load(Default::default(), Default::default()).unwrap();
    let formats =
        [Format::Keepalived, Format::Ipvsadm, Format::Shell, Format::Sysctl, Format::Netplan];
    let config = crate::random::config(200);
    let one = (proptest::sample::select(formats.to_vec()), text());
    proptest!(config, |((format, text) in one)| {
        let file = GivenFile {
            shown: "f".into(),
            path: "/etc/f".into(),
            format: Some(format),
            text,
            included: Vec::new(),
            searched: "/",
        };
        let host = GivenHost { name: GivenName::Written("lvs1".into()), files: vec![file] };
        let imported = import(vec![host], &Answers::default(), &pipeline);
        prop_assert!(!matches!(imported.verified, Verified::Differs(_)), "{:?}", imported.verified);
        prop_assert!(!imported.model.contains("s3cr3t77"));
        prop_assert!(imported.taken <= imported.lines);
    });
}
