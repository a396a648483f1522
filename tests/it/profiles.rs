//! Every profile is whole: what it names is there, and what is there is named.

use std::collections::BTreeSet;
use std::fs;

use lvsgen::embed::{self, Files};
use lvsgen::model::Need;
use lvsgen::profile::{PackageManager, ProfileSet};

use super::support::{files, profiles, render, render_with, repository, templates, with_mechanism};

#[test]
fn every_profile_provides_every_need() {
    for profile in profiles().iter() {
        for need in Need::ALL {
            // The other distributions have no Prometheus of their own, or one of another name and form.
            let packaged =
                *need != Need::Monitoring || profile.package_manager == PackageManager::Apt;
            assert_eq!(profile.needs.contains_key(need), packaged, "{}: {need}", profile.name);
        }
    }
}

#[test]
fn templates_and_profiles_name_each_other() {
    let there: BTreeSet<String> = embed::templates().into_keys().collect();
    let mut named = BTreeSet::new();
    for profile in profiles().iter() {
        for mechanism in profile.needs.values().flatten() {
            named.extend(mechanism.files.iter().filter_map(|file| file.template.clone()));
        }
    }
    assert_eq!(named, there);
}

#[test]
fn embedded_files_are_those_of_the_folders() {
    for (folder, embedded) in
        [("profiles", embed::profiles(Files::new())), ("templates", embed::templates())]
    {
        let root = repository().join(folder);
        let paths = lvsgen::output::files_below(&root).unwrap();
        assert_eq!(paths, embedded.keys().cloned().collect::<Vec<_>>());
        for (path, text) in embedded {
            assert_eq!(fs::read_to_string(root.join(path)).unwrap(), text);
        }
    }
}

/// A director with VIPs on two NICs, and a real server behind each of them.
const TWO_SEGMENTS: &str = "
name: web
segments:
  front: { interface: ens33, subnet: 10.1.100.0/24, gateway: 10.1.100.1, dns: 10.1.100.2 }
  back: { interface: ens34, subnet: 10.1.101.0/24, dns: 10.1.100.2 }
directors:
  - { name: lvs1, nics: [{ address: 10.1.100.11 }, { address: 10.1.101.11 }] }
real_servers:
  - { name: web1, address: 10.1.100.21 }
  - { name: web2, address: 10.1.101.22, gateway: 10.1.101.1 }
virtual_services:
  - { name: http, vip: 10.1.100.200, port: 80 }
  - { name: inner, vip: 10.1.101.200, port: 80 }
nfs: { server: { name: nfs1, address: 10.1.101.30 }, export: /srv/www, mount: /var/www/html }
";

#[test]
fn every_mechanism_renders() {
    let (profiles, templates) = (profiles(), templates());
    for profile in profiles.iter() {
        for (need, mechanisms) in &profile.needs {
            for mechanism in mechanisms {
                for model in [embed::EXAMPLE, TWO_SEGMENTS] {
                    let model = with_mechanism(model, *need, mechanism);
                    let bundles =
                        render_with(&model, Some(profile.name.as_str()), &profiles, &templates);
                    assert_eq!(bundles.len(), 4, "{}", profile.name);
                }
            }
        }
    }
}

/// An operating system that does not exist, with paths of its own: no Rust knows of it.
const FANCY: &str = r##"
package_manager: dnf
description: Fancy Linux 1
aliases: [fancy]
needs:
  kernel_settings:
    - mechanism: fancy-sysctl
      packages: [fancy-kernel-tools]
      files: [{ path: /etc/fancy/kernel.conf, template: sysctl/settings.conf.j2 }]
      apply: [fancyctl reload]
  ipvs_modules:
    - mechanism: fancy-modules
      files: [{ path: /etc/fancy/modules, template: modules-load/ipvs.conf.j2 }]
  ipvs_rules:
    - mechanism: fancy-ipvs
      files: [{ path: /etc/fancy/ipvs, document: ipvsadm, mode: "0640" }]
      services: [fancy-ipvs.service]
  director_vip:
    - mechanism: fancy-net
      files: [{ path: "/etc/fancy/net/{{ item.number }}", for_each: addresses, template: fancy/vip.j2 }]
      apply: ["fancynet up {{ host.interface }}"]
  real_server_vip:
    - mechanism: fancy-net
      files: [{ path: "/etc/fancy/net/{{ item.number }}", for_each: addresses, template: fancy/vip.j2 }]
  web_server:
    - mechanism: fancy-httpd
      values: { node_directory: /srv/fancy }
      files: [{ path: /etc/fancy/httpd.conf, template: httpd/node.conf.j2 }]
  nfs_mount:
    - mechanism: systemd-mount
      values: { timeout: "30" }
      files: [{ path: "/etc/systemd/system/{{ need.unit }}", template: systemd/nfs.mount.j2 }]
  nfs_export:
    - mechanism: fancy-exports
      files: [{ path: /etc/fancy/exports, template: nfs/exports.j2 }]
