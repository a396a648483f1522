//! A fleet in few lines: ranges, and lists of other files.

use std::fs;
use std::path::Path;

use super::support::{assert_golden, git, read_tree, repository, session};

const HEAD: &str = "name: fleet
target: openeuler
network: { interface: ens33, subnet: [10.0.0.0/16, 'fd00::/64'], gateway: 10.0.255.254 }
directors: [{ name: lvs1, address: [10.0.255.1, 'fd00::ffff'] }]
allow: [{ check: single-director, reason: x }, { check: no-health-check, reason: x }]
";

fn folder(files: &[(&str, &str)]) -> tempfile::TempDir {
    let directory = tempfile::tempdir().unwrap();
    for (path, text) in files {
        let path = directory.path().join(path);
        fs::create_dir_all(path.parent().unwrap()).unwrap();
        fs::write(path, text).unwrap();
    }
    directory
}

fn rendered(at: &Path) -> Vec<lvsgen::delivery::OutputFile> {
    let seen = session(at, &["render"]);
    assert!(seen.ends_with("[exit 0]\n"), "{seen}");
    read_tree(&at.join("rendered"))
}

/// What is written in few lines renders to what is written out.
#[test]
fn a_fleet_is_its_hosts() {
    let long = format!(
        "{HEAD}real_servers:
  - {{ name: web08, address: 10.0.0.254, title: T }}
  - {{ name: web09, address: 10.0.0.255, title: T }}
  - {{ name: web10, address: 10.0.1.0, title: T }}
  - {{ name: api1.a, address: [10.0.2.1, 'fd00::9'], target: debian-13 }}
  - {{ name: api2.a, address: [10.0.2.2, 'fd00::a'], target: debian-13 }}
  - {{ name: old1, address: 10.0.3.1, interface: eth0 }}
  - {{ name: old2, address: [10.0.3.2, 'fd00::20'], title: 'Alt, sehr' }}
  - {{ name: new1, address: 10.0.4.1 }}
  - {{ name: new2, address: 10.0.4.2 }}
virtual_services:
  - name: http
    vip: [10.0.255.100, 'fd00::100']
    port: 80
    real_servers: [web08, web09, {{ name: web10, weight: 3 }}, {{ name: old1, weight: 5 }}, old2, {{ name: new1, weight: 2 }}, {{ name: new2, weight: 2 }}]
  - {{ name: api, vip: 10.0.255.101, port: 443, real_servers: [api1.a, api2.a] }}
"
    );
    let short = format!(
        "{HEAD}real_servers:
  - {{ name: 'web[08-10]', address: 10.0.0.254-10.0.1.0, title: T }}
  - {{ name: 'api[1-2].a', address: [10.0.2.1-10.0.2.2, 'fd00::9-fd00::a'], target: debian-13 }}
  - include: lists/old.csv
  - include: lists/new.yaml
virtual_services:
  - name: http
    vip: [10.0.255.100, 'fd00::100']
    port: 80
    real_servers: ['web[08-09]', {{ name: web10, weight: 3 }}, {{ include: lists/shares.csv }}]
  - {{ name: api, vip: 10.0.255.101, port: 443, real_servers: ['api[1-2].a'] }}
"
    );
    let lists = [
        (
            "lists/old.csv",
            "# of the old hall\n\nname,address,interface,title\nold1,10.0.3.1,eth0,\nold2, 10.0.3.2 fd00::20,,\"Alt, sehr\"\n",
        ),
        ("lists/new.yaml", "- { name: 'new[1-2]', address: 10.0.4.1-10.0.4.2 }\n"),
        ("lists/shares.csv", "name,weight\nold1,5\nold2,\nnew[1-2],2\n"),
    ];
    let files = [
        &[("site/cluster.yaml", short.as_str())][..],
        &lists
            .map(|(path, text)| (Box::leak(format!("site/{path}").into_boxed_str()) as &str, text)),
    ]
    .concat();
    let (long, short) = (folder(&[("cluster.yaml", &long)]), folder(&files));
    let seen = session(short.path(), &["render", "site/cluster.yaml"]);
    assert!(seen.ends_with("[exit 0]\n"), "{seen}");
    assert_eq!(read_tree(&short.path().join("rendered")), rendered(long.path()));
}

/// Every mistake at its own place, in its own file, and once.
#[test]
fn mistakes_of_a_fleet_are_told_at_their_places() {
    let model = format!(
        "{HEAD}real_servers:
  - {{ name: 'web[0001-9999]', address: 10.0.0.10-10.0.39.25 }}
  - {{ name: 'a[1-3]', address: 10.0.0.1 }}
  - {{ name: b, address: 10.0.0.1-10.0.0.3 }}
  - {{ name: 'c[3-1]', address: 10.0.0.1-10.0.0.3 }}
  - {{ name: 'd[1-3]', address: [10.0.0.1-10.0.0.3, 'fd00::1-10.0.0.1'] }}
  - {{ name: 'e[1-9]', address: 10.0.0.1-10.0.0.9, wieght: 1 }}
  - include: away.yaml
  - include: hosts.txt
  - include: nested.yaml
  - include: mapping.yaml
  - include: broken.yaml
  - include: cells.csv
  - include: column.csv
virtual_services: [{{ name: http, vip: 10.0.255.100, port: 80 }}]
"
    );
    let files = folder(&[
        ("cluster.yaml", &model),
        ("hosts.txt", ""),
        ("nested.yaml", "- include: other.yaml\n"),
        ("mapping.yaml", "real_servers: []\n"),
        ("broken.yaml", "- [\n"),
        ("cells.csv", "# x\nname,address\n# y\nf1,10.0.0.1,zz\ng1,10.0.0.300\nh1,\n"),
        ("column.csv", "name,adress\nx,10.0.0.1\n"),
    ]);
    let told = session(files.path(), &["check"])
        + &session(files.path(), &["check", "--format", "github"]);
    assert_golden(&repository().join("tests/diagnostics/fleet.out"), &told);
    let json = session(files.path(), &["check", "--format", "json"]);
    assert!(json.contains("\"file\": \"cells.csv\""), "{json}");
    let sarif = session(files.path(), &["check", "--format", "sarif"]);
    assert!(sarif.contains("\"uri\": \"cells.csv\""), "{sarif}");
}

