//! `lvsgen trace`: the way of a packet, from rendered files and from copies of hosts.
//!
//! Each folder of tests/trace has a `command`, and perhaps the files of hosts; the trace is beside them. The faults of the lab
//! (tests/lab/faults.tsv) show the same symptoms in a trace as with real packets.

use std::fs;
use std::path::Path;
use std::process::Command;

use serde_json::Value;

use super::support::{assert_golden, folders, lvsgen, repository, session};

#[test]
fn every_case_gives_its_trace() {
    let cases = folders(&repository().join("tests/trace"));
    assert!(cases.len() > 4);
    for case in cases {
        let command = fs::read_to_string(case.join("command")).unwrap();
        let words: Vec<&str> = command.split_ascii_whitespace().skip(1).collect();
        assert_golden(&case.join("session"), &session(&case, &words));
    }
}

/// A drawing is well-formed XML, also with names and texts of files that XML would take for markup.
#[test]
fn drawings_are_well_formed() {
    let golden = repository().join("tests/trace/svg/session");
    let seen = fs::read_to_string(golden).unwrap();
    let (drawing, _) = seen.rsplit_once("[exit").unwrap();
    let parsed = roxmltree::Document::parse(drawing).unwrap();
    let texts = parsed.descendants().filter(|node| node.has_tag_name("text"));
    assert!(texts.count() > 12);
    let folder = tempfile::tempdir().unwrap();
    trees(folder.path());
    let words =
        ["trace", "--root=a&b<c>=d1", "--root=r1", "--root=r2", "10.9.0.100:80", "--format=svg"];
    let seen = session(folder.path(), &words);
    let (drawing, _) = seen.rsplit_once("[exit").unwrap();
    assert!(drawing.contains("a&amp;b&lt;c&gt;"), "{drawing}");
    roxmltree::Document::parse(drawing).unwrap();
}

/// The page shows two of these sessions.
#[test]
fn the_page_shows_sessions() {
    let mut page = fs::read_to_string(repository().join("docs/trace.md")).unwrap();
    for (case, command) in
        [("tutorial", "--example"), ("debian-trees", "--root d1 --root r1 --root r2 10.9.0.100:80")]
    {
        let seen = fs::read_to_string(repository().join("tests/trace").join(case).join("session"));
        let seen = seen.unwrap();
        let (seen, _) = seen.rsplit_once("[exit").unwrap();
        let begin = format!("$ lvsgen trace {command}\n");
        let (before, rest) = page.split_once(&begin).unwrap();
        let after = rest.split_once("```\n").unwrap().1;
        page = format!("{before}{begin}{}\n```\n{after}", seen.trim_end());
    }
    assert_golden(&repository().join("docs/trace.md"), &page);
}

/// The trace of a model, with the tree of one host in the place of its rendered files.
fn trace_json(folder: &Path, arguments: &[&str]) -> Value {
    let words = [&["trace", "--format", "json", "192.168.10.100:80"][..], arguments].concat();
    let ran = lvsgen(folder, &words).output().unwrap();
    serde_json::from_slice(&ran.stdout)
        .unwrap_or_else(|_| panic!("{}", String::from_utf8_lossy(&ran.stderr)))
}

/// The outcome of a client: `answered`, `risky` or `broken`.
fn outcome<'v>(trace: &'v Value, client: &str) -> &'v str {
    let paths = trace["paths"].as_array().unwrap();
    let own = paths.iter().filter(|path| path["client"] == client);
    let worst = |path: &&Value| {
        ["answered", "risky", "broken"].iter().position(|one| path["outcome"] == *one)
    };
    own.max_by_key(worst).unwrap()["outcome"].as_str().unwrap()
}