"##;

#[test]
fn a_new_distribution_needs_no_rust() {
    let own = Files::from([("fancy-1.yaml".to_owned(), FANCY.to_owned())]);
    let profiles = ProfileSet::load(&embed::profiles(own)).unwrap();
    let vip = "{# one VIP #}\n# {{ banner }}\naddress={{ item.cidr }}\non={{ item.interface }}\n";
    let own = Files::from([("fancy/vip.j2".to_owned(), vip.to_owned())]);
    let templates = lvsgen::render::Templates::new(own).unwrap();
    let bundles = render_with(embed::EXAMPLE, Some("fancy"), &profiles, &templates);

    let banner = "# Generated by lvsgen from cluster web (profile fancy-1); do not edit.\n";
    let director = &bundles[0];
    let own = files(director);
    assert_eq!(
        own.keys().copied().collect::<Vec<_>>(),
        ["/etc/fancy/ipvs", "/etc/fancy/kernel.conf", "/etc/fancy/modules", "/etc/fancy/net/0"]
    );
    assert_eq!(own["/etc/fancy/net/0"], format!("{banner}address=192.168.10.100/32\non=ens33\n"));
    let net =
        &director.provisions.iter().find(|one| one.first_need() == Need::DirectorVip).unwrap();
    assert_eq!(net.apply[0].run, "fancynet up ens33");
    let web = files(&bundles[1]);
    assert_eq!(web["/etc/fancy/net/0"], format!("{banner}address=192.168.10.100/32\non=lo\n"));
    assert!(web["/etc/fancy/httpd.conf"].contains("<Directory \"/srv/fancy-web\">"));
    assert_eq!(bundles[1].provisions[0].packages, ["fancy-kernel-tools"]);
    assert!(files(&bundles[3])["/etc/fancy/exports"].contains("/opt/wwwroot 192.168.10.102("));
}

/// As a daemon would: one mechanism holds the VIPs and the table.
const BOTH: &str = "description: both\nextends: ubuntu-24.04\nneeds:\n  director_vip:\n  \
    - mechanism: both\n    provides: [ipvs_rules]\n    files:\n    \
    - { path: /etc/netplan/90-both.yaml, document: netplan }\n    \
    - { path: /etc/both/ipvsadm.rules, document: ipvsadm, mode: '0600' }\n    apply: [both reload]\n";

#[test]
fn a_mechanism_of_two_needs_is_one_thing_on_a_host() {
    let own = Files::from([("both.yaml".to_owned(), BOTH.to_owned())]);
    let profiles = ProfileSet::load(&embed::profiles(own)).unwrap();
    let model = embed::EXAMPLE.replace("target: openeuler", "target: both");
    let hosts = render_with(&model, None, &profiles, &templates());
    let director = hosts.iter().find(|host| host.host.as_str() == "lvs1").unwrap();
    let both: Vec<_> =
        director.provisions.iter().filter(|one| one.mechanism.as_str() == "both").collect();
    assert_eq!(both.len(), 1);
    assert_eq!(both[0].needs, [Need::DirectorVip, Need::IpvsRules]);
    assert_eq!(both[0].files.len(), 2);
    assert_eq!(both[0].apply.len(), 1);
    let tables = director.files().filter(|file| file.contents.contains("-A -t 192.168.10.100:80"));
    assert_eq!(tables.count(), 1, "no other mechanism writes the table");
}

/// A long name of a NIC leaves no space for a label.
#[test]
fn a_vip_without_a_label_is_still_an_ipv4_address() {
    let model = embed::EXAMPLE.replace("ens33", "enp129s0f1np1.4");
    let bundles = render(&model, Some("debian-12"));
    let director = files(&bundles[0]);
    let text = director["/etc/network/interfaces.d/lvsgen-web-vip"];
    let stanza = "iface enp129s0f1np1.4 inet manual\n    \
                  up ip address replace 192.168.10.100/32 dev enp129s0f1np1.4 || true\n";
    assert!(text.contains(stanza), "{text}");
}

/// The help for a name that no target has: the same system and version in another form, another version, a typing mistake.
#[test]
fn a_name_near_a_target_gets_the_name_of_the_target() {
    let profiles = super::support::profiles();
    for (written, target) in [
        ("rocky9", "rocky-9"),
        ("rocky-9.4", "rocky-9"),
        ("ubuntu2204", "ubuntu-22.04"),
        ("fedora42", "fedora"),
        ("rockey-9", "rocky-9"),
    ] {
        assert_eq!(profiles.suggest(written), format!("did you mean `{target}`?"));
    }
    let other = profiles.suggest("rocky-8");
    assert!(other.starts_with("the targets of this system are `rocky-10`, `rocky-9`;"), "{other}");
}
