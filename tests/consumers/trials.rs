//! The consumers, one function each.

use std::fs;
use std::path::Path;

use super::deliveries;
use super::every_file::{CERTIFICATES, every_file_of_every_target};
use super::host::Host;
use super::keepalived::{keepalived_finds_the_same_faults, macros_expand_as_in_keepalived};
use super::monitoring;

type Trial = fn() -> Result<(), String>;

/// Every trial by name.
pub const ALL: &[(&str, Trial)] = &[
    ("systemd_analyze_verify", systemd_analyze_verify),
    ("systemd_analyze_sees_a_bad_unit", systemd_analyze_sees_a_bad_unit),
    ("systemd_escape", systemd_escape),
    ("httpd_configtest", httpd_configtest),
    ("exportfs", exportfs),
    ("shellcheck", shellcheck),
    ("rc_local_twice", rc_local_twice),
    ("undo_deletes_only_the_vips", undo_deletes_only_the_vips),
    ("vip_unit_commands_twice", vip_unit_commands_twice),
    ("director_unit_commands_twice", director_unit_commands_twice),
    ("sysctl", sysctl),
    ("sysctl_of_a_dotted_nic", sysctl_of_a_dotted_nic),
    ("nft", nft),
    ("netplan_with_a_base_file", netplan_with_a_base_file),
    ("netplan_with_a_vlan_of_the_site", netplan_with_a_vlan_of_the_site),
    ("masks_of_processors", masks_of_processors),
    ("networkd_on_lo_and_nic", networkd_on_lo_and_nic),
    ("ifup_beside_a_stanza_of_the_site", ifup_beside_a_stanza_of_the_site),
    ("keepalived_finds_the_same_faults", keepalived_finds_the_same_faults),
    ("macros_expand_as_in_keepalived", macros_expand_as_in_keepalived),
    ("nmcli_reads_keyfiles", nmcli_reads_keyfiles),
    ("apache2_of_debian", apache2_of_debian),
    ("nginx_with_ports_and_tls", nginx_with_ports_and_tls),
    ("apache2_with_ports_and_tls", apache2_with_ports_and_tls),
    ("ansible_playbooks", deliveries::ansible_playbooks),
    ("ansible_lint", deliveries::ansible_lint),
    ("cloud_init_documents", deliveries::cloud_init_documents),
    ("shell_scripts", deliveries::shell_scripts),
    ("from_client", deliveries::from_client),
    ("pre_commit_hooks", deliveries::pre_commit_hooks),
    ("every_file_of_every_target", every_file_of_every_target),
    ("every_file_of_the_monitoring", monitoring::every_file_of_the_delivery),
    ("a_wrong_rule_fails_its_test", monitoring::a_wrong_rule_fails_its_test),
];

const UNIT: &str = "mechanisms: { real_server_vip: systemd-unit }\n";
const DIRECTOR_UNIT: &str = "mechanisms: { director_vip: systemd-unit }\n";

/// What prints nothing found nothing: some of these programs warn and end well.
fn silent(output: Result<String, String>) -> Result<(), String> {
    match output?.as_str() {
        "" => Ok(()),
        told => Err(told.to_owned()),
    }
}

/// Asks for a value and compares it.
fn equal(found: &str, wanted: &str) -> Result<(), String> {
    if found.trim() == wanted {
        return Ok(());
    }
    Err(format!("found\n{found}\nwanted\n{wanted}"))
}

/// The unit of the Red Hat family's ipvsadm package, to which lvsgen adds a drop-in.
const IPVSADM_SERVICE: &str = r#"
cat >/etc/systemd/system/ipvsadm.service <<'END'
[Unit]
Description=Initialise the Linux Virtual Server
After=syslog.target network.target
[Service]
Type=oneshot
ExecStart=/bin/bash -c "exec /sbin/ipvsadm-restore < /etc/sysconfig/ipvsadm"
ExecStop=/bin/bash -c "exec /sbin/ipvsadm-save -n > /etc/sysconfig/ipvsadm"
ExecStop=/sbin/ipvsadm -C
RemainAfterExit=yes
[Install]
WantedBy=multi-user.target
END
"#;

