//! Models of real sites that once went wrong: `tests/cases/NAME.yaml`. Each has its findings, and a line of a rendered file.

use std::fs;

use super::support::{repository, session};

/// A model: its name, the codes of its findings, a rendered file, and a text of this file.
type Case = (&'static str, &'static [&'static str], &'static str, &'static str);

const SCRIPT: &str = "hosts/lvs1/etc/NetworkManager/dispatcher.d/50-lvsgen-web";

const CASES: [Case; 12] = [
    (
        "director-on-bond-netplan",
        &[],
        "hosts/lvs1/etc/systemd/network/10-netplan-bond0.network.d/50-lvsgen-web.conf",
        "Address=10.1.100.200/32\nLabel=bond0:0\n",
    ),
    ("director-on-vlan-networkmanager", &[], SCRIPT, "10.1.100.200/32 dev bond0.100 "),
    (
        "director-strict-source-check",
        &["strict-source-check"],
        "hosts/lvs1/etc/sysctl.d/99-zz-lvsgen-web.conf",
        "send_redirects = 0",
    ),
    (
        "ftp-passive-range",
        &[],
        "hosts/lvs1/etc/lvsgen/ftp-packets.nft",
        "tcp dport { 20-21, 50000-50100 } meta mark set 7",
    ),
    ("gateway-of-one-host", &[], "cloud-init/web1/network-config", "gateway4: \"10.1.100.254\""),
    ("ipv6-link-local-gateway", &[], "cloud-init/lvs1/network-config", "fe80::1"),
    ("ipv6-vip-as-source-networkmanager", &[], SCRIPT, "nodad preferred_lft 0"),
    (
        "label-less-vip-in-ifupdown",
        &[],
        "hosts/lvs1/etc/network/interfaces.d/lvsgen-web-vip",
        "inet manual\n    up ip address replace 10.1.100.200/32 dev enp129s0f1np1.4 || true\n",
    ),
    (
        "mark-on-all-ports-has-no-web-server",
        &[],
        "hosts/web1/etc/httpd/conf.d/lvsgen-web.conf",
        "X-LVS-Node",
    ),
    ("nfs-on-a-storage-network", &[], "hosts/nas/etc/exports.d/lvsgen-web.exports", "/srv/www"),
    (
        "one-mark-tcp-and-udp",
        &[],
        "hosts/lvs1/etc/lvsgen/voice-packets.nft",
        "tcp dport { 5060 } meta mark set 7\n        ip daddr 10.1.100.200 udp dport { 5060 } meta mark set 7\n",
    ),
    (
        "nic-without-dns",
        &[],
        SCRIPT,
        "ip address replace 10.1.100.200/32 dev ens33 label ens33:0\n",
    ),
];

#[test]
fn every_case_has_its_outcome() {
    let folder = repository().join("tests/cases");
    assert_eq!(fs::read_dir(&folder).unwrap().count(), CASES.len());
    for (name, codes, file, text) in CASES {
        let model = folder.join(format!("{name}.yaml"));
        let model = model.to_str().unwrap();
        let into = tempfile::tempdir().unwrap();
        let seen = session(into.path(), &["check", model]);
        let found: Vec<&str> = seen
            .lines()
            .filter_map(|line| line.strip_prefix("warning[").or(line.strip_prefix("error[")))
            .filter_map(|line| line.split(']').next())
            .collect();
        assert_eq!(found, codes, "{name}: {seen}");
        let seen = session(into.path(), &["render", model, "-o", "rendered"]);
        assert!(seen.ends_with("[exit 0]\n"), "{name}: {seen}");
        let rendered = fs::read_to_string(into.path().join("rendered").join(file));
        let rendered = rendered.unwrap_or_else(|error| panic!("{name}: {file}: {error}"));
        assert!(rendered.contains(text), "{name}: {rendered}");
    }
}
