//! What is wrong in a rendered tree is seen before anybody applies it: the lab's table of faults,
//! whose symptoms the lab shows in traffic, and each VIP of each mechanism.

use std::fs;
use std::io::Write as _;
use std::process::{Command, Stdio};

use lvsgen::embed;
use lvsgen::plan::Plan;
use lvsgen::readback::ReadBack;
use lvsgen::render::{ProvisionId, Rendered, RenderedFile};

use super::support::{profiles, repository, templates, with_checked};

/// Renders a model, changes the files, and gives the mismatches.
fn mismatches(model: &str, target: &str, change: impl FnOnce(&mut Rendered<'_>)) -> Vec<String> {
    let profiles = profiles();
    with_checked(model, Some(target), &profiles, |checked| {
        let mut rendered = templates().render(profiles.engine(), Plan::new(checked), None).unwrap();
        change(&mut rendered);
        let found = ReadBack::new(checked, rendered).err().unwrap_or_default();
        found.iter().map(ToString::to_string).collect()
    })
}

/// Gives a host provisions of its own, and hands their files over.
fn each_list(
    rendered: &mut Rendered<'_>,
    host: usize,
    change: &mut dyn FnMut(&mut Vec<RenderedFile>),
) {
    for at in 0..rendered.hosts[host].provisions.len() {
        let shared = rendered.hosts[host].provisions[at];
        let mut own = rendered.provisions[shared.0].clone();
        change(&mut own.files);
        rendered.hosts[host].provisions[at] = ProvisionId(rendered.provisions.len());
        rendered.provisions.push(own);
    }
}

fn sed(script: &str, text: &str) -> String {
    let mut sed = Command::new("sed")
        .args(["-e", script])
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .spawn()
        .unwrap();
    sed.stdin.take().unwrap().write_all(text.as_bytes()).unwrap();
    String::from_utf8(sed.wait_with_output().unwrap().stdout).unwrap()
}

#[test]
fn every_fault_that_the_lab_shows_breaks_an_invariant() {
    let folder = repository().join("tests/lab");
    let target = fs::read_to_string(folder.join("cases/tutorial/target")).unwrap();
    let table = fs::read_to_string(folder.join("faults.tsv")).unwrap();
    let mut seen = String::new();
    for row in table.lines().filter(|line| !line.starts_with('#')) {
        let [name, host, file, change, _] = row.split('\t').collect::<Vec<_>>()[..] else {
            panic!("{row}");
        };
        let path = format!("/{file}");
        let found = mismatches(embed::EXAMPLE, target.trim(), |rendered| {
            let at = rendered.hosts.iter().position(|one| one.plan.name.as_str() == host).unwrap();
            let mut tried = 0;
            each_list(rendered, at, &mut |files| {
                if change == "remove" {
                    let before = files.len();
                    files.retain(|file| file.path != path);
                    tried += before - files.len();
                    return;
                }
                for file in files.iter_mut().filter(|one| one.path == path) {
                    let changed = sed(change, &file.contents);
                    assert_ne!(changed, *file.contents, "{name} changes nothing");
                    file.contents = changed.into();
                    tried += 1;
                }
            });
            assert_eq!(tried, 1, "{name}");
        });
        assert!(!found.is_empty(), "{name} breaks no invariant");
        for why in found {
            seen += &format!("{name}: {why}\n");
        }
    }
    super::support::assert_golden(&repository().join("tests/diagnostics/faults.out"), &seen);
}

#[test]
fn every_vip_of_every_mechanism_is_read_back() {
    let model = fs::read_to_string(repository().join("golden/reference/cluster.yaml")).unwrap();
    for profile in profiles().iter() {
        let target = profile.name.as_str();
        assert_eq!(mismatches(&model, target, |_| {}), [""; 0], "{target}");
        // One IPv4 and one IPv6 VIP, with the subnet's prefix, and not at all.
        for (vip, mask) in [
            ("192.168.10.100/32", "192.168.10.100/24"),
            ("2001:db8:10::100/128", "2001:db8:10::100/64"),
        ] {
            let mut places = 0;
            for (change, why) in [(mask, "prefix length"), ("", "puts the VIP")] {
                let found = mismatches(&model, target, |rendered| {
                    let all = rendered.provisions.iter_mut().flat_map(|one| &mut one.files);
                    for file in all {
                        places += file.contents.matches(vip).count();
                        let lines = file.contents.lines();
                        let text = match change {
                            "" => lines
                                .filter(|line| !line.contains(vip))
                                .fold(String::new(), |text, line| text + line + "\n"),
                            _ => file.contents.replace(vip, change),
                        };
                        file.contents = text.into();
                    }
                });
                // On the director, and on the real servers of the services that have it.
                let hosts = found.iter().filter(|one| one.contains(why)).count();
                assert!(hosts >= 4, "{target}, {vip} becomes `{change}`: {found:#?}");
            }
            assert!(places > 0, "{target} has no {vip}");
        }
    }
}

#[test]
fn a_director_that_drops_the_answers_to_its_checks_is_seen() {
    let model = fs::read_to_string(repository().join("golden/failover/cluster.yaml")).unwrap();
    for (script, when) in
        [("/accept_local/d", "after a boot"), ("s/\\(accept_local = \\)1/\\10/", "after")]
    {
        let found = mismatches(&model, "debian-12", |rendered| {
            each_list(rendered, 0, &mut |files| {
                for file in files.iter_mut().filter(|file| file.path.contains("/sysctl.d/")) {
                    file.contents = sed(script, &file.contents).into();
                }
            });
        });
        let why = format!("`accept_local` is 0 {when}");
        assert!(found.iter().any(|one| one.contains(&why)), "{script}: {found:#?}");
    }
}

/// Changes of a director's keepalived.conf; each breaks the failover or the health checks.
const KEPT: [&str; 30] = [
    "/track_interface/,/}/{/ens34/d}",
    "s/virtual_router_id 51/virtual_router_id 52/",
    "s/priority 200/priority 180/",
    "s/advert_int 1/advert_int 2/",
    "/nopreempt/d",
    "s/^        192.168.10.105$/        192.168.10.106/",
    "s/unicast_src_ip 192.168.10.101/unicast_src_ip 192.168.10.102/",
    "/^vrrp_instance VI_shop_6/,/^}/d",
    "s/dev ens33 label ens33:1/dev ens34/",
    "/lvs_sync_daemon/d",
    "s/lvs_sync_daemon ens33 VI_shop_4/lvs_sync_daemon ens33 VI_4/",
    "s/lvs_method DR/lvs_method NAT/",
    "/lvs_method DR/d",
    "s,path /healthz,path /x,",
    "s/delay_loop 5/delay_loop 6/",
    "s/connect_timeout 3/connect_timeout 4/",
    "s/retry 2/retry 3/",
    "s/status_code 200-399/status_code 200/",
    "s/virtualhost www.example.org/virtualhost example.org/",
    "s/name www.example.org/name example.org/",
    "s/sorry_server 192.168.10.109/sorry_server 192.168.10.110/",
    "/TCP_CHECK/,/}/d",
    "s/fwmark 1001$/fwmark 1002/",
    "s/^virtual_server fwmark 1001/virtual_server fwmark 1009/",
    "/^virtual_server fwmark 1002/,/^}/s/real_server 192.168.10.103/real_server 192.168.10.102/",
    "s/bindto 192.168.10.101/bindto 192.168.10.105/",
    "/bindto 192/d",
    "/bindto 192/,/fwmark/d",
    "s/connect_ip 192.168.10.100/connect_ip 192.168.10.99/",
    "s/check-ftp 192.168.10.102/check-ftp 192.168.10.103/",
];

/// Changes of `keepalived.conf` of a director with a password.
const PASSWORD: [&str; 5] = [
    "/auth_pass/d",
    "s/@LVSGEN_SECRET:vrrp@/hunter2/",
    "s/SECRET:vrrp@/SECRET:other@/",
    "/^    version 2/d",
    "s/^    version 2/    version 3/",
];

#[test]
fn every_fault_of_a_kept_table_is_seen() {
    every_fault_of_keepalived_is_seen("failover", &KEPT);
    every_fault_of_keepalived_is_seen("authentication", &PASSWORD);
}

fn every_fault_of_keepalived_is_seen(case: &str, scripts: &[&str]) {
    let model = repository().join("golden").join(case).join("cluster.yaml");
    let model = fs::read_to_string(model).unwrap();
    assert_eq!(mismatches(&model, "debian-12", |_| {}), [""; 0]);
    for script in scripts {
        let found = mismatches(&model, "debian-12", |rendered| {
            each_list(rendered, 0, &mut |files| {
                let own = |file: &&mut RenderedFile| file.path == "/etc/keepalived/keepalived.conf";
                for file in files.iter_mut().filter(own) {
                    let changed = sed(script, &file.contents);
                    assert_ne!(changed, *file.contents, "{script} changes nothing");
                    file.contents = changed.into();
                }
            });
        });
        assert!(!found.is_empty(), "{script} breaks no invariant");
    }
}

/// Changes of the files of a host; each breaks a tunnel or masquerading.
const WAYS: [(&str, &str, &str); 17] = [
    ("lvs1", "keepalived.conf", "s/lvs_method TUN/lvs_method DR/"),
    ("lvs1", "keepalived.conf", "s/lvs_method NAT/lvs_method TUN/"),
    // The way of the sorry server.
    ("lvs1", "keepalived.conf", "/8080 {$/,/sorry_server/s/lvs_method NAT/lvs_method DR/"),
    (
        "lvs1",
        "keepalived.conf",
        "/8080 {$/,/^}/s/real_server 192.168.10.102 80/real_server 192.168.10.102 81/",
    ),
    ("lvs1", "keepalived.conf", "/192.168.10.99\\/32/d"),
    ("lvs2", "99-zz-lvsgen-mixed.conf", "/ip_forward/d"),
    ("lvs2", "99-zz-lvsgen-mixed.conf", "/ipv6.conf.all.forwarding/d"),
    ("lvs2", "99-zz-lvsgen-mixed.conf", "s/vs.conntrack = 1/vs.conntrack = 0/"),
    ("web1", "mixed-tunnel.service", "s/link set tunl0 up/link set tunl0 down/"),
    ("web1", "mixed-tunnel.service", "/link set ip6tnl0/d"),
    ("far", "mixed-tunnel.service", "/address replace/d"),
    ("web1", "mixed-packets.nft", "s/size set 1440/size set 1460/"),
    ("far", "mixed-packets.nft", "/saddr/d"),
    ("web1", "mixed-return.service", "s/via 192.168.10.99/via 192.168.10.101/"),
    ("web2", "mixed-return.service", "/rule add.*sport 8080/d"),
    ("web2", "99-zz-lvsgen-mixed.conf", "/accept_redirects/d"),
    ("sorry", "mixed-return.service", "s/lookup [0-9]*/lookup 100/"),
];

#[test]
fn every_fault_of_a_tunnel_and_of_masquerading_is_seen() {
    let model = fs::read_to_string(repository().join("golden/forwarding/cluster.yaml")).unwrap();
    assert_eq!(mismatches(&model, "debian-12", |_| {}), [""; 0]);
    for (host, path, script) in WAYS {
        breaks_an_invariant(&model, host, path, script);
    }
    // openEuler checks the source of packets strictly on every NIC.
    let found = mismatches(&model, "openeuler-24.03", |rendered| {
        let at = rendered.hosts.iter().position(|one| one.plan.name.as_str() == "far").unwrap();
        each_list(rendered, at, &mut |files| {
            for file in files.iter_mut().filter(|file| file.path.ends_with("tunnel.service")) {
                file.contents = sed("s/rp_filter=2/rp_filter=0/", &file.contents).into();
            }
        });
    });
    assert!(found.iter().any(|one| one.contains("`rp_filter` of tunl0 is 1")), "{found:#?}");
}

/// The faults of a tuned cluster.
const TUNED: [(&str, &str, &str); 4] = [
    ("lvs1", "/99-zz-lvsgen-tuned.conf", "/run_estimation/d"),
    ("lvs1", "/modprobe.d/lvsgen-tuned.conf", "s/=18/=12/"),
    ("web1", "/99-zz-lvsgen-tuned.conf", "s/16777216/16777215/"),
    ("web2", "/99-zz-lvsgen-tuned.conf", "s/somaxconn = 8192/somaxconn = 4096/"),
];

#[test]
fn every_fault_of_the_tuning_is_seen() {
    let model = fs::read_to_string(repository().join("golden/tuned/cluster.yaml")).unwrap();
    assert_eq!(mismatches(&model, "debian-12", |_| {}), [""; 0]);
    for (host, path, script) in TUNED {
        breaks_an_invariant(&model, host, path, script);
    }
}

/// Changes of the files of hosts with several NICs: the case, the host, its file, and the change.
const NICS: [(&str, &str, &str, &str); 6] = [
    (
        "nics-in-different-order",
        "web1",
        "firewalld/policies/lvsgen-web.xml",
        r#"/value="4"/s/10\.1\.101\.12/10.1.100.12/"#,
    ),
    (
        "nics-in-different-order",
        "web2",
        "firewalld/policies/lvsgen-web.xml",
        r#"/port="80"/s/10\.1\.100\.12/10.1.101.12/"#,
    ),
    (
        "nics-in-different-order",
        "web1",
        "firewalld/policies/lvsgen-web.xml",
        r#"/10\.1\.101\.11.*port="8081"/d"#,
    ),
    (
        "nics-in-different-order",
        "lvs2",
        "keepalived.conf",
        "s/bindto 10.1.101.12/bindto 10.1.100.12/",
    ),
    ("sync-beside-ipv6-vips", "lvs2", "keepalived.conf", "s/daemon ens33/daemon ens34/"),
    ("share-in-the-nearer-family", "web1", ".mount", r"s/\[fd00:9::9\]/172.20.0.5/"),
];

#[test]
fn every_fault_of_hosts_with_several_nics_is_seen() {
    for (case, host, path, script) in NICS {
        let model = repository().join("tests/cases").join(case).with_extension("yaml");
        let model = fs::read_to_string(model).unwrap();
        assert_eq!(mismatches(&model, "rocky-9", |_| {}), [""; 0], "{case}");
        breaks_an_invariant_on(&model, "rocky-9", host, path, script);
    }
}

/// The edit of a host's file contradicts the model.
fn breaks_an_invariant(model: &str, host: &str, path: &str, script: &str) {
    breaks_an_invariant_on(model, "debian-12", host, path, script);
}

fn breaks_an_invariant_on(model: &str, target: &str, host: &str, path: &str, script: &str) {
    let found = mismatches(model, target, |rendered| {
        let at = rendered.hosts.iter().position(|one| one.plan.name.as_str() == host).unwrap();
        each_list(rendered, at, &mut |files| {
            for file in files.iter_mut().filter(|file| file.path.ends_with(path)) {
                let changed = sed(script, &file.contents);
                assert_ne!(changed, *file.contents, "{host}: {script} changes nothing");
                file.contents = changed.into();
            }
        });
    });
    assert!(!found.is_empty(), "{host}: {script} breaks no invariant");
    assert!(found.iter().all(|one| one.contains(host)), "{host}: {script}: {found:#?}");
}