fn systemd_analyze_verify() -> Result<(), String> {
    let verify = "systemd-analyze verify --man=no";
    let director = Host::new("lvs1", "openeuler", "");
    silent(director.run(&format!("{IPVSADM_SERVICE}\n{verify} ipvsadm.service")))?;
    let show =
        format!("{IPVSADM_SERVICE}\nsystemd-analyze cat-config systemd/system/ipvsadm.service");
    let merged = director.run(&show)?;
    // The drop-in comes after the unit: its empty ExecStop= takes the saving away.
    let save = merged.find("ipvsadm-save").ok_or("the unit's own ExecStop is gone")?;
    let reset = merged.find("\nExecStop=\n").ok_or("no empty ExecStop=")?;
    assert!(save < reset, "{merged}");
    silent(
        Host::new("web1", "openeuler", "").run(&format!("{verify} /etc/systemd/system/*.mount")),
    )?;
    for (host, unit) in [("web1", UNIT), ("lvs1", DIRECTOR_UNIT)] {
        let host = Host::new(host, "debian-12", unit);
        silent(host.run(&format!("{verify} /etc/systemd/system/lvsgen-web-vip.service")))?;
    }
    let first_boot = lvsgen::embed::FIRST_BOOT;
    let path = "/etc/systemd/system/lvsgen-first-boot.service";
    let write = format!("cat >{path} <<'LVSGEN_END'\n{first_boot}LVSGEN_END\n");
    silent(Host::new("web1", "openeuler", "").run(&format!("{write}{verify} {path}")))?;
    let marks = marked();
    silent(marks.run(&format!("{verify} /etc/systemd/system/lvsgen-web-packets.service")))
}

fn systemd_analyze_sees_a_bad_unit() -> Result<(), String> {
    let host = Host::new("web1", "openeuler", "");
    let break_it = "cd /etc/systemd/system; sed -i s,^Where=.*,Where=/elsewhere, *.mount";
    let verify = format!("{break_it}; systemd-analyze verify --man=no $PWD/*.mount 2>&1 || true");
    match host.run(&verify)? {
        told if told.contains("Where= setting doesn't match unit name") => Ok(()),
        told => Err(format!("systemd-analyze says nothing about a wrong Where=: {told}")),
    }
}

fn systemd_escape() -> Result<(), String> {
    for mount in ["/var/www/html", "/srv/web-data/a_b.c", "/.a/b+c@d", "/srv/--x"] {
        let model =
            lvsgen::embed::EXAMPLE.replace("mount: /var/www/html", &format!("mount: {mount}"));
        let host = Host::of_model("web1", "openeuler", &model);
        let there = host.run("ls /etc/systemd/system | grep '\\.mount$'")?;
        equal(&host.run(&format!("systemd-escape --path --suffix=mount {mount}"))?, there.trim())?;
        silent(host.run("systemd-analyze verify --man=no /etc/systemd/system/*.mount"))?;
    }
    Ok(())
}

/// A main configuration as the Red Hat family's, with Debian's module paths.
const HTTPD_CONF: &str = r#"
cat >/tmp/httpd.conf <<'END'
ServerRoot /tmp
ServerName localhost
Listen 127.0.0.1:80
PidFile /tmp/httpd.pid
ErrorLog /tmp/error.log
LoadModule mpm_event_module /usr/lib/apache2/modules/mod_mpm_event.so
LoadModule authz_core_module /usr/lib/apache2/modules/mod_authz_core.so
LoadModule alias_module /usr/lib/apache2/modules/mod_alias.so
LoadModule headers_module /usr/lib/apache2/modules/mod_headers.so
LoadModule dir_module /usr/lib/apache2/modules/mod_dir.so
LoadModule mime_module /usr/lib/apache2/modules/mod_mime.so
TypesConfig /dev/null
DocumentRoot /var/www/html
<Directory "/var/www">
    Require all granted