/// The events of all steps, as `HOST EVENT`, and the files that decided them.
fn events(trace: &Value) -> (Vec<String>, Vec<String>) {
    let (mut events, mut files) = (Vec::new(), Vec::new());
    for path in trace["paths"].as_array().unwrap() {
        let servers = path["servers"].as_array().unwrap().iter();
        let of_servers = servers.flat_map(|server| server["steps"].as_array().unwrap());
        for step in path["steps"].as_array().unwrap().iter().chain(of_servers) {
            events.push(format!(
                "{} {}",
                step["host"].as_str().unwrap(),
                step["event"].as_str().unwrap()
            ));
            let because = step["because"].as_array().unwrap().iter();
            files.extend(because.filter_map(|one| Some(one["file"].as_str()?.to_owned())));
        }
    }
    (events, files)
}

/// The columns of a fault: name, host, file, change, symptom.
fn faults() -> Vec<[String; 5]> {
    let table = fs::read_to_string(repository().join("tests/lab/faults.tsv")).unwrap();
    let rows = table.lines().filter(|line| !line.starts_with('#'));
    rows.map(|line| {
        let columns: Vec<String> = line.split('\t').map(str::to_owned).collect();
        columns.try_into().unwrap()
    })
    .collect()
}

#[test]
fn every_fault_of_the_lab_shows_in_a_trace() {
    let folder = tempfile::tempdir().unwrap();
    assert!(session(folder.path(), &["init"]).contains("[exit 0]"));
    assert!(session(folder.path(), &["render"]).contains("[exit 0]"));
    let good = trace_json(folder.path(), &[]);
    assert_eq!((outcome(&good, "outside"), outcome(&good, "on-link")), ("answered", "answered"));
    let mut seen = 0;
    for [name, host, file, change, symptom] in faults() {
        let tree = folder.path().join(&name);
        let copied = Command::new("cp")
            .arg("-r")
            .arg(folder.path().join("rendered/hosts").join(&host))
            .arg(&tree)
            .status();
        assert!(copied.unwrap().success());
        match change.as_str() {
            "remove" => fs::remove_file(tree.join(&file)).unwrap(),
            script => {
                let ran = Command::new("sed").arg("-i").arg(script).arg(tree.join(&file)).status();
                assert!(ran.unwrap().success());
            }
        }
        let root = format!("--root={host}={}", tree.display());
        let trace = trace_json(folder.path(), &[&root]);
        let (events, files) = events(&trace);
        let has = |event: &str| events.iter().any(|one| one == event);
        let (outside, on_link) = (outcome(&trace, "outside"), outcome(&trace, "on-link"));
        let decided = || files.iter().any(|one| one.ends_with(&file));
        let shows = match (symptom.as_str(), name.as_str()) {
            ("two-answers", _) => has("web1 answers") && has("lvs1 answers") && outside == "risky",
            ("poisons", _) => decided() && on_link == "risky" && has("web1 asks-as"),
            // With rp_filter 1, a real server whose whole network is local drops the requests of the director too.
            ("some-lost", "vip-24-on-lo") => decided() && has("web1 unreachable"),
            ("some-lost", "masquerading") => has("web1 misses-director") && outside == "broken",
            // The program that answers is right; its answers only lack a mark.
            ("some-lost", "no-node-mark") | ("page-missing", _) => outside == "answered",
            ("some-lost", _) => outside == "broken" && on_link == "broken",
            ("outside-lost", _) => decided() && outside == "broken" && on_link == "answered",
            ("all-lost", _) => outside == "broken" && !has("lvs1 answers"),
            ("table-differs", _) => trace.to_string().contains("the kernel ignores the port 8080"),
            ("one-node", _) => {
                !has("web1 takes") || !events.iter().any(|one| one == "web1 replies")
            }
            _ => panic!("no trace for the symptom {symptom}"),
        };
        assert!(shows, "{name}: outside {outside}, on-link {on_link}, {events:?}, {files:?}");
        seen += 1;
    }
    assert!(seen > 12);
}

