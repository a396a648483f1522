//! Models of real sites that once went wrong: `tests/cases/NAME.yaml`. Each has its findings, and a line of a rendered file.

use std::fs;

use super::support::{repository, session};

/// A model: its name, the codes of its findings, a rendered file, and a text of this file.
type Case = (&'static str, &'static [&'static str], &'static str, &'static str);

const SCRIPT: &str = "hosts/lvs1/etc/NetworkManager/dispatcher.d/50-lvsgen-web";

const CASES: [Case; 23] = [
    (
        "family-in-one-segment",
        &["strict-source-check"],
        "hosts/lvs1/etc/sysconfig/ipvsadm",
        "-a -t [2001:db8:1::200]:80 -r [2001:db8:1::21]:80 -g -w 1\n",
    ),
    (
        "nics-in-different-order",
        &["strict-source-check"],
        "hosts/web1/etc/firewalld/policies/lvsgen-web.xml",
        r#"<source address="10.1.101.12"/><destination address="10.1.101.21"/><protocol value="4"/>"#,
    ),
    (
        "answers-through-inside",
        &[],
        "hosts/lvs1/etc/keepalived/keepalived.conf",
        "    real_server 10.1.101.21 80 {\n",
    ),
    (
        "sync-beside-ipv6-vips",
        &[],
        "hosts/lvs1/etc/firewalld/policies/lvsgen-web.xml",
        r#"<source address="10.1.100.12"/><port port="8848" protocol="udp"/>"#,
    ),
    (
        "gateway-of-another-family",
        &[],
        "hosts/lvs1/etc/systemd/network/05-lvsgen-ens34.network",
        "Gateway=fd00:101::1\n",
    ),
    (
        "share-in-the-nearer-family",
        &[],
        "hosts/web1/etc/systemd/system/var-www-html.mount",
        "What=[fd00:9::9]:/srv/www\n",
    ),
    (
        "far-host-with-two-nics",
        &[],
        "hosts/lvs1/etc/keepalived/keepalived.conf",
        "    real_server 192.0.2.22 80 {\n",
    ),
    (
        "any-port",
        &[],
        "hosts/lvs1/etc/sysconfig/ipvsadm",
        "-A -t 10.1.100.200:0 -s wlc -p 300\n-a -t 10.1.100.200:0 -r 10.1.100.21:0 -g -w 1\n",
    ),
    (
        "appliances",
        &[],
        "hosts/lvs1/etc/sysconfig/ipvsadm",
        "-r 10.1.100.21:80 -g -w 1\n-a -t 10.1.100.200:80 -r 10.1.100.22:80 -g -w 1\n",
    ),
    (
        "lists-of-vips",
        &[],
        "hosts/lvs1/etc/sysconfig/ipvsadm",
        "-A -t 10.1.100.203:80 -s wlc\n-a -t 10.1.100.203:80 -r 10.1.100.21:80 -g -w 1\n\
         -a -t 10.1.100.203:80 -r 10.1.100.22:80 -g -w 1\n-A -f 7 -s wlc\n-a -f 7 -r 10.1.100.21:0 -g -w 1\n\
         -a -f 7 -r 10.1.100.22:0 -g -w 1\n",
    ),
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
        "real-servers-in-two-segments",
        &[],
        "hosts/lvs1/etc/sysconfig/ipvsadm",
        "-a -t 10.1.100.200:80 -r 10.1.101.22:80 -g ",
    ),
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
        for appliance in ["box", "nas"].iter().filter(|_| name == "appliances") {
            assert!(!into.path().join("rendered/hosts").join(appliance).exists(), "{appliance}");
        }
    }
}