</Directory>
IncludeOptional /etc/httpd/conf.d/*.conf
END
mkdir -p /var/www/html
echo shared >/var/www/html/index.html
"#;

fn httpd_configtest() -> Result<(), String> {
    let host = Host::new("web2", "openeuler", "");
    let tested = host.run(&format!("{HTTPD_CONF}\napache2 -t -f /tmp/httpd.conf"))?;
    equal(&tested, "Syntax OK")?;
    // And what it answers: the shared page with the node's mark, the node's own page.
    let ask = r#"
        ip link set lo up
        apache2 -f /tmp/httpd.conf
        curl -s -i http://127.0.0.1/ | tr -d '\r' | grep -E '^X-LVS-Node|^shared'
        curl -s http://127.0.0.1/lvs-node | grep -o '<h1>.*</h1>'
        kill "$(cat /tmp/httpd.pid)"
    "#;
    let wanted = "X-LVS-Node: web2\nshared\n<h1>LVS负载均衡群集--节点2测试网页</h1>";
    equal(&host.run(&format!("{HTTPD_CONF}\n{ask}"))?, wanted)
}

fn exportfs() -> Result<(), String> {
    let host = Host::new("nfs1", "openeuler", "");
    let quiet = "touch /etc/exports; mkdir -p /var/lib/nfs; : >/var/lib/nfs/etab; exportfs -ra";
    silent(host.run(quiet))?;
    let table = host.run(&format!("{quiet}; exportfs -v"))?;
    let line = table.split_whitespace().collect::<Vec<_>>().join(" ");
    assert!(line.starts_with("/opt/wwwroot 192.168.10.102("), "{line}");
    for option in ["ro", "sync", "root_squash", "no_subtree_check"] {
        assert!(line.contains(option), "{option} is not in {line}");
    }
    let break_it = "sed -i s/ro,/rx,/ /etc/exports.d/lvsgen-web.exports";
    match host.run(&format!("{break_it}; ({quiet}) 2>&1 || true"))? {
        told if told.contains("unknown keyword \"rx\"") => Ok(()),
        told => Err(format!("exportfs says nothing about a wrong option: {told}")),
    }
}

fn shellcheck() -> Result<(), String> {
    let host = Host::new("web1", "openeuler", "");
    silent(host.run("sh -n /etc/rc.d/rc.local; test -x /etc/rc.d/rc.local"))?;
    silent(host.run("shellcheck /etc/rc.d/rc.local"))
}

const ON_LO: &str = "ip -o -4 address show dev lo label lo:0 | awk '{print $2, $4, $6}'";

fn rc_local_twice() -> Result<(), String> {
    let host = Host::new("web1", "openeuler", "");
    let run = format!("ip link set lo up; /etc/rc.d/rc.local; /etc/rc.d/rc.local; {ON_LO}");
    equal(&host.run(&run)?, "lo 192.168.10.100/32 host")?;
    // The commands of the profile do not run the administrator's lines.
    let apply = host.commands("real_server_vip", "apply");
    let run = format!("ip link set lo up; echo exit 3 >>/etc/rc.d/rc.local; {apply}{ON_LO}");
    equal(&host.run(&run)?, "lo 192.168.10.100/32 host")
}

/// The commands that take VIPs away delete lvsgen's own addresses, also when they run twice, and no other.
fn undo_deletes_only_the_vips() -> Result<(), String> {
    for target in ["openeuler", "debian", "ubuntu"] {
        let host = Host::new("web1", target, "mechanisms: { real_server_vip: rc-local }\n");
        let undo = host.commands("real_server_vip", "undo_before");
        let apply = host.commands("real_server_vip", "apply");
        let other = "ip address add 192.168.10.250/32 dev lo; sed -i '1a ip address replace 10.9.9.9/32 dev lo' /etc/rc*/rc.local /etc/rc.local 2>/dev/null || :";
        let show = "ip -o -4 address show dev lo scope global | awk '{print $4}'; ip -o -4 address show dev lo to 192.168.10.100/32";
        let run = format!("ip link set lo up\n{apply}{other}\n{undo}{undo}{show}");
        equal(&host.run(&run)?, "192.168.10.250/32")?;
    }
    Ok(())
}

/// Runs a unit's own commands by hand, in order: starts twice, then stops.
const RUN_UNIT: &str = r#"
run() { sed -n "s/^$1=-\{0,1\}//p" /etc/systemd/system/lvsgen-web-vip.service | sh -e; }
ip link set lo up
run ExecStart
run ExecStart
"#;

fn vip_unit_commands_twice() -> Result<(), String> {
    let host = Host::new("web1", "openeuler", UNIT);
    equal(&host.run(&format!("{RUN_UNIT}\n{ON_LO}"))?, "lo 192.168.10.100/32 host")?;
    silent(host.run(&format!("{RUN_UNIT}\nrun ExecStop\n{ON_LO}")))
}

const NIC: &str =
    "ip link add ens33 type veth peer name wire; ip link set ens33 up; ip link set wire up\n";