/// The files of a cluster without a fault: a director, and two real servers.
#[rustfmt::skip]
const TREES: [(&str, &str, &str); 8] = [
    ("d1", "etc/network/interfaces", "auto ens3\niface ens3 inet static\n address 10.9.0.2/24\n gateway 10.9.0.1\nauto ens3:0\niface ens3:0 inet static\n address 10.9.0.100/32\n"),
    ("d1", "etc/ipvsadm.rules", "-A -t 10.9.0.100:80 -s rr\n-a -t 10.9.0.100:80 -r 10.9.0.11:80 -g -w 1\n-a -t 10.9.0.100:80 -r 10.9.0.12:80 -g -w 1\n"),
    ("r1", "etc/network/interfaces", "auto lo\niface lo inet loopback\n up ip address replace 10.9.0.100/32 dev lo label lo:0\nauto ens3\niface ens3 inet static\n address 10.9.0.11/24\n gateway 10.9.0.1\n"),
    ("r1", "etc/sysctl.d/10-arp.conf", "net.ipv4.conf.all.arp_ignore = 1\nnet.ipv4.conf.all.arp_announce = 2\n"),
    ("r1", "etc/sysctl.conf", "# nothing\n"),
    ("r2", "etc/network/interfaces", "auto lo\niface lo inet loopback\n up ip address replace 10.9.0.100/32 dev lo label lo:0\nauto ens3\niface ens3 inet static\n address 10.9.0.12/24\n gateway 10.9.0.1\n"),
    ("r2", "etc/sysctl.d/10-arp.conf", "net.ipv4.conf.all.arp_ignore = 1\nnet.ipv4.conf.all.arp_announce = 2\n"),
    ("r2", "etc/rc.local", "#!/bin/sh\nexit 0\n"),
];

const PAIR: &str = "vrrp_instance A {\n interface ens3\n virtual_router_id 7\n priority 150\n \
    virtual_ipaddress {\n 10.9.0.100/32\n }\n}\nvrrp_instance B {\n interface ens3\n virtual_router_id 8\n \
    priority 100\n virtual_ipaddress {\n 10.9.0.101/32\n }\n}\nvirtual_server 10.9.0.100 80 {\n protocol TCP\n \
    lvs_sched rr\n lvs_method DR\n real_server 10.9.0.11 80 {\n TCP_CHECK {\n }\n }\n sorry_server 10.9.0.12 80\n}\n";

/// A name, a file of a host, an edit of the file, the arguments, and texts of the trace.
type VerdictCase = (
    &'static str,
    (&'static str, &'static str),
    (&'static str, &'static str),
    &'static [&'static str],
    &'static [&'static str],
);

const ARP: &str = "etc/sysctl.d/10-arp.conf";
const NICS: &str = "etc/network/interfaces";
const RULES: &str = "etc/ipvsadm.rules";

