//! The consumers, one function each.

use super::host::Host;

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
    ("vip_unit_commands_twice", vip_unit_commands_twice),
    ("director_unit_commands_twice", director_unit_commands_twice),
    ("sysctl", sysctl),
    ("sysctl_of_a_dotted_nic", sysctl_of_a_dotted_nic),
    ("nft", nft),
];

const UNIT: &str = "mechanisms: { real_server_vip: systemd-unit, director_vip: systemd-unit }\n";

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
ln -s /bin/true /sbin/ipvsadm
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
    for host in ["web1", "lvs1"] {
        let host = Host::new(host, "openeuler", UNIT);
        silent(host.run(&format!("{verify} /etc/systemd/system/lvsgen-vip.service")))?;
    }
    let marks = marked();
    silent(marks.run(&format!("{verify} /etc/systemd/system/lvsgen-marks.service")))
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
    assert!(line.starts_with("/opt/wwwroot 192.168.10.0/24("), "{line}");
    for option in ["ro", "sync", "root_squash", "no_subtree_check"] {
        assert!(line.contains(option), "{option} is not in {line}");
    }
    let break_it = "sed -i s/ro,/rx,/ /etc/exports.d/lvsgen.exports";
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
    // The commands of the profile run our block alone, whatever else is in the file.
    let apply = "sed -n '/^# BEGIN lvsgen/,/^# END lvsgen/p' /etc/rc.d/rc.local | sh -e";
    let run = format!("ip link set lo up; echo exit 3 >>/etc/rc.d/rc.local; {apply}; {ON_LO}");
    equal(&host.run(&run)?, "lo 192.168.10.100/32 host")
}

/// Runs a unit's own commands by hand, in order: starts twice, then stops.
const RUN_UNIT: &str = r#"
run() { sed -n "s/^$1=-\{0,1\}//p" /etc/systemd/system/lvsgen-vip.service | sh -e; }
ip link set lo up
run ExecStart
run ExecStart
"#;

fn vip_unit_commands_twice() -> Result<(), String> {
    let host = Host::new("web1", "openeuler", UNIT);
    equal(&host.run(&format!("{RUN_UNIT}\n{ON_LO}"))?, "lo 192.168.10.100/32 host")?;
    silent(host.run(&format!("{RUN_UNIT}\nrun ExecStop\n{ON_LO}")))
}

const NIC: &str = "ip link add ens33 type veth peer name wire; ip link set ens33 up\n";

fn director_unit_commands_twice() -> Result<(), String> {
    let host = Host::new("lvs1", "openeuler", UNIT);
    let show = "ip -o address show dev ens33 scope global | awk '{print $2, $4, $NF}'; \
                ip -o address show dev ens33 | grep -o 'ens33:0'";
    let seen = host.run(&format!("{NIC}{RUN_UNIT}\n{show}"))?;
    assert!(seen.contains("192.168.10.100/32") && seen.contains("ens33:0"), "{seen}");
    let model = dual_stack();
    let host = Host::of_model("lvs1", "openeuler", &model);
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
    model + UNIT
}

fn marked() -> Host {
    let model = lvsgen::embed::EXAMPLE.replace(
        "vip: 192.168.10.100, port: 80",
        "vip: 192.168.10.100, port: [80, 443], fwmark: 7",
    );
    Host::of_model("lvs1", "openeuler", &model)
}

fn sysctl() -> Result<(), String> {
    let file = "/etc/sysctl.d/99-zz-lvsgen.conf";
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
        let set = format!("{nic}{apply} /etc/sysctl.d/99-zz-lvsgen.conf");
        let get = "cat /proc/sys/net/ipv4/conf/eth0.10/send_redirects";
        equal(&host.run(&format!("{set}; {get}"))?, "0")?;
    }
    Ok(())
}

fn nft() -> Result<(), String> {
    let host = marked();
    silent(host.run("nft -c -f /etc/lvsgen/marks.nft"))?;
    let loaded = host.run("nft -f /etc/lvsgen/marks.nft; nft -f /etc/lvsgen/marks.nft; nft list table inet lvsgen_marks")?;
    let rule = "ip daddr 192.168.10.100 tcp dport { 80, 443 } meta mark set 0x00000007";
    assert_eq!(loaded.matches(rule).count(), 1, "{loaded}");
    Ok(())
}