fn director_unit_commands_twice() -> Result<(), String> {
    let host = Host::new("lvs1", "debian-12", DIRECTOR_UNIT);
    let show = "ip -o address show dev ens33 scope global | awk '{print $2, $4, $NF}'; \
                ip -o address show dev ens33 | grep -o 'ens33:0'";
    let seen = host.run(&format!("{NIC}{RUN_UNIT}\n{show}"))?;
    assert!(seen.contains("192.168.10.100/32") && seen.contains("ens33:0"), "{seen}");
    let model = dual_stack();
    let host = Host::of_model("lvs1", "debian-12", &model);
    let seen =
        host.run(&format!("{NIC}{RUN_UNIT}\nip -o -6 address show dev ens33 scope global"))?;
    for part in ["2001:db8::100/128", "deprecated", "nodad"] {
        assert!(seen.contains(part), "{part} is not in {seen}");
    }
    Ok(())
}

/// The tutorial's cluster with an IPv6 address everywhere.
fn dual_stack() -> String {
    let mut model =
        lvsgen::embed::EXAMPLE.replace("192.168.10.0/24", "[192.168.10.0/24, 2001:db8::/64]");
    for host in 100..=104 {
        let old = format!("192.168.10.{host}");
        model = model.replace(&old, &format!("[{old}, 2001:db8::{host}]"));
    }
    model + DIRECTOR_UNIT
}

fn marked() -> Host {
    let model = lvsgen::embed::EXAMPLE.replace(
        "vip: 192.168.10.100, port: 80",
        "vip: 192.168.10.100, port: [80, 443], fwmark: 7",
    );
    Host::of_model("lvs1", "openeuler", &model)
}

fn sysctl() -> Result<(), String> {
    let file = "/etc/sysctl.d/99-zz-lvsgen-web.conf";
    for (host, key, wanted) in [
        ("web1", "net.ipv4.conf.all.arp_ignore", "1"),
        ("web1", "net.ipv4.conf.all.arp_announce", "2"),
        ("lvs1", "net.ipv4.conf.all.send_redirects", "0"),
        ("lvs1", "net.ipv4.conf.default.send_redirects", "0"),
        ("lvs1", "net.ipv4.conf.ens33.send_redirects", "0"),
    ] {
        let host = Host::new(host, "openeuler", "");
        for apply in ["sysctl -q -p", "/lib/systemd/systemd-sysctl"] {
            let set = format!("{NIC}sysctl -q -w {key}=5 || true; {apply} {file}; sysctl -n {key}");
            equal(&host.run(&set)?, wanted)?;
        }
    }
    Ok(())
}

fn sysctl_of_a_dotted_nic() -> Result<(), String> {
    let model = lvsgen::embed::EXAMPLE.replace("interface: ens33", "interface: eth0.10");
    let host = Host::of_model("lvs1", "openeuler", &model);
    let nic = "ip link add eth0.10 type veth peer name wire\n";
    for apply in ["sysctl -q -p", "/lib/systemd/systemd-sysctl"] {
        let set = format!("{nic}{apply} /etc/sysctl.d/99-zz-lvsgen-web.conf");
        let get = "cat /proc/sys/net/ipv4/conf/eth0.10/send_redirects";
        equal(&host.run(&format!("{set}; {get}"))?, "0")?;
    }
    Ok(())
}

fn nft() -> Result<(), String> {
    let host = marked();
    silent(host.run("nft -c -f /etc/lvsgen/web-packets.nft"))?;
    let loaded = host.run("nft -f /etc/lvsgen/web-packets.nft; nft -f /etc/lvsgen/web-packets.nft; nft list table inet lvsgen_web")?;
    let rule = "ip daddr 192.168.10.100 tcp dport { 80, 443 } meta mark set 0x00000007";
    assert_eq!(loaded.matches(rule).count(), 1, "{loaded}");
    Ok(())
}

/// A dual-stack cluster whose hosts use a mechanism for their VIPs.
fn dual_stack_by(need: &str, mechanism: &str) -> String {
    dual_stack().replace(DIRECTOR_UNIT, &format!("mechanisms: {{ {need}: {mechanism} }}\n"))
}

const ADDRESSES: &str =
    "ip -o address show | awk '{print $2, $4}' | grep -v 127.0.0.1 | grep -v fe80 | sort";