#[rustfmt::skip]
const VERDICTS: [VerdictCase; 18] = [
    ("no fault", ("r2", "etc/rc.local"), ("exit 0", "exit 1"), &["--from=outside"], &["every server answers", "[exit 0]"]),
    ("a real server that answers no request", ("r1", ARP), ("arp_ignore = 1", "arp_ignore = 8"), &["--from=outside"], &["does not answer the request for its MAC address", "do not answer: r1", "[exit 1]"]),
    ("a second NIC", ("r1", NICS), ("auto lo", "auto ens4\niface ens4 inet static\n address 10.9.0.111/24\nauto lo"), &["--from=on-link"], &["every server answers"]),
    ("one NIC of one is protected", ("r1", ARP), ("conf.all.", "conf.ens3."), &["--from=on-link"], &["every server answers"]),
    ("a director without the VIP", ("d1", NICS), ("10.9.0.100/32", "10.9.0.99/32"), &["--from=outside"], &["no host answers for the VIP"]),
    ("another gateway", ("r1", NICS), ("10.9.0.1\n", "10.9.0.77\n"), &["--from=outside"], &["10.9.0.77 is a router that works"]),
    ("a real server that nobody gave", ("d1", RULES), ("10.9.0.12:80", "10.9.0.99:80"), &["--from=outside"], &["10.9.0.99: the files are not given"]),
    ("weighted failover", ("d1", RULES), ("-s rr\n-a -t 10.9.0.100:80 -r 10.9.0.11:80 -g -w 1", "-s fo\n-a -t 10.9.0.100:80 -r 10.9.0.11:80 -g -w 9"), &["--from=outside"], &["chooses r1 (100 %)"]),
    ("a line that ipvsadm refuses", ("d1", RULES), ("12:80 -g -w 1", "12:80 -g -w many"), &["--from=outside"], &["Not understood: ipvsadm.rules line 3"]),
    ("a tunnel without a device", ("d1", RULES), ("11:80 -g", "11:80 -i"), &["--from=outside"], &["no device takes packets out of a tunnel"]),
    ("a script that runs at boot", ("r2", "etc/rc.local"), ("exit 0", "sysctl -w net.ipv4.conf.all.arp_ignore=0"), &["--from=outside"], &["several hosts answer", "after `sysctl --system`"]),
    ("a real server that forwards without the VIP", ("r2", NICS), (" up ip address replace 10.9.0.100/32 dev lo label lo:0\n", ""), &["--from=outside"], &["do not answer: r2"]),
    ("the VIP as a client", ("r1", "etc/sysctl.conf"), ("nothing", "x"), &["--from=10.9.0.100"], &["it is the VIP itself", "[exit 2]"]),
    ("an address of another family", ("r1", "etc/sysctl.conf"), ("nothing", "x"), &["--from=2001:db8::5"], &["another address family", "[exit 2]"]),
    ("a slip in a name", ("r1", "etc/sysctl.conf"), ("nothing", "x"), &["--from=outsde"], &["did you mean `outside`?", "[exit 2]"]),
    ("a client that is down", ("r1", "etc/sysctl.conf"), ("nothing", "x"), &["--from=r1", "--without=r1"], &["`r1` is down", "[exit 2]"]),
    ("a director as its own client", ("r1", "etc/sysctl.conf"), ("nothing", "x"), &["--from=d1"], &["never its own client", "[exit 1]"]),
    ("the same host twice", ("r1", "etc/sysctl.conf"), ("nothing", "x"), &["--root=r1=r2"], &["two `--root` options", "[exit 2]"]),
];

fn write(folder: &Path, path: &str, text: &str) {
    let path = folder.join(path);
    fs::create_dir_all(path.parent().unwrap()).unwrap();
    fs::write(path, text).unwrap();
}

fn trees(folder: &Path) {
    TREES.iter().for_each(|(host, path, text)| write(&folder.join(host), path, text));
}

#[test]
fn verdicts_about_hand_made_hosts() {
    for (name, (host, path), (old, new), arguments, wanted) in VERDICTS {
        let folder = tempfile::tempdir().unwrap();
        trees(folder.path());
        let path = folder.path().join(host).join(path);
        let text = fs::read_to_string(&path).unwrap();
        assert!(text.contains(old), "{name}: {text}");
        fs::write(&path, text.replace(old, new)).unwrap();
        let roots = ["trace", "--root=d1", "--root=r1", "--root=r2", "10.9.0.100:80"];
        let seen = session(folder.path(), &[&roots[..], arguments].concat());
        for text in wanted {
            assert!(seen.contains(text), "{name}: `{text}` is missing in\n{seen}");
        }
    }
}

/// `arp_ignore` on one NIC alone leaves the other NIC of the same segment answering.
#[test]
fn every_nic_of_the_segment_gets_the_request() {
    let folder = tempfile::tempdir().unwrap();
    trees(folder.path());
    let (_, path, text) = TREES[2];
    let second = "auto ens4\niface ens4 inet static\n address 10.9.0.111/24\n";
    write(&folder.path().join("r1"), path, &format!("{text}{second}"));
    write(&folder.path().join("r1"), ARP, &TREES[3].2.replace("conf.all.", "conf.ens3."));
    let words = ["trace", "--root=d1", "--root=r1", "--root=r2", "10.9.0.100:80", "--from=on-link"];
    let seen = session(folder.path(), &words);
    assert!(seen.contains("r1       answers on ens4"), "{seen}");
    assert!(
        seen.contains("several hosts answer for the VIP") && seen.ends_with("[exit 1]\n"),
        "{seen}"
    );
}

