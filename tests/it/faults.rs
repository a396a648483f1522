//! What is wrong in a rendered tree is seen before anybody applies it: the lab's table of faults,
//! whose symptoms the lab shows in traffic, and each VIP of each mechanism.

use std::fs;
use std::io::Write as _;
use std::process::{Command, Stdio};
use std::sync::Arc;

use lvsgen::artifact::Bundle;
use lvsgen::plan::Plan;
use lvsgen::{embed, proof};

use super::support::{profiles, repository, templates, with_checked};

/// Renders a model, changes the bundles, and gives what the invariants say.
fn broken(model: &str, target: &str, change: impl FnOnce(&mut Vec<Bundle>)) -> Vec<String> {
    with_checked(model, Some(target), &profiles(), |checked| {
        let mut bundles = templates().bundles(&Plan::new(checked)).unwrap();
        change(&mut bundles);
        let broken = proof::prove(checked, &bundles).err().unwrap_or_default();
        broken.iter().map(ToString::to_string).collect()
    })
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
        let found = broken(embed::EXAMPLE, target.trim(), |bundles| {
            let bundle = bundles.iter_mut().find(|bundle| bundle.host.as_str() == host).unwrap();
            let mut tried = 0;
            for provision in bundle.provisions.iter_mut().map(Arc::make_mut) {
                if change == "remove" {
                    let before = provision.artifacts.len();
                    provision.artifacts.retain(|artifact| artifact.path != path);
                    tried += before - provision.artifacts.len();
                    continue;
                }
                for artifact in provision.artifacts.iter_mut().filter(|one| one.path == path) {
                    let changed = sed(change, &artifact.contents);
                    assert_ne!(changed, *artifact.contents, "{name} changes nothing");
                    artifact.contents = changed.into();
                    tried += 1;
                }
            }
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
        assert_eq!(broken(&model, target, |_| {}), [""; 0], "{target}");
        // One IPv4 and one IPv6 VIP, with the subnet's prefix, and not at all.
        for (vip, mask) in [
            ("192.168.10.100/32", "192.168.10.100/24"),
            ("2001:db8:10::100/128", "2001:db8:10::100/64"),
        ] {
            let mut places = 0;
            for (change, why) in [(mask, "prefix length"), ("", "puts the VIP")] {
                let found = broken(&model, target, |bundles| {
                    let all = bundles.iter_mut().flat_map(|bundle| &mut bundle.provisions);
                    for provision in all.map(Arc::make_mut) {
                        for artifact in &mut provision.artifacts {
                            places += artifact.contents.matches(vip).count();
                            let lines = artifact.contents.lines();
                            let text = match change {
                                "" => lines
                                    .filter(|line| !line.contains(vip))
                                    .fold(String::new(), |text, line| text + line + "\n"),
                                _ => artifact.contents.replace(vip, change),
                            };
                            artifact.contents = text.into();
                        }
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