fn netplan_with_a_base_file() -> Result<(), String> {
    let host = Host::of_model("lvs1", "ubuntu", &dual_stack_by("director_vip", "netplan"));
    let generate = r#"
        mkdir -p /tmp/root/etc/netplan
        cat >/tmp/root/etc/netplan/50-cloud-init.yaml <<'END'
network: {version: 2, ethernets: {ens33: {dhcp4: true, addresses: [192.168.10.101/24]}}}
END
        cp -p /etc/netplan/90-lvsgen-web.yaml /tmp/root/etc/netplan/
        /usr/libexec/netplan/generate --root-dir /tmp/root
        cat /tmp/root/run/systemd/network/10-netplan-ens33.network
    "#;
    let network = host.run(generate)?;
    for line in [
        "DHCP=ipv4",
        "Address=192.168.10.101/24",
        "[Address]\nAddress=192.168.10.100/32\nLabel=ens33:0",
        "[Address]\nAddress=2001:db8::100/128\nPreferredLifetime=0",
    ] {
        assert!(network.contains(line), "{line}\nis not in\n{network}");
    }
    Ok(())
}

/// A VLAN on a bond that a file of the site defines: the drop-in has the name of the file that netplan makes, and netplan merges
/// lvsgen's own file.
fn netplan_with_a_vlan_of_the_site() -> Result<(), String> {
    let model = lvsgen::embed::EXAMPLE.replace("ens33", "bond0.100");
    let generate = r#"
        mkdir -p /tmp/root/etc/netplan
        cat >/tmp/root/etc/netplan/50-cloud-init.yaml <<'END'
network:
  version: 2
  ethernets: {ens33: {}, ens34: {}}
  bonds: {bond0: {interfaces: [ens33, ens34]}}
  vlans: {bond0.100: {id: 100, link: bond0, addresses: [192.168.10.101/24]}}
END
        cp -p /etc/netplan/90-lvsgen-web.yaml /tmp/root/etc/netplan/ 2>/dev/null || :
        /usr/libexec/netplan/generate --root-dir /tmp/root
        cat /tmp/root/run/systemd/network/10-netplan-bond0.100.network
        cat /etc/systemd/network/10-netplan-bond0.100.network.d/50-lvsgen-web.conf 2>/dev/null || :
    "#;
    for mechanism in ["networkd-drop-in", "netplan"] {
        let model = format!("{model}\nmechanisms: {{ director_vip: {mechanism} }}\n");
        let seen = Host::of_model("lvs1", "ubuntu", &model).run(generate)?;
        for line in ["Address=192.168.10.101/24", "[Address]\nAddress=192.168.10.100/32\n"] {
            assert!(seen.contains(line), "{mechanism}: {line}\nis not in\n{seen}");
        }
    }
    Ok(())
}

/// The masks of the processors, as the kernel takes them: groups of 32 bits in hexadecimal.
fn masks_of_processors() -> Result<(), String> {
    let host = Host::new("lvs1", "openeuler", "tuning: { queues: { count: auto } }\nallow: []\n");
    let seen = host.run(
        "sed -n '/^mask() {/,/^}/p; /^steers() {/p' /etc/lvsgen/web-queues.sh >/tmp/functions
         for shell in dash bash 'busybox ash'; do
             $shell -c '. /tmp/functions; for cpus in 0 0-1 0-30 0-31 0-32 0-95 0,2,4-5; do mask $cpus; done; steers 00000000,0000000f; steers 0,0' | xargs
         done | sort -u",
    )?;
    equal(
        &seen,
        "00000001 00000003 7fffffff ffffffff 00000001,ffffffff ffffffff,ffffffff,ffffffff 00000035 yes no",
    )
}

fn networkd_on_lo_and_nic() -> Result<(), String> {
    // Without a writable /sys networkd takes itself for a container's and waits for no udev.
    let run = format!(
        "{NIC}mount -o remount,ro /sys 2>/dev/null || mount -t sysfs -o ro sysfs /sys
         mkdir -p /run/systemd/netif/links /run/systemd/netif/leases
         chown -R systemd-network /run/systemd/netif
         timeout 20 /lib/systemd/systemd-networkd 2>/tmp/log & sleep 3
         {ADDRESSES}; ip -o -4 address show | grep -o 'scope .*' | sort; kill %1 || true"
    );
    let host = Host::of_model("web1", "debian-12", &dual_stack_by("real_server_vip", "networkd"));
    let lo = host.run(&run)?;
    for part in ["lo 192.168.10.100/32", "lo 2001:db8::100/128", "scope host lo:0"] {
        assert!(lo.contains(part), "{part}\nis not in\n{lo}");
    }
    let host = Host::of_model("lvs1", "debian-12", &dual_stack_by("director_vip", "networkd"));
    let nic = host.run(&run)?;
    for part in [
        "ens33 192.168.10.100/32",
        "ens33 192.168.10.101/24",
        "ens33 2001:db8::100/128",
        "ens33 2001:db8::101/64",
        "scope global ens33:0",
    ] {
        assert!(nic.contains(part), "{part}\nis not in\n{nic}");
    }
    Ok(())
}