/// The state of a host while it runs comes in the place of its files.
#[test]
fn the_state_of_a_host_comes_first() {
    let folder = tempfile::tempdir().unwrap();
    trees(folder.path());
    let words = ["trace", "--root=d1", "--root=r1", "--root=r2", "10.9.0.100:80", "--from=outside"];
    let address = r#"[{"ifname":"lo","addr_info":[{"local":"127.0.0.1","prefixlen":8}]},{"ifname":"ens3","addr_info":[{"local":"10.9.0.12","prefixlen":24}]}]"#;
    write(&folder.path().join("r2"), "live/ip-address.json", address);
    let seen = session(folder.path(), &words);
    assert!(seen.contains("do not answer: r2") && seen.contains("no NIC has the VIP"), "{seen}");
    fs::remove_dir_all(folder.path().join("r2/live")).unwrap();
    write(
        &folder.path().join("r2"),
        "live/sysctl",
        "net.ipv4.conf.all.arp_ignore = 0\nnet.ipv4.conf.ens3.arp_ignore = 0\n",
    );
    let seen = session(folder.path(), &[&words[..], &["--moment=boot"]].concat());
    assert!(seen.contains("several hosts answer"), "{seen}");
    fs::remove_dir_all(folder.path().join("r2/live")).unwrap();
    let table = "IP Virtual Server version 1.2.1 (size=4096)\nTCP  10.9.0.100:80 rr\n  -> 10.9.0.12:80 Route 1 0 0\n";
    write(&folder.path().join("d1"), "live/ipvs", table);
    let seen = session(folder.path(), &words);
    assert!(seen.contains("chooses r2 (100 %)"), "{seen}");
    let route = r#"[{"dst":"default","gateway":"10.9.0.2","dev":"ens3"}]"#;
    write(&folder.path().join("r2"), "live/ip-route.json", route);
    let seen = session(folder.path(), &words);
    assert!(
        seen.contains("to the gateway d1 (10.9.0.2)") && seen.ends_with("[exit 1]\n"),
        "{seen}"
    );
}

/// Two directors with two instances: each works for one VIP. Directors that do not hear each other both work.
#[test]
fn the_directors_elect_one_for_each_instance() {
    let folder = tempfile::tempdir().unwrap();
    trees(folder.path());
    let second =
        PAIR.replace("priority 150", "priority 90").replace("priority 100", "priority 200");
    let director = |name: &str, address: &str, text: &str| {
        let host = folder.path().join(name);
        write(&host, "etc/keepalived/keepalived.conf", text);
        let nic = format!("auto ens3\niface ens3 inet static\n address {address}/24\n");
        write(&host, NICS, &format!("{nic} gateway 10.9.0.1\n"));
    };
    let run = |arguments: &[&str]| {
        let roots = ["trace", "--root=l1", "--root=l2", "--root=r1", "--root=r2", "--from=outside"];
        session(folder.path(), &[&roots[..], arguments].concat())
    };
    director("l1", "10.9.0.3", PAIR);
    director("l2", "10.9.0.4", &second);
    let seen = run(&["10.9.0.100:80"]);
    assert!(seen.contains("l1       answers on") && !seen.contains("l2       answers"), "{seen}");
    assert!(seen.contains("chooses r1 (100 %)") && seen.ends_with("[exit 0]\n"), "{seen}");
    let seen = run(&["10.9.0.101:80"]);
    assert!(seen.contains("l2       answers on") && !seen.contains("l1       answers"), "{seen}");
    let seen = run(&["10.9.0.100:80", "--without=l1"]);
    assert!(seen.contains("l2       answers on"), "{seen}");
    // The sorry server answers while the only real server is down.
    let seen = run(&["10.9.0.100:80", "--without=r1"]);
    assert!(seen.contains("chooses r2 (100 %)"), "{seen}");
    director("l2", "10.9.0.4", &second.replace("virtual_router_id 7", "virtual_router_id 9"));
    let seen = run(&["10.9.0.100:80"]);
    let both = seen.contains("several hosts answer for the VIP");
    assert!(both && seen.contains("if this host wins:"), "{seen}");
}