/// What is wrong with all hosts of a range is one finding.
#[test]
fn a_range_is_wrong_once() {
    let model = format!(
        "{HEAD}real_servers:
  - {{ name: 'web[1-5000]', address: 10.1.0.1-10.1.19.136 }}
virtual_services: [{{ name: http, vip: 10.0.255.100, port: 80 }}]
"
    );
    let files = folder(&[("cluster.yaml", &model)]);
    let told = session(files.path(), &["check"]);
    assert!(told.contains("(and 4999 more at this place)"), "{told}");
    assert!(told.contains("cluster.yaml: 1 error;"), "{told}");
}

/// A revision's lists are those of the revision.
#[test]
fn a_revision_includes_what_it_had() {
    let model = format!(
        "{HEAD}real_servers: [include: hosts.csv]\nvirtual_services: [{{ name: http, vip: 10.0.255.100, port: 80 }}]\n"
    );
    let files = folder(&[
        ("site/cluster.yaml", &model),
        ("site/hosts.csv", "name,address\nweb1,10.0.0.1\nweb2,10.0.0.2\n"),
    ]);
    let git = |arguments: &[&str]| git(files.path(), arguments);
    git(&["init", "--quiet"]);
    git(&["add", "."]);
    git(&["commit", "--quiet", "--message", "model"]);
    fs::write(
        files.path().join("site/hosts.csv"),
        "name,address\nweb1,10.0.0.1\n\"web[2-3]\",10.0.0.2-10.0.0.3\n",
    )
    .unwrap();
    let seen =
        session(files.path(), &["diff", "site/cluster.yaml", "--from", "HEAD", "--semantic"]);
    assert!(seen.contains("web3 joins http"), "{seen}");
    assert!(!seen.contains("web2"), "{seen}");
}

const LISTED: &str = "real_servers: [{ include: hosts.csv }]
virtual_services: [{ name: http, vip: [10.0.255.100, 'fd00::1:0'], port: 80 }]
";

/// A link stands for its target, on disk and in a revision, and leads out of neither.
#[test]
fn a_list_may_be_a_link() {
    let list = "name,address\nweb1,10.0.0.1 fd00::1\nweb2,10.0.0.2 fd00::2\n";
    let at = folder(&[("cluster.yaml", &format!("{HEAD}{LISTED}")), ("shared/hosts.csv", list)]);
    let at = at.path();
    let link = |target: &Path| {
        let _ = fs::remove_file(at.join("hosts.csv"));
        std::os::unix::fs::symlink(target, at.join("hosts.csv")).unwrap();
        git(at, &["add", "-A"]);
        git(at, &["commit", "-q", "-m", "x"]);
    };
    git(at, &["init", "-q"]);
    link(Path::new("shared/hosts.csv"));
    assert!(session(at, &["check"]).ends_with("[exit 0]\n"));
    let seen = session(at, &["diff", "cluster.yaml", "--from", "HEAD"]);
    assert!(seen.contains("no differences") && seen.ends_with("[exit 0]\n"), "{seen}");
    let outside = folder(&[("hosts.csv", list)]);
    link(&outside.path().join("hosts.csv"));
    let seen = session(at, &["check"]);
    assert!(seen.contains("`hosts.csv` is a link that leads out of the model's folder"), "{seen}");
    fs::remove_file(at.join("hosts.csv")).unwrap();
    fs::write(at.join("hosts.csv"), list).unwrap();
    let seen = session(at, &["diff", "cluster.yaml", "--from", "HEAD"]);
    assert!(seen.contains("is a symbolic link whose target is not in the revision"), "{seen}");
}

/// Comments, separators and empty lists of a table.
#[test]
fn a_table_says_what_is_wrong_with_it() {
    let check = |list: &str| {
        let at = folder(&[("cluster.yaml", &format!("{HEAD}{LISTED}")), ("hosts.csv", list)]);
        session(at.path(), &["check"])
    };
    let rows = "web1,10.0.0.1 fd00::1,10.0.255.253 # the old hall\nweb2,10.0.0.2 fd00::2,\n";
    let good = check(&format!("name,address,gateway\n# all\n{rows}"));
    assert!(good.ends_with("[exit 0]\n"), "{good}");
    for (list, said) in [
        ("name;address\nweb1;10.0.0.1\n", "help: separate the cells by commas"),
        ("name,address\n", "this list has no host"),
        (
            "name,address\nweb1,10.0.0.1 # a, b\n",
            "write a comment with commas on a line of its own",
        ),
        ("name,address\nweb1,10.0.0.1,x\n", "this line has 3 cells, but the first line has 2"),
        ("name,colour\nweb1,red\n", "a host cannot have the key `colour`"),
    ] {
        let seen = check(list);
        assert!(seen.contains(said) && seen.contains("--> hosts.csv:"), "{list}\n{seen}");
    }
}