/// The VIPs come and stay beside the stanza of the site, which takes its NIC down and up.
fn ifup_beside_a_stanza_of_the_site() -> Result<(), String> {
    let run = |nic: &str| {
        format!(
            "{NIC}mkdir -p /run/network
             printf 'auto lo\\niface lo inet loopback\\nauto ens33\\niface ens33 inet static\\naddress 192.0.2.7/24\\nsource interfaces.d/*\\n' >/etc/network/interfaces
             ifup --no-act --all >/dev/null 2>&1
             ifup --all; ifdown {nic}; ifup {nic}; ifup --force {nic} 2>/dev/null
             {ADDRESSES}"
        )
    };
    let host = Host::of_model("web1", "debian-12", &dual_stack_by("real_server_vip", "ifupdown"));
    let seen = host.run(&run("lo"))?;
    let wanted = "ens33 192.0.2.7/24\nlo 192.168.10.100/32\nlo 2001:db8::100/128\nlo ::1/128";
    equal(&seen, wanted)?;
    let host = Host::of_model("lvs1", "debian-12", &dual_stack_by("director_vip", "ifupdown"));
    let seen = host.run(&run("ens33"))?;
    for part in ["ens33 192.0.2.7/24", "ens33 192.168.10.100/32", "ens33 2001:db8::100/128"] {
        assert!(seen.contains(part), "{part}: {seen}");
    }
    Ok(())
}

fn nmcli_reads_keyfiles() -> Result<(), String> {
    // nmcli drops what it does not understand and ends well, so its whole answer counts.
    let read = "cd /etc/NetworkManager/system-connections
        nmcli --offline connection modify connection.autoconnect yes < $(ls) \
            | grep -E '^(address|gateway|dns|method|type|interface|\\[)'";
    let host = Host::of_model("web1", "rocky-9", &dual_stack_by("real_server_vip", "nm-keyfile"));
    let wanted = "[connection]\ntype=loopback\ninterface-name=lo\n[loopback]\n[ipv4]\n\
        address1=127.0.0.1/8\naddress2=192.168.10.100/32\nmethod=manual\n[ipv6]\n\
        address1=::1/128\naddress2=2001:db8::100/128\nmethod=manual\n[proxy]";
    let plain = |text: String| text.replace("addr-gen-mode=default\n", "");
    equal(&plain(host.run(read)?), wanted)?;
    let model = dual_stack_by("director_vip", "nm-keyfile")
        .replace("[192.168.10.100, 2001:db8::100]", "192.168.10.100")
        .replace("  interface: ens33", "  interface: ens33\n  dns: [192.168.10.53, 192.168.10.54]");
    let host = Host::of_model("lvs1", "rocky-9", &model);
    let seen = host.run(read)?;
    for part in [
        "address1=192.168.10.101/24",
        "address2=192.168.10.100/32",
        "192.168.10.2",
        "dns=192.168.10.53;192.168.10.54;",
        "address1=2001:db8::101/64",
    ] {
        assert!(seen.contains(part), "{part}\nis not in\n{seen}");
    }
    Ok(())
}

/// The model of the web servers, as a host sees it, and the questions that its web server answers. The share is away for the last
/// one.
const ASK_WEB: &str = r#"
    for url in http://127.0.0.1 http://127.0.0.1:8080 'http://[::1]:8080' https://127.0.0.1; do
        curl -sk -i $url/ | tr -d '\r' | grep -E '^X-LVS-Node|^shared' | xargs
    done
    curl -s http://127.0.0.1/lvs-node | grep -o '<h1>.*</h1>'
    curl -s -o /dev/null -w '%{content_type}\n' http://127.0.0.1/lvs-node
    rm -r /srv/pages
    curl -sk https://127.0.0.1/healthz | xargs
    curl -s -o /dev/null -w '%{http_code} %{content_type}\n' http://127.0.0.1:8080/healthz
"#;

fn answers_of(node: &str) -> String {
    let number = node.trim_start_matches("web");
    let shared = format!("X-LVS-Node: {node} shared\n").repeat(4);
    let page = format!("<h1>LVS cluster: test page of node {number}</h1>");
    format!("{shared}{page}\ntext/html\nok\n200 text/plain")
}

fn web_model() -> String {
    let golden = Path::new(env!("CARGO_MANIFEST_DIR")).join("golden/web/cluster.yaml");
    fs::read_to_string(golden).unwrap()
}

fn nginx_with_ports_and_tls() -> Result<(), String> {
    let host = Host::of_model("web1", "debian-12", &web_model());
    let run = format!(
        r#"
        ip link set lo up
        mkdir -p /srv/pages /var/log/nginx /var/lib/nginx
        echo shared >/srv/pages/index.html
        {CERTIFICATES}
        # The site of the package, which a new installation enables.
        mkdir -p /etc/nginx/sites-enabled
        ln -s /etc/nginx/sites-available/default /etc/nginx/sites-enabled/default
        nginx
        curl -s -o /dev/null -w '%{{http_code}}\n' http://127.0.0.1/lvs-node
        {}
        test ! -e /etc/nginx/sites-enabled/default
        sleep 1
        {ASK_WEB}
        rm /etc/nginx/conf.d/00-lvsgen-shop.conf
        {}
        ls /etc/nginx/sites-enabled
        nginx -s stop 2>/dev/null
    "#,
        host.commands("web_server", "apply")
            .replace("systemctl reload nginx.service", "nginx -s reload 2>/dev/null"),
        host.commands("web_server", "undo_after")
            .replace("systemctl try-reload-or-restart nginx.service", "true"),
    );
    let wanted = format!("404\n{}\ndefault", answers_of("web1"));
    equal(&host.run(&run)?, &wanted)
}

fn apache2_with_ports_and_tls() -> Result<(), String> {
    let host = Host::of_model("web5", "ubuntu-24.04", &web_model());
    let run = format!(
        r#"
        ip link set lo up
        mkdir -p /srv/pages /var/log/apache2 /var/lib/apache2 /run/lock
        echo shared >/srv/pages/index.html
        {CERTIFICATES}
        a2enmod -q mpm_event authz_core authz_host alias dir mime env setenvif headers socache_shmcb ssl >/dev/null 2>&1
        a2ensite -q 000-default >/dev/null
        # Two clusters of one host ask for the same port, and each has its own aliases.
        sed 's/lvs-node-shop/lvs-node-other/' /etc/apache2/conf-available/lvsgen-shop.conf >/etc/apache2/conf-available/lvsgen-z.conf
        a2enconf -q lvsgen-shop lvsgen-z >/dev/null
        echo "ServerName localhost" >>/etc/apache2/apache2.conf
        apache2ctl -t 2>&1 | grep -v AH00671
        apache2ctl start 2>/dev/null
        sleep 1
        {ASK_WEB}
        apache2ctl stop 2>/dev/null
    "#
    );
    equal(&host.run(&run)?, &format!("Syntax OK\n{}", answers_of("web5")))
}

fn apache2_of_debian() -> Result<(), String> {
    // A mount elsewhere than in Debian's own site: the shared pages are shown all the same.
    let model = lvsgen::embed::EXAMPLE.replace("mount: /var/www/html", "mount: /srv/pages");
    let host = Host::of_model("web1", "debian-12", &model);
    let run = r#"
        ip link set lo up
        mkdir -p /srv/pages /var/log/apache2 /var/lib/apache2 /run/lock
        echo shared >/srv/pages/index.html
        a2enmod -q mpm_event authz_core authz_host alias dir mime env setenvif headers >/dev/null 2>&1
        a2ensite -q 000-default >/dev/null
        a2enconf -q lvsgen-web >/dev/null
        echo "ServerName localhost" >>/etc/apache2/apache2.conf
        apache2ctl -t 2>&1
        apache2ctl start
        sleep 1
        curl -s -i http://127.0.0.1/ | tr -d '\r' | grep -E '^X-LVS-Node|^shared'
        curl -s http://127.0.0.1/lvs-node | grep -o '<h1>.*</h1>'
        apache2ctl stop
    "#;
    let wanted = "Syntax OK\nX-LVS-Node: web1\nshared\n<h1>LVS cluster: test page of node 1</h1>";
    equal(&host.run(run)?, wanted)
}
